"""Keeps the bytes of uploads as files of a folder, on the same disk as the objects."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.storage.local_objects import INCOMING, sync_folder
from emotionmap_gateway.storage.objects import BLOCK_BYTES as READ_BYTES
from emotionmap_gateway.storage.objects import Written
from emotionmap_gateway.storage.upload_files import BLOCK_BYTES, UploadAppender

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from emotionmap_gateway.storage.local_objects import LocalObjects

FOLDER = ".uploads"

HASHES = 4096
"""Uploads whose SHA-256 is carried on from one request to the next; others are read again."""

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS})


class LocalUploads:
    """Uploads as files; fulfils `UploadFiles`."""

    def __init__(self, objects: LocalObjects) -> None:
        self._objects = objects
        self._root = objects.root
        (self._root / FOLDER).mkdir(parents=True, exist_ok=True)
        # Of the first so many bytes of an upload.
        self._hashes: OrderedDict[str, tuple[int, hashlib._Hash]] = OrderedDict()

    async def create(self, upload_id: str) -> None:
        """Begin an upload without bytes."""
        path = self._path(upload_id)

        def create() -> None:
            path.open("xb").close()
            sync_folder(path.parent)

        await self._objects.run(create)

    async def size_bytes(self, upload_id: str) -> int:
        """Return how many bytes are stored, after they are made to outlive a loss of power."""
        path = self._path(upload_id)

        def settle() -> int:
            with path.open("rb") as file:
                os.fsync(file.fileno())
                return os.fstat(file.fileno()).st_size

        return await self._objects.run(settle)

    def appender(
        self, upload_id: str, *, offset: int, cut: bool, algorithm: str | None
    ) -> UploadAppender:
        """Return what stores the bytes from an offset on."""
        digest = None if algorithm is None else hashlib.new(algorithm, usedforsecurity=False)
        return _FileAppender(self, upload_id, offset=offset, cut=cut, digest=digest)

    async def publish(self, upload_id: str, key: str) -> Written:
        """Make an object of the bytes."""
        source, target = self._path(upload_id), self._objects.path(key)

        def publish() -> Written:
            size_bytes = source.stat().st_size
            carried, running = self._hashes.get(upload_id, (-1, None))
            sha256 = running.copy() if running and carried == size_bytes else _sha256(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._link(source, target)
            sync_folder(target.parent)
            return Written(size_bytes, sha256.hexdigest())

        return await self._objects.run(publish)

    async def lend(self, upload_id: str, key: str) -> bool:
        """Make an object of the same file; False where a file can have but one name."""
        source, target = self._path(upload_id), self._objects.path(key)

        def lend() -> bool:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, target)
            except FileNotFoundError:  # deleted meanwhile
                return False
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                return False
            sync_folder(target.parent)
            return True

        return await self._objects.run(lend)

    def known_sha256(self, upload_id: str) -> str | None:
        """Return the SHA-256 of what is stored if this process saw all of it come."""
        carried, running = self._hashes.get(upload_id, (-1, None))
        try:
            is_all = carried == self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return None
        return running.hexdigest() if running is not None and is_all else None

    async def delete(self, upload_id: str) -> None:
        """Remove the bytes; nothing happens if there are none."""
        self._hashes.pop(upload_id, None)
        path = self._path(upload_id)
        await self._objects.run(lambda: path.unlink(missing_ok=True))

    async def ids_untouched_since(self, time_s: float) -> list[str]:
        """Return the ids of what was last written before a time, seconds since 1970 UTC."""
        folder = self._root / FOLDER

        def find() -> list[str]:
            return [path.name for path in folder.iterdir() if path.stat().st_mtime < time_s]

        return await self._objects.run(find)

    def carried_hash(self, upload_id: str, size_bytes: int) -> hashlib._Hash | None:
        """Return the SHA-256 of the first so many bytes, if it is known."""
        if size_bytes == 0:
            return hashlib.sha256()
        carried, running = self._hashes.get(upload_id, (-1, None))
        return running if carried == size_bytes else None

    def carry_hash(self, upload_id: str, size_bytes: int, running: hashlib._Hash | None) -> None:
        """Keep a SHA-256 for whoever goes on."""
        self._hashes.pop(upload_id, None)
        if running is None:
            return
        self._hashes[upload_id] = (size_bytes, running)
        if len(self._hashes) > HASHES:
            self._hashes.popitem(last=False)

    async def open(self, upload_id: str) -> FileIO:
        """Open the file of an upload for an appender."""
        return await self._objects.open(self._path(upload_id), "r+b")

    @property
    def objects(self) -> LocalObjects:
        """The objects, whose threads do the work."""
        return self._objects

    def _path(self, upload_id: str) -> Path:
        if not upload_id.isalnum():
            raise ValueError(f"malformed id {upload_id!r}")
        return self._root / FOLDER / upload_id

    def _link(self, source: Path, target: Path) -> None:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            incoming = self._root / INCOMING / secrets.token_hex(16)
            shutil.copyfile(source, incoming)
            with incoming.open("rb") as file:
                os.fsync(file.fileno())
            incoming.replace(target)


class _FileAppender:
    """Writes at an offset, never just at the end: bytes that come twice lie in the same place."""

    def __init__(
        self,
        uploads: LocalUploads,
        upload_id: str,
        *,
        offset: int,
        cut: bool,
        digest: hashlib._Hash | None,
    ) -> None:
        self._uploads = uploads
        self._id = upload_id
        self._start = self.size_bytes = offset
        self._cut = cut
        self._digest = digest
        self._sha256 = uploads.carried_hash(upload_id, offset)
        self._sha256_before = self._sha256 and self._sha256.copy()
        self._buffer = bytearray()
        # A cancelled caller leaves a thread at work on the file that another then closes.
        self._lock = threading.Lock()
        self._file: FileIO | None = None

    async def __aenter__(self) -> Self:
        self._file = await self._uploads.open(self._id)
        try:
            await self._uploads.objects.run(self._prepare)
        except BaseException:
            self._file.close()
            raise
        return self

    async def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        if len(self._buffer) >= BLOCK_BYTES:
            await self._uploads.objects.run(self._flush)

    async def sync(self) -> int:
        """Make what was taken outlive a loss of power; return `size_bytes`."""
        return await self._uploads.objects.run(self._sync)

    async def rewind(self) -> None:
        """Discard what this appender took."""
        await self._uploads.objects.run(self._rewind)

    def digest(self) -> bytes:
        """Return the digest of what this appender stored."""
        assert self._digest is not None
        return self._digest.digest()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Done however often the caller is cancelled.
        await asyncio.shield(asyncio.ensure_future(self._uploads.objects.run(self._close)))
        self._uploads.carry_hash(self._id, self.size_bytes, self._sha256)

    def _prepare(self) -> None:
        handle = self._handle()
        try:
            # Kept out: other processes on the same folder. The system lets go when one is killed.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusals.busy() from None
        size_bytes = os.fstat(handle).st_size
        if size_bytes < self._start or (size_bytes > self._start and not self._cut):
            raise refusals.busy()
        os.ftruncate(handle, self._start)

    def _flush(self) -> None:
        with self._lock:
            self._store()

    def _sync(self) -> int:
        with self._lock:
            self._store()
            os.fsync(self._handle())
            return self.size_bytes

    def _rewind(self) -> None:
        with self._lock:
            self._buffer.clear()
            os.ftruncate(self._handle(), self._start)
            os.fsync(self._handle())
            self.size_bytes = self._start
            self._sha256 = self._sha256_before

    def _close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()

    def _store(self) -> None:
        """Write the buffer; what does not fit on the disk is dropped and not counted."""
        block, self._buffer = self._buffer, bytearray()
        remaining = memoryview(block)
        while remaining:
            written = remaining[: os.pwrite(self._handle(), remaining, self.size_bytes)]
            for digest in (self._sha256, self._digest):
                if digest is not None:
                    digest.update(written)
            self.size_bytes += len(written)
            remaining = remaining[len(written) :]

    def _handle(self) -> int:
        assert self._file is not None
        return self._file.fileno()


def _sha256(path: Path) -> hashlib._Hash:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(READ_BYTES):
            digest.update(block)
    return digest
