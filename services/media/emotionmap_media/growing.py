"""Reads a local file of which bytes are still to come, as if they were all there.

What is not there yet is no end of the file: whoever needs it fails. So what comes out is what the
complete file gives, or nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.seekable import SeekableReader

if TYPE_CHECKING:
    from pathlib import Path


class GrowingMedia:
    """One file, for one call. Not to be used by several threads at once.

    Args:
        path: Absolute path of a regular file.
        readable_bytes: Bytes from the first on that are there.
        total_bytes: Bytes of the complete file.

    Attributes:
        size_bytes: Size of the complete file, or of what is read of it as if that were all.
        is_stump: Whether it is the latter: its end is not that of the file.
        failure: Says that bytes were needed that are not there, if they were. FFmpeg takes that
            for the end of the file.
    """

    def __init__(self, path: Path, *, readable_bytes: int, total_bytes: int) -> None:
        self._path = path
        self._readable_bytes = readable_bytes
        self.size_bytes = total_bytes
        self.is_stump = False
        self.failure: ServiceError | None = None

    def open(self) -> GrowingReader:
        """Return a reader from the beginning on."""
        return GrowingReader(self, os.open(self._path, os.O_RDONLY))

    @property
    def there_bytes(self) -> int:
        """How many bytes are there, from the first on."""
        return min(self._readable_bytes, self.size_bytes)

    def hide_from(self, at: int) -> None:
        """Take what lies behind a place for not yet there."""
        self._readable_bytes = min(self._readable_bytes, at)

    def end_at(self, at: int) -> None:
        """Read the file as if it ended at a place; who meets that end must call `fail`."""
        self.size_bytes, self.is_stump = at, True

    def left(self, at: int) -> int:
        """Return how many bytes can be read from a position on; 0 only at the end of the file.

        Raises:
            ServiceError: FAILED_PRECONDITION `MEDIA_INCOMPLETE`.
        """
        left = self.there_bytes - at
        if left <= 0 and at < self.size_bytes:
            raise self.fail()
        return max(0, left)

    def fail(self) -> ServiceError:
        """Note and return that bytes were needed that are not there."""
        self.failure = incomplete()
        return self.failure

    def check(self) -> None:
        """Return if all bytes that were needed were there.

        Raises:
            ServiceError: As `left`.
        """
        if self.failure is not None:
            raise self.failure


class GrowingReader(SeekableReader):
    """A seekable file of the bytes that are there. Closed when nobody uses it any more.

    Args:
        media: What they are of.
        handle: The open file.
    """

    def __init__(self, media: GrowingMedia, handle: int) -> None:
        super().__init__(media.size_bytes)
        self._media = media
        self._handle = handle

    @property
    def there_bytes(self) -> int:
        """How many bytes are there, from the first on."""
        return self._media.there_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as many as are there at most; none only at the true end.

        Raises:
            ServiceError: As `GrowingMedia.left`.
        """
        left = self._media.left(self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        data = os.pread(self._handle, wanted, self._at)
        if wanted and not data:  # the disk of another machine, which is told late
            raise self._media.fail()
        self._at += len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._handle)
        super().close()


def incomplete() -> ServiceError:
    """Return what says that bytes are needed that are still to come."""
    return ServiceError(
        grpc.StatusCode.FAILED_PRECONDITION,
        reasons.MEDIA_INCOMPLETE,
        "Bytes of this file that are needed are still to come.",
    )
