"""Keeps objects in a store that is reached over the network: S3, or what speaks like it."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import grpc
import obstore
from emotionmap_runtime.errors import ServiceError
from obstore import exceptions
from obstore.store import from_url

from emotionmap_gateway import reasons
from emotionmap_gateway.storage.objects import BLOCK_BYTES, ObjectInfo, Written, check_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import TracebackType
    from typing import Self

    from obstore import AsyncWritableFile
    from obstore.store import ObjectStore, RetryConfig

    from emotionmap_gateway.storage.objects import ObjectWriter

PART_BYTES = 8 * 1024 * 1024
"""Bytes of a large object that are sent at once; at least 5 MiB, and S3 takes 10,000 of them."""
PARTS_AT_ONCE = 2
"""Parts of an object under way at the same time: what a sender holds in memory."""
DELETED_AT_ONCE = 1000

_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}


def open_store(url: str) -> ObjectStore:
    """Return the store at a URL; endpoint and credentials come from the environment."""
    # No options of the client: they would take the place of those of the environment.
    return from_url(url, retry_config=_RETRIES)


class StoredObjects:
    """Objects in a store; fulfils `Objects`."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def writer(self, key: str) -> ObjectWriter:
        """Return a writer for a new object, or for one that replaces another."""
        return _StoredWriter(self.store, check_key(key))

    async def stat(self, key: str) -> ObjectInfo:
        """Return what is known of an object."""
        with told():
            meta = await obstore.head_async(self.store, check_key(key))
        etag = (meta["e_tag"] or str(meta["last_modified"].timestamp())).strip('"')
        return ObjectInfo(meta["size"], f'"{etag}"')

    async def read(
        self, key: str, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Give the bytes in [start, end), at most `BLOCK_BYTES` at a time."""
        if end is not None and end <= start:
            return
        wanted: Any = {"range": {"offset": start} if end is None else (start, end)}
        with told():
            options = None if start == 0 and end is None else wanted
            found = await obstore.get_async(self.store, check_key(key), options=options)
            async for data in found.stream(min_chunk_size=BLOCK_BYTES):
                for block in _blocks(memoryview(data)):
                    yield block

    async def delete(self, key: str) -> None:
        """Delete an object; nothing happens if there is none."""
        with told():
            try:
                await obstore.delete_async(self.store, check_key(key))
            except (exceptions.NotFoundError, FileNotFoundError):
                return

    async def delete_prefix(self, prefix: str) -> None:
        """Delete every object whose key starts with `prefix` and a slash."""
        keys = [key async for key, _ in self.entries(check_key(prefix))]
        with told():
            for at in range(0, len(keys), DELETED_AT_ONCE):
                await obstore.delete_async(self.store, keys[at : at + DELETED_AT_ONCE])

    async def entries(self, prefix: str) -> AsyncIterator[tuple[str, Any]]:
        """Give the keys that start with `prefix` and a slash, and what is known of each."""
        with told():
            async for metas in obstore.list(self.store, f"{prefix}/"):
                for meta in metas:
                    yield meta["path"], meta

    async def list_folders(self, prefix: str) -> list[str]:
        """Return the names that follow `prefix` and a slash in keys, up to the next slash."""
        with told():
            found = await obstore.list_with_delimiter_async(self.store, f"{check_key(prefix)}/")
        return sorted(name.rstrip("/").rsplit("/", 1)[-1] for name in found["common_prefixes"])

    async def discard_incoming(self) -> None:
        """Do nothing: what was not finished never was an object; the bucket's rules remove it."""

    def close(self) -> None:
        """Do nothing: connections end by themselves."""


class _StoredWriter:
    """Sends large objects in parts; what is not committed is taken back."""

    def __init__(self, store: ObjectStore, key: str) -> None:
        self._store = store
        self._key = key
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self._parts: AsyncWritableFile | None = None
        self.size_bytes = 0

    async def __aenter__(self) -> Self:
        return self

    async def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size_bytes += len(data)
        self._buffer += data
        if len(self._buffer) >= PART_BYTES:
            with told():
                await self._send_part()

    async def commit(self) -> Written:
        """Make the object appear."""
        with told():
            if self._parts is None:
                data = self._take_buffer()
                await obstore.put_async(self._store, self._key, data, use_multipart=False)
            else:
                await self._send_part()
                await self._parts.close()
                self._parts = None
        return Written(self.size_bytes, self._hash.hexdigest())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._parts is not None:
            # Left with an error, so that the store drops the parts, however the caller ends.
            dropping = self._parts.__aexit__(asyncio.CancelledError, asyncio.CancelledError(), None)
            with suppress(exceptions.BaseError):
                await asyncio.shield(asyncio.ensure_future(dropping))

    async def _send_part(self) -> None:
        if self._parts is None:
            self._parts = obstore.open_writer_async(
                self._store, self._key, buffer_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
            )
            await self._parts.__aenter__()
        await self._parts.write(self._take_buffer())

    def _take_buffer(self) -> bytes:
        data, self._buffer = bytes(self._buffer), bytearray()
        self._hash.update(data)
        return data


def _blocks(data: memoryview) -> Iterator[bytes]:
    for at in range(0, len(data), BLOCK_BYTES):
        yield bytes(data[at : at + BLOCK_BYTES])


@contextmanager
def told() -> Iterator[None]:
    """Raise what callers know in place of what the store's client says.

    Raises:
        FileNotFoundError: There is no such object.
        ServiceError: UNAVAILABLE `SERVICE_UNAVAILABLE`: the store does not answer, or refuses.
    """
    try:
        yield
    except exceptions.NotFoundError as error:
        raise FileNotFoundError(str(error)) from None
    except exceptions.BaseError as error:
        raise ServiceError(
            grpc.StatusCode.UNAVAILABLE,
            reasons.SERVICE_UNAVAILABLE,
            "The object store does not answer as it should; try again soon.",
        ) from error
