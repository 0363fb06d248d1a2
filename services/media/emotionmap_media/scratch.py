"""Folders for files that are being made, which go with the process, however it ends.

Each process has one of its own and holds a lock on it as long as it lives; what a killed one left
is removed when the next starts.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "emotionmap-media-"

log = logging.getLogger(__name__)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder until the block ends; remove those of processes that are dead."""
    _sweep(Path(tempfile.gettempdir()))
    folder, lock = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """Return a new folder and the lock on it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            lock = _locked(folder)
            # Another process may have swept it before it was locked.
            if lock is not None and folder.exists():
                return folder, lock
            if lock is not None:
                os.close(lock)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, or already gone
            lock = _locked(folder)
            if lock is not None:
                shutil.rmtree(folder)
                os.close(lock)
                log.info("scratch of a dead process removed", extra={"folder": folder.name})


def _locked(folder: Path) -> int | None:
    """Return a lock on a folder, None if another process has one.

    Raises:
        OSError: It cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
