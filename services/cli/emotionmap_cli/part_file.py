"""A file that is still arriving: NAME.part, which one process writes and a later one continues."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from emotionmap_cli.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX: Final = ".part"
READ_BYTES: Final = 1 << 20


class PartFile:
    """What has arrived of a file.

    Attributes:
        done_bytes: How much that is.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._digest = hashlib.sha256()
        self.done_bytes = 0
        while chunk := os.read(descriptor, READ_BYTES):
            self._digest.update(chunk)
            self.done_bytes += len(chunk)

    @property
    def sha256(self) -> str:
        """Digest of what has arrived, as hex digits."""
        return self._digest.hexdigest()

    def append(self, chunk: bytes) -> None:
        """Add what came next.

        Raises:
            Failure: The disk is full, or the file cannot be written for another reason.
        """
        left = memoryview(chunk)
        try:
            while left:
                written = os.write(self._descriptor, left)
                self._digest.update(left[:written])
                self.done_bytes += written
                left = left[written:]
        except OSError as error:
            raise Failure(
                f"It cannot be written: {error.strerror}; "
                f"{self.done_bytes / 1e6:.1f} MB are kept for the next run."
            ) from error

    def clear(self) -> None:
        """Forget what has arrived."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._digest = hashlib.sha256()
        self.done_bytes = 0

    def check_room(self, size_bytes: int) -> None:
        """Return if the rest of a file of that size finds room.

        Raises:
            Failure: It does not.
        """
        status = os.fstatvfs(self._descriptor)
        free_bytes = status.f_bavail * status.f_frsize
        needed_bytes = size_bytes - self.done_bytes
        if free_bytes < needed_bytes:
            raise Failure(
                f"{os.strerror(errno.ENOSPC)}: {needed_bytes / 1e6:.1f} MB are needed, "
                f"{free_bytes / 1e6:.1f} MB are free."
            )

    def sync(self) -> None:
        """Return when the disk has it."""
        os.fsync(self._descriptor)


@contextmanager
def writing(path: Path) -> Iterator[PartFile]:
    """Give the part file of a path, which no other process writes meanwhile; it stays if not empty.

    Raises:
        Failure: Another process writes it, or it cannot be written.
    """
    part = path.with_name(path.name + SUFFIX)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(part, flags, 0o644)
    except OSError as error:
        raise Failure(f"{part} cannot be written: {error.strerror}.") from error
    try:
        if not _is_ours(descriptor, part):
            raise Failure(f"Another process is fetching {path.name}.")
        try:
            yield PartFile(descriptor)
        finally:
            if os.fstat(descriptor).st_size == 0:
                part.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int, part: Path) -> bool:
    with suppress(FileNotFoundError, BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Else another process has just finished it and given it its name.
        return os.path.samestat(os.fstat(descriptor), part.stat())
    return False
