"""`emotionmap models`: fetches public models into the models folder."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.fetch import Patience, Unreachable, client_for, fetch
from emotionmap_cli.published import PUBLIC_MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    import httpx

    from emotionmap_cli.published import PublicFile, PublicModel

PLAIN_STEP: Final = 0.1
"""Share of a file after which another line is written, where there is no terminal."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ModelsRequest:
    """What the command line asks for.

    Attributes:
        folder: The models folder.
        only: Names of models; empty for each that has digests.
        sha256: Digest of the one file that has none of its own.
        is_list: Only say what there is.
    """

    folder: Path
    only: Sequence[str] = ()
    sha256: str | None = None
    is_list: bool = False


def default_folder() -> Path:
    """Return where models are kept unless the command line says otherwise."""
    named = os.environ.get("EMOTIONMAP_MODELS_DIR")
    return Path(named or Path(os.environ.get("EMOTIONMAP_DATA_DIR", ".emotionmap")) / "models")


def models(
    request: ModelsRequest,
    *,
    known: Sequence[PublicModel] = PUBLIC_MODELS,
    patience: Patience | None = None,
) -> None:
    """Fetch what is asked for and is not there yet; say what is there and what is not.

    Raises:
        BadInput: There is no such model, or its digest is missing.
        Failure: Something asked for could not be fetched; everything else was.
    """
    chosen = choose(known, only=request.only, sha256=request.sha256)
    if request.is_list:
        _print_list(known)
        return
    patience = patience or Patience()
    missing: list[str] = []
    silent_hosts: dict[str, str] = {}
    with client_for(patience) as client:
        for model in chosen:
            try:
                was_fetched = _fetch_model(client, model, request.folder, patience, silent_hosts)
            except Failure as failure:
                print(f"{model.name}: NOT fetched. {failure}", flush=True)
                missing.append(model.name)
            else:
                state = "fetched" if was_fetched else "was there"
                print(f"{model.name}: {state}. {model.use} Licence: {model.licence}.", flush=True)
    if missing:
        raise Failure(f"Not fetched: {', '.join(missing)}. Run it again to go on.")


def choose(
    known: Sequence[PublicModel], *, only: Sequence[str], sha256: str | None
) -> list[PublicModel]:
    """Return the models to fetch, each of their files with a digest.

    Raises:
        BadInput: A name is unknown, or a digest missing, malformed or superfluous.
    """
    by_name = {model.name: model for model in known}
    for name in only:
        if name not in by_name:
            raise BadInput(f"There is no public model {name!r}; there are: {', '.join(by_name)}.")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise BadInput(f"--sha256 {sha256!r} is not of 64 hex digits, in small letters.")
    if not only:
        chosen = [model for model in known if model.is_pinned]
    else:
        chosen = [by_name[name] for name in dict.fromkeys(only)]
    loose = [model for model in chosen if not model.is_pinned]
    if sha256 is not None and not (len(chosen) == len(loose) == 1):
        raise BadInput("--sha256 goes with --only and one model that has no digest of its own.")
    if sha256 is None and loose:
        raise BadInput(
            f"Nobody publishes a digest of {loose[0].name}: fetch it alone, and with "
            "--sha256 of a copy that you trust."
        )
    return [_with_digest(model, sha256) for model in chosen]


def _with_digest(model: PublicModel, sha256: str | None) -> PublicModel:
    files = tuple(replace(file, sha256=file.sha256 or sha256) for file in model.files)
    return replace(model, files=files)


def _fetch_model(
    client: httpx.Client,
    model: PublicModel,
    folder: Path,
    patience: Patience,
    silent_hosts: dict[str, str],
) -> bool:
    """Fetch each file of a model; return whether any was missing."""
    was_fetched = False
    for file in model.files:
        host = file.url.split("/")[2]
        if host in silent_hosts:
            raise Failure(silent_hosts[host])
        try:
            with showing(sys.stderr, model, file) as on_bytes:
                was_fetched |= fetch(client, file, folder, on_bytes=on_bytes, patience=patience)
        except Unreachable as failure:
            silent_hosts[host] = str(failure)
            raise
    return was_fetched


@contextmanager
def showing(
    stream: TextIO, model: PublicModel, file: PublicFile
) -> Iterator[Callable[[int, int | None], None]]:
    """Show on a stream how far a file is: a bar on a terminal, a few plain lines elsewhere."""
    name = f"{model.name}: {Path(file.path).name}"
    if not stream.isatty():
        yield _Lines(stream, name)
        return
    # Imported here: it is slow to load and only a terminal needs it.
    from rich import progress as rich_progress  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TransferSpeedColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    console = Console(file=stream)
    with rich_progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=file.size_bytes)
        yield lambda done, size: bar.update(task, completed=done, total=size)


class _Lines:
    """Writes a line whenever another tenth of a file has come."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._next_share = 0.0

    def __call__(self, done_bytes: int, size_bytes: int | None) -> None:
        share = done_bytes / size_bytes if size_bytes else self._next_share
        if share < self._next_share:
            return
        self._next_share = share + PLAIN_STEP if size_bytes else 2.0
        size = f" of {size_bytes / 1e6:.1f}" if size_bytes else ""
        print(f"{self._name}: {done_bytes / 1e6:.1f}{size} MB", file=self._stream, flush=True)


def _print_list(known: Sequence[PublicModel]) -> None:
    for model in known:
        sizes = [file.size_bytes for file in model.files]
        size = f"{sum(filter(None, sizes)) / 1e6:.1f} MB" if all(sizes) else "size unknown"
        pinned = "" if model.is_pinned else " Only with --sha256."
        print(f"{model.name} ({size}): {model.use}{pinned} Licence: {model.licence}.")
