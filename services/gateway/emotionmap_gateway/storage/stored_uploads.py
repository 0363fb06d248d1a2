"""Keeps the bytes of uploads in a store: each stretch that came is an object named by its offset.

Such a store can neither append nor say how far a file is. Names tell the order, sizes the offset,
and a name that is taken tells that another process was faster.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import obstore
from obstore import exceptions

from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.storage.stored_objects import PART_BYTES, told

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from emotionmap_gateway.storage.objects import Written
    from emotionmap_gateway.storage.stored_objects import StoredObjects
    from emotionmap_gateway.storage.upload_files import UploadAppender

ROOT = "uploads"
_START = "begun"
"""Name of the empty object that says that there is an upload; after all offsets."""


class StoredUploads:
    """Uploads as objects; fulfils `UploadFiles`."""

    def __init__(self, objects: StoredObjects) -> None:
        self.objects = objects

    async def create(self, upload_id: str) -> None:
        """Begin an upload without bytes."""
        with told():
            await obstore.put_async(self.objects.store, f"{_folder(upload_id)}/{_START}", b"")

    async def size_bytes(self, upload_id: str) -> int:
        """Return how many bytes are stored."""
        parts = await self.parts(upload_id)
        return sum(size_bytes for _, size_bytes in parts)

    def appender(
        self, upload_id: str, *, offset: int, cut: bool, algorithm: str | None
    ) -> UploadAppender:
        """Return what stores the bytes from an offset on."""
        digest = None if algorithm is None else hashlib.new(algorithm, usedforsecurity=False)
        return _PartAppender(self, upload_id, offset=offset, cut=cut, digest=digest)

    async def publish(self, upload_id: str, key: str) -> Written:
        """Make an object of the bytes; they come and go once more, a part at a time."""
        async with self.objects.writer(key) as writer:
            for part, _ in await self.parts(upload_id):
                async for block in self.objects.read(part):
                    await writer.write(block)
            return await writer.commit()

    async def lend(self, upload_id: str, key: str) -> bool:
        """Return False: an object does not grow."""
        del upload_id, key
        return False

    def known_sha256(self, upload_id: str) -> str | None:
        """Return None: nothing is known."""
        del upload_id
        return None

    async def delete(self, upload_id: str) -> None:
        """Remove the bytes; nothing happens if there are none."""
        await self.objects.delete_prefix(_folder(upload_id))

    async def ids_untouched_since(self, time_s: float) -> list[str]:
        """Return the ids of what was last written before a time, seconds since 1970 UTC."""
        newest: dict[str, float] = {}
        async for key, meta in self.objects.entries(ROOT):
            upload_id = key.split("/")[-2]
            written_s = meta["last_modified"].timestamp()
            newest[upload_id] = max(written_s, newest.get(upload_id, 0))
        return [upload_id for upload_id, written_s in newest.items() if written_s < time_s]

    async def parts(self, upload_id: str) -> list[tuple[str, int]]:
        """Return the keys and sizes of what follows each other from the first byte on.

        Raises:
            FileNotFoundError: There is no such upload.
        """
        found = sorted(await self._stored(upload_id))
        parts: list[tuple[str, int]] = []
        offset = 0
        for key, size_bytes in found:
            if key.endswith(_START) or _offset(key) != offset:
                break
            parts.append((key, size_bytes))
            offset += size_bytes
        return parts

    async def remove_from(self, upload_id: str, offset: int) -> None:
        """Remove the parts that begin at an offset or behind it."""
        for key, _ in await self._stored(upload_id):
            if not key.endswith(_START) and _offset(key) >= offset:
                await self.objects.delete(key)

    async def add(self, upload_id: str, offset: int, data: bytes) -> None:
        """Store a part.

        Raises:
            ServiceError: ABORTED `UPLOAD_BUSY`: another process has stored one there.
        """
        key = f"{_folder(upload_id)}/{offset:016d}"
        with told():
            try:
                await obstore.put_async(self.objects.store, key, data, mode="create")
            except exceptions.AlreadyExistsError:
                raise refusals.busy() from None

    async def _stored(self, upload_id: str) -> list[tuple[str, int]]:
        found = [(k, m["size"]) async for k, m in self.objects.entries(_folder(upload_id))]
        if not found:
            raise FileNotFoundError(upload_id)
        return found


class _PartAppender:
    """Stores what comes as parts; those of one request follow each other."""

    def __init__(
        self,
        uploads: StoredUploads,
        upload_id: str,
        *,
        offset: int,
        cut: bool,
        digest: Any,
    ) -> None:
        self._uploads = uploads
        self._id = upload_id
        self._start = self.size_bytes = offset
        self._cut = cut
        self._digest = digest
        self._buffer = bytearray()

    async def __aenter__(self) -> Self:
        stored = await self._uploads.size_bytes(self._id)
        if stored < self._start or (stored > self._start and not self._cut):
            raise refusals.busy()
        if stored > self._start:
            await self._uploads.remove_from(self._id, self._start)
        return self

    async def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        if len(self._buffer) >= PART_BYTES:
            await self._store()

    async def sync(self) -> int:
        """Make what was taken outlive a loss of power; return `size_bytes`."""
        if self._buffer:
            await self._store()
        return self.size_bytes

    async def rewind(self) -> None:
        """Discard what this appender took."""
        self._buffer.clear()
        await self._uploads.remove_from(self._id, self._start)
        self.size_bytes = self._start

    def digest(self) -> bytes:
        """Return the digest of what this appender stored."""
        digest: bytes = self._digest.digest()
        return digest

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._buffer.clear()

    async def _store(self) -> None:
        data, self._buffer = bytes(self._buffer), bytearray()
        await self._uploads.add(self._id, self.size_bytes, data)
        self.size_bytes += len(data)
        if self._digest is not None:
            self._digest.update(data)


def _folder(upload_id: str) -> str:
    if not upload_id.isalnum():
        raise ValueError(f"malformed id {upload_id!r}")
    return f"{ROOT}/{upload_id}"


def _offset(key: str) -> int:
    return int(key.rsplit("/", 1)[-1])
