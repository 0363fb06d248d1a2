"""Reads media where they lie in an object store, by ranges: what is not needed is never sent."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import grpc
import obstore
from emotionmap_runtime.errors import ServiceError
from obstore import exceptions
from obstore.store import from_url

from emotionmap_media import reasons
from emotionmap_media.seekable import SeekableReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import ObjectStore, RetryConfig

BLOCK_BYTES: Final = 256 * 1024
"""Smallest stretch that is read."""
MOST_AT_ONCE: Final = 8
"""Blocks read at once while they are wanted one after the other."""
KEPT_BLOCKS: Final = 64
"""Blocks that a reader keeps: 16 MiB; enough for pictures and sound that lie apart."""

_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}


def open_store(url: str) -> ObjectStore:
    """Return the store at a URL; endpoint and credentials come from the environment."""
    # No options of the client: they would take the place of those of the environment.
    return from_url(url, retry_config=_RETRIES)


class StoredMedia:
    """One object of a store, for one call. Not to be used by several threads at once.

    Attributes:
        size_bytes: Its size.
        bytes_read: Bytes that were asked for so far, by all its readers.
        requests: Requests that were made so far.
        failure: Why the store could not be read, if it could not. FFmpeg takes that for the end of
            the file.
    """

    def __init__(self, store: ObjectStore, key: str, *, size_bytes: int) -> None:
        self._store = store
        self._key = key
        self.size_bytes = size_bytes
        self.bytes_read = self.requests = 0
        self.failure: ServiceError | None = None

    def open(self) -> RangeReader:
        """Return a reader from the beginning on."""
        return RangeReader(self)

    def fetch(self, start: int, end: int) -> bytes:
        """Return the bytes in [start, end).

        Raises:
            ServiceError: UNAVAILABLE `MEDIA_STORE_UNAVAILABLE`; NOT_FOUND `MEDIA_NOT_FOUND`.
        """
        try:
            with told():
                data = bytes(obstore.get_range(self._store, self._key, start=start, end=end))
        except ServiceError as error:
            self.failure = error
            raise
        self.requests += 1
        self.bytes_read += len(data)
        return data

    def check(self) -> None:
        """Return if everything that was asked for could be read.

        Raises:
            ServiceError: As `fetch`.
        """
        if self.failure is not None:
            raise self.failure


class RangeReader(SeekableReader):
    """A seekable file of an object's bytes; keeps some of them."""

    def __init__(self, media: StoredMedia) -> None:
        super().__init__(media.size_bytes)
        self._media = media
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead = 1
        self._next = 0

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes, as many as lie in one block at most; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._size_bytes or not view:
            return 0
        number, skipped = divmod(self._at, BLOCK_BYTES)
        data = self._block(number)[skipped : skipped + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as many as are asked for unless the file ends before."""
        left = self._size_bytes - self._at
        wanted = left if size is None or size < 0 else min(size, left)
        data = bytearray()
        while len(data) < wanted:
            piece = bytearray(wanted - len(data))
            data += piece[: self.readinto(piece)]
        return bytes(data)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            self._fetch(number)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, number: int) -> None:
        """Read a block; more behind it, twice as many each time, while they are read in order."""
        is_next = number == self._next or number - 1 in self._blocks
        self._ahead = min(2 * self._ahead, MOST_AT_ONCE) if is_next and number else 1
        start = number * BLOCK_BYTES
        end = min(start + self._ahead * BLOCK_BYTES, self._size_bytes)
        data = self._media.fetch(start, end)
        for at in range(0, len(data), BLOCK_BYTES):
            self._blocks[number + at // BLOCK_BYTES] = data[at : at + BLOCK_BYTES]
        self._next = number + self._ahead
        while len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)


@contextmanager
def told() -> Iterator[None]:
    """Raise what callers know in place of what the store's client says.

    Raises:
        ServiceError: As `StoredMedia.fetch`.
    """
    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError):
        raise ServiceError(
            grpc.StatusCode.NOT_FOUND, reasons.MEDIA_NOT_FOUND, "There is no such media."
        ) from None
    except exceptions.BaseError as error:
        raise ServiceError(
            grpc.StatusCode.UNAVAILABLE,
            reasons.MEDIA_STORE_UNAVAILABLE,
            "The object store does not answer as it should; try again soon.",
        ) from error
