"""Objects as files of a folder, each written under another name and renamed."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from emotionmap_gateway.storage.objects import BLOCK_BYTES, ObjectInfo, Written, check_key
from emotionmap_gateway.storage.space import told_when_full

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import Future
    from io import FileIO
    from types import TracebackType
    from typing import Self

    from emotionmap_gateway.storage.objects import ObjectWriter

INCOMING = ".incoming"
"""Folder of objects that are not complete yet."""

REMOVAL_TRIES = 5
"""Of a folder in which others still remove or write something."""

Result = TypeVar("Result")


class LocalObjects:
    """Objects as files of a folder."""

    def __init__(self, root: Path) -> None:
        self.root = self._root = root
        (root / INCOMING).mkdir(parents=True, exist_ok=True)
        # Files of its own threads: slow disks must not hold up anything else.
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="objects")

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def path(self, key: str) -> Path:
        """Return the file of a key.

        Raises:
            ValueError: The key is malformed.
        """
        return self._root / check_key(key)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do blocking work on the threads of this store.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `STORAGE_FULL`.
        """
        with told_when_full():
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def open(self, path: Path, mode: Literal["rb", "r+b", "xb"]) -> FileIO:
        """Open a file without a buffer. If the caller is cancelled meanwhile, it is undone."""
        opening = self._threads.submit(path.open, mode, buffering=0)
        try:
            with told_when_full():
                return await asyncio.wrap_future(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_undo)
            raise

    def writer(self, key: str) -> ObjectWriter:
        """Return a writer for a new object, or for one that replaces another."""
        incoming = self._root / INCOMING / secrets.token_hex(16)
        return _FileWriter(self, incoming, self.path(key))

    async def stat(self, key: str) -> ObjectInfo:
        """Return what is known of an object."""
        status = await self.run(self.path(key).stat)
        return ObjectInfo(status.st_size, f'"{status.st_mtime_ns:x}-{status.st_size:x}"')

    async def read(
        self, key: str, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Give the bytes in [start, end), at most `BLOCK_BYTES` at a time."""
        path = self.path(key)
        file = await self.open(path, "rb")
        try:
            await self.run(lambda: file.seek(start))
            position = start
            while end is None or position < end:
                wanted = BLOCK_BYTES if end is None else min(BLOCK_BYTES, end - position)
                block = await self.run(lambda size=wanted: file.read(size))  # type: ignore[misc]
                if not block:
                    return
                position += len(block)
                yield block
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Delete an object; nothing happens if there is none."""
        path = self.path(key)
        await self.run(lambda: path.unlink(missing_ok=True))

    async def delete_prefix(self, prefix: str) -> None:
        """Delete every object whose key starts with `prefix` and a slash."""
        path = self.path(prefix)
        await self.run(lambda: _remove_tree(path))

    async def list_folders(self, prefix: str) -> list[str]:
        """Return the names that follow `prefix` and a slash in keys, up to the next slash."""
        path = self.path(prefix)
        return await self.run(
            lambda: sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
        )

    async def discard_incoming(self) -> None:
        """Remove what an earlier process did not finish writing; only at the start."""
        folder = self._root / INCOMING

        def discard() -> None:
            for path in folder.iterdir():
                path.unlink()

        await self.run(discard)


class _FileWriter:
    """Writes a file under another name, then renames it."""

    def __init__(self, objects: LocalObjects, incoming: Path, target: Path) -> None:
        self._objects = objects
        self._incoming = incoming
        self._target = target
        self._file: FileIO | None = None
        # A cancelled caller leaves a thread at work on the file that another then discards.
        self._lock = threading.Lock()
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    async def __aenter__(self) -> Self:
        self._file = await self._objects.open(self._incoming, "xb")
        return self

    async def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size_bytes += len(data)
        self._buffer += data
        if len(self._buffer) >= BLOCK_BYTES:
            await self._objects.run(self._flush)

    async def commit(self) -> Written:
        """Make the object appear."""
        await self._objects.run(self._finish)
        return Written(self.size_bytes, self._hash.hexdigest())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Done however often the caller is cancelled.
        await asyncio.shield(asyncio.ensure_future(self._objects.run(self._discard)))

    def _flush(self) -> None:
        with self._lock:
            self._write_buffer()

    def _finish(self) -> None:
        with self._lock:
            self._write_buffer()
            assert self._file is not None
            os.fsync(self._file.fileno())
            self._file.close()
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._incoming.replace(self._target)
            sync_folder(self._target.parent)

    def _discard(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._incoming.unlink(missing_ok=True)

    def _write_buffer(self) -> None:
        assert self._file is not None
        # A write to a file may take less than it was given.
        remaining = memoryview(bytes(self._buffer))
        self._buffer.clear()
        self._hash.update(remaining)
        while remaining:
            remaining = remaining[self._file.write(remaining) :]


def _remove_tree(path: Path) -> None:
    """Remove a folder and all in it; nothing happens if there is none.

    What others remove meanwhile is gone, too. What they write meanwhile may stay: whoever writes
    to what is deleted removes that.
    """
    for _ in range(REMOVAL_TRIES):
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            if not path.exists():
                return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
        else:
            return


def _undo(opening: Future[FileIO]) -> None:
    """Close what was opened for nobody, and remove it if it is new."""
    if opening.cancelled() or opening.exception() is not None:
        return
    file = opening.result()
    file.close()
    if "x" in file.mode:
        Path(str(file.name)).unlink()


def sync_folder(folder: Path) -> None:
    """Make a rename outlive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
