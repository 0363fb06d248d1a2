"""What keeps bytes under keys: a folder, see local_objects.py, or a store, see stored_objects.py.

A key is 1-256 characters of [a-z0-9._/-], without ".." and without "/" at its start. An object
appears whole or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType
    from typing import Self

BLOCK_BYTES = 1024 * 1024
"""Bytes gathered before they are hashed and written, and read at once at most."""

_KEY = re.compile(r"[a-z0-9_-][a-z0-9._/-]{0,255}")


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it."""

    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    size_bytes: int
    sha256: str


class ObjectWriter(Protocol):
    """Takes the bytes of one object. Leaving its block without `commit` leaves nothing behind."""

    size_bytes: int

    async def write(self, data: bytes) -> None:
        """Take the next bytes."""

    async def commit(self) -> Written:
        """Make the object appear."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Objects(Protocol):
    """Where objects are kept."""

    def writer(self, key: str) -> ObjectWriter:
        """Return a writer for a new object, or for one that replaces another."""

    async def stat(self, key: str) -> ObjectInfo:
        """Return what is known of an object.

        Raises:
            FileNotFoundError: There is none.
        """

    def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes in [start, end), at most `BLOCK_BYTES` at a time.

        Raises:
            FileNotFoundError: There is none.
        """

    async def delete(self, key: str) -> None:
        """Delete an object; nothing happens if there is none."""

    async def delete_prefix(self, prefix: str) -> None:
        """Delete every object whose key starts with `prefix` and a slash."""

    async def list_folders(self, prefix: str) -> list[str]:
        """Return the names that follow `prefix` and a slash in keys, up to the next slash."""

    async def discard_incoming(self) -> None:
        """Remove what an earlier process did not finish writing; only at the start, and alone."""

    def close(self) -> None:
        """Let go of what it holds."""


def check_key(key: str) -> str:
    """Return a key.

    Raises:
        ValueError: It is malformed.
    """
    if not _KEY.fullmatch(key) or ".." in key:
        raise ValueError(f"malformed key {key!r}")
    return key


async def read_all(objects: Objects, key: str) -> bytes:
    """Return the bytes of a small object.

    Raises:
        FileNotFoundError: There is none.
    """
    return b"".join([block async for block in objects.read(key)])


async def write_all(objects: Objects, key: str, data: bytes) -> None:
    """Write a small object."""
    async with objects.writer(key) as writer:
        await writer.write(data)
        await writer.commit()
