"""Fetches one file over HTTP so that it is either there and right, or not there.

What has arrived lies in NAME.part, from where a later run goes on; NAME appears at once and whole,
after its digest was checked. This knows no models and prints nothing.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from emotionmap_cli.failures import Failure
from emotionmap_cli.part_file import SUFFIX, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from emotionmap_cli.part_file import PartFile
    from emotionmap_cli.published import PublicFile

MAX_BYTES: Final = 4_000_000_000
"""Most that is taken of a file whose size is not known."""

MIN_STEP_BYTES: Final = 1_000_000
"""A try that brings this much does not count as failed: the next one may be as lucky."""

RETRIED_STATUS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on.

    Attributes:
        tries: Failed tries in a row after which a file is given up.
        pause_s: Pause before the second try; it doubles each time.
        max_pause_s: Longest pause, also where the server asks for a longer one.
        connect_s: Longest time until a connection stands.
        silence_s: Longest time without a byte.
        slow_s: Within each such time at least `slow_bytes` must come.
        slow_bytes: See there.
    """

    tries: int = 4
    pause_s: float = 0.5
    max_pause_s: float = 20.0
    connect_s: float = 10.0
    silence_s: float = 30.0
    slow_s: float = 60.0
    slow_bytes: int = 64_000


class Unreachable(Failure):
    """The host of a file does not answer; its other files need not be tried."""


class _Again(Exception):  # noqa: N818 - no error, but the way to the next try
    """This try failed; another may not."""

    def __init__(self, reason: str, *, pause_s: float = 0.0) -> None:
        super().__init__(reason)
        self.pause_s = pause_s


def client_for(patience: Patience) -> httpx.Client:
    """Return an HTTP client that heeds the proxies and certificates of the environment.

    Raises:
        Failure: The environment names a proxy or certificates that cannot be used.
    """
    timeout = httpx.Timeout(patience.silence_s, connect=patience.connect_s)
    # Nothing may be compressed on the way: ranges count the bytes of the file.
    headers = {"Accept-Encoding": "identity", "User-Agent": "emotionmap"}
    try:
        return httpx.Client(timeout=timeout, headers=headers, follow_redirects=True)
    except (ImportError, ValueError, OSError) as error:
        raise Failure(f"The proxy or certificates of the environment: {error}.") from error


def fetch(
    client: httpx.Client,
    file: PublicFile,
    folder: Path,
    *,
    on_bytes: Callable[[int, int | None], None] = lambda _done, _size: None,
    patience: Patience | None = None,
) -> bool:
    """Bring a file into a folder.

    Args:
        client: From `client_for`.
        file: What to fetch; it has a digest.
        folder: The models folder; nothing is written outside it.
        on_bytes: Told how many bytes are there, of how many, whenever more have come.
        patience: How long to go on.

    Returns:
        False if it was there already.

    Raises:
        Failure: It could not be brought, or is not what it must be; the message says why.
    """
    path = inside(folder, file.path)
    try:
        if path.is_file() and sha256_of(path) == file.sha256:
            return False
        with writing(path) as part:
            _Download(client, file, part, on_bytes, patience or Patience()).run()
            part.sync()
            path.with_name(path.name + SUFFIX).replace(path)
    except OSError as error:
        raise Failure(f"{path} cannot be used: {error.strerror}.") from error
    return True


def inside(folder: Path, relative: str) -> Path:
    """Return the place of a file in a folder, whose own folder is made.

    Raises:
        Failure: It would lie elsewhere, by its name or by a link, or cannot be made.
    """
    root = folder.resolve()
    parent = (root / relative).parent.resolve()
    if not parent.is_relative_to(root):
        raise Failure(f"{folder / relative} is not inside {folder}.")
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"{parent} cannot be made: {error.strerror}.") from error
    return parent / Path(relative).name


