"""`emotionmap analyze`: one video in, its timeline out, nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emotionmap_cli.client import PATIENCE_S, GatewayClient, Limits, is_bad_input
from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.local import LOCK_NAME, check_options, locked, running
from emotionmap_cli.models import default_folder
from emotionmap_cli.progress import showing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emotionmap_cli.progress import Progress

MAX_BYTES: Final = 500_000_000
FORMATS: Final = ("json", "csv", "vtt", "edl", "fcpxml", "otio", "skip_list")
FOLDER_PREFIX: Final = "emotionmap-"
"""What the temporary data folders are called."""


@dataclass(frozen=True, slots=True)
class AnalyzeRequest:
    """What the command line asks for.

    Args:
        video: The video.
        document_format: One of FORMATS.
        out: Where the document goes; None is stdout.
        options: Options of the analysis, as the HTTP API takes them.
        server: Base URL of a gateway; None starts one for this analysis alone.
        keep: Leave the analysis on the server.
        timeout_s: When to give up; None is never.
    """

    video: Path
    document_format: str = "json"
    out: Path | None = None
    options: Mapping[str, Any] | None = None
    server: str | None = None
    keep: bool = False
    timeout_s: float | None = None


def analyze(request: AnalyzeRequest, *, patience_s: float = PATIENCE_S) -> None:
    """Analyse a video and write its timeline.

    Args:
        request: What to do.
        patience_s: How long the gateway may be away.

    Raises:
        BadInput: The video or an option is refused.
        Failure: Anything else.
    """
    check_video(request.video)
    check_out(request.out, video=request.video)
    deadline_s = None if request.timeout_s is None else time.monotonic() + request.timeout_s
    limits = Limits(patience_s=patience_s, deadline_s=deadline_s)
    with showing(sys.stderr) as progress, _gateway(request, limits, progress) as client:
        document = _analysed(client, request, progress)
    if request.out is None:
        _print(document)
    else:
        write(request.out, document)


def check_video(path: Path) -> None:
    """Return if a file may be a video that can be analysed.

    Raises:
        BadInput: It is missing, no file, empty, too large or not readable.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}.") from error
    except ValueError:
        raise BadInput("The name of the video is no file name.") from None
    if not stat.S_ISREG(status.st_mode):
        raise BadInput(f"{path} is no file.")
    if status.st_size == 0:
        raise BadInput(f"{path} is empty.")
    if status.st_size > MAX_BYTES:
        raise BadInput(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
    if not os.access(path, os.R_OK):
        raise BadInput(f"{path} cannot be read: permission denied.")


def check_out(path: Path | None, *, video: Path) -> None:
    """Return if a document can be written there; None is stdout.

    Raises:
        BadInput: It is a folder or the video, or its folder is missing or not writable.
        Failure: There is no stdout.
    """
    if path is None:
        if sys.stdout is None:
            raise Failure("Standard output is closed; --out takes the name of a file.")
        return
    if path.is_dir():
        raise BadInput(f"{path} is a folder; --out takes the name of a file.")
    if not path.parent.is_dir():
        raise BadInput(f"The folder {path.parent} does not exist.")
    if path.exists() and path.samefile(video):
        raise BadInput(f"{path} is the video; --out takes the name of another file.")
    if not os.access(path if _is_device(path) else path.parent, os.W_OK):
        raise BadInput(f"{path} cannot be written: permission denied.")


def write(path: Path, document: bytes) -> None:
    """Write a file so that nobody ever sees half of it; a device or a pipe is written to.

    Raises:
        Failure: It cannot be written.
    """
    try:
        if _is_device(path):
            path.write_bytes(document)
            return
        target = path.resolve()  # a link stays a link
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".emotionmap-")
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(document)
                os.fchmod(handle, mode)
                os.fsync(handle)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.") from error


def _print(document: bytes) -> None:
    """Write a document to stdout.

    Raises:
        BrokenPipeError: Whoever read it has left.
        Failure: It cannot be written.
    """
    try:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer goes nowhere, or the interpreter would try it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Failure(f"Standard output cannot be written: {error.strerror}.") from error


@contextmanager
def _gateway(
    request: AnalyzeRequest, limits: Limits, progress: Progress
) -> Iterator[GatewayClient]:
    """Give a client of the named gateway, or of one that lives for this analysis alone."""
    if request.server is not None:
        with GatewayClient(request.server, limits=limits, check=lambda: None) as client:
            yield client
        return
    check_options(request.options or {})
    _sweep()
    progress.starting()
    with (
        tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as folder,
        running(Path(folder), models_dir=default_folder()) as system,
        GatewayClient(system.base_url, limits=limits, check=system.check) as client,
    ):
        yield client


def _sweep() -> None:
    """Remove the folders of runs that were killed; the folder of a live one is locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with suppress(OSError, Failure):
            if (folder / LOCK_NAME).stat().st_uid == os.getuid():
                with locked(folder):
                    shutil.rmtree(folder)


def _analysed(client: GatewayClient, request: AnalyzeRequest, progress: Progress) -> bytes:
    """Return the document of a new analysis, which is deleted however this ends, unless kept."""
    analysis = client.create(
        request.video, options=request.options or {}, on_sent=progress.uploading
    )
    analysis_id = str(analysis["id"])
    try:
        _await_success(client, analysis_id, progress)
        document = client.timeline(analysis_id, document_format=request.document_format)
    except BaseException:
        client.abandon(analysis_id)
        raise
    if request.keep:
        return document
    client.abandon(analysis_id)
    return without_pictures(document) if request.document_format == "json" else document


def without_pictures(document: bytes) -> bytes:
    """Return a JSON timeline without the paths of pictures, which go with the analysis."""
    timeline = json.loads(document)
    for person in timeline.get("people", ()):
        person["thumbnail"] = None
    return (json.dumps(timeline, indent=2, ensure_ascii=False) + "\n").encode()


def _await_success(client: GatewayClient, analysis_id: str, progress: Progress) -> None:
    segments = 0
    for kind, data in client.watch(analysis_id):
        if kind == "intervals":
            segments += 1
        if kind != "analysis":
            continue
        progress.analysing(float(data["progress"]), segments=segments)
        if data["state"] == "FAILED":
            failure = data.get("failure") or {}
            message = str(failure.get("message") or "The analysis failed.")
            raise (BadInput if is_bad_input(str(failure.get("reason", ""))) else Failure)(message)
        if data["state"] == "CANCELLED":
            raise Failure("The analysis was cancelled.")


def _umask() -> int:
    """Return the file mode creation mask; reading it means setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()