def sha256_of(path: Path) -> str:
    """Return the digest of a file as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Download:
    """One file on its way into a part file."""

    def __init__(
        self,
        client: httpx.Client,
        file: PublicFile,
        part: PartFile,
        on_bytes: Callable[[int, int | None], None],
        patience: Patience,
    ) -> None:
        self._client = client
        self._file = file
        self._part = part
        self._on_bytes = on_bytes
        self._patience = patience
        self._host = httpx.URL(file.url).host
        self._size_bytes = file.size_bytes
        self._etag: str | None = None

    def run(self) -> None:
        """Return when the whole file is there and right.

        Raises:
            Failure: It could not be fetched, or is another file and was deleted.
        """
        was_resumed = self._part.done_bytes > 0
        self._fetch()
        if was_resumed and self._part.sha256 != self._file.sha256:
            self._part.clear()  # what an earlier run left may be of another file
            self._fetch()
        if (found := self._part.sha256) != self._file.sha256:
            self._part.clear()
            raise Failure(
                f"What {self._host} gave has SHA-256 {found}, but {self._file.sha256} is expected; "
                "it was deleted."
            )

    def _fetch(self) -> None:
        failed = 0
        while not self._is_complete():
            before_bytes = self._part.done_bytes
            try:
                self._transfer()
            except (_Again, httpx.TransportError) as error:
                has_stepped = self._part.done_bytes - before_bytes >= MIN_STEP_BYTES
                failed = 1 if has_stepped else failed + 1
                if failed >= self._patience.tries:
                    raise self._given_up(error) from error
                self._pause(failed, error)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise Failure(f"{self._host}: {error}.") from error
            else:
                return

    def _is_complete(self) -> bool:
        if self._size_bytes is None:
            return False
        if self._part.done_bytes > self._size_bytes:
            self._part.clear()
        return self._part.done_bytes == self._size_bytes

    def _given_up(self, error: Exception) -> Failure:
        reason = str(error) or type(error).__name__
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
            return Unreachable(f"{self._host} cannot be reached: {reason}.")
        kept = f"; {self._part.done_bytes / 1e6:.1f} MB are kept for the next run"
        return Failure(f"{self._host}: {reason}{kept if self._part.done_bytes else ''}.")

    def _pause(self, failed: int, error: Exception) -> None:
        asked_s = error.pause_s if isinstance(error, _Again) else 0.0
        pause_s = max(asked_s, self._patience.pause_s * 2 ** (failed - 1))
        time.sleep(min(pause_s, self._patience.max_pause_s))

    def _transfer(self) -> None:
        """Make one request and take what it brings.

        Raises:
            _Again: It brought less than the file.
        """
        done_bytes = self._part.done_bytes
        headers = {"Range": f"bytes={done_bytes}-"} if done_bytes else {}
        if headers and self._etag:
            headers["If-Range"] = self._etag
        with self._client.stream("GET", self._file.url, headers=headers) as response:
            start, total = _range_of(response)
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and done_bytes:
                if total == done_bytes:
                    return
                self._part.clear()
                raise _Again("it has less than was fetched before")
            self._check_status(response)
            if response.status_code == httpx.codes.PARTIAL_CONTENT:
                self._continue_at(start, total)
            else:
                self._begin(response)
            etag = response.headers.get("ETag", "")
            self._etag = None if etag.startswith("W/") else etag or None
            self._receive(response)
        if self._size_bytes is not None and self._part.done_bytes < self._size_bytes:
            raise _Again(f"it ended after {self._part.done_bytes} of {self._size_bytes} bytes")

    def _check_status(self, response: httpx.Response) -> None:
        status = f"{response.status_code} {response.reason_phrase}".strip()
        if response.status_code in RETRIED_STATUS:
            asked = response.headers.get("Retry-After", "")
            raise _Again(f"it answers {status}", pause_s=float(asked) if asked.isdecimal() else 0)
        if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise Failure(f"{self._host} answers {status}.")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise Failure(f"{self._host} sends the file compressed, unasked.")

    def _continue_at(self, start: int | None, total: int | None) -> None:
        self._expect(total)
        if start != self._part.done_bytes:
            self._part.clear()
            raise _Again("it gave another part than was asked for")

    def _begin(self, response: httpx.Response) -> None:
        length = response.headers.get("Content-Length", "")
        self._expect(int(length) if length.isdecimal() else None)
        self._part.clear()

    def _expect(self, total: int | None) -> None:
        """Note how long the file is there; what has arrived stays if that is wrong."""
        expected = self._file.size_bytes
        if total is not None and expected is not None and total != expected:
            raise Failure(f"What {self._host} has is {total} bytes long, not {expected}.")
        self._size_bytes = expected if expected is not None else total
        if self._size_bytes is not None:
            self._part.check_room(self._size_bytes)

    def _receive(self, response: httpx.Response) -> None:
        limit_bytes = MAX_BYTES if self._size_bytes is None else self._size_bytes
        since_s, since_bytes = time.monotonic(), self._part.done_bytes
        for chunk in response.iter_raw():
            if self._part.done_bytes + len(chunk) > limit_bytes:
                self._part.clear()
                raise Failure(f"What {self._host} sends is longer than {limit_bytes} bytes.")
            self._part.append(chunk)
            self._on_bytes(self._part.done_bytes, self._size_bytes)
            now_s = time.monotonic()
            if now_s - since_s >= self._patience.slow_s:
                if self._part.done_bytes - since_bytes < self._patience.slow_bytes:
                    raise _Again("it sends next to nothing")
                since_s, since_bytes = now_s, self._part.done_bytes


def _range_of(response: httpx.Response) -> tuple[int | None, int | None]:
    """Return where the content starts and how long the whole file is, as far as it says so."""
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None:
        return None, None
    start, total = found.groups()
    return (int(start) if start else None, int(total) if total.isdecimal() else None)
