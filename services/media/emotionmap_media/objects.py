"""Finds media: a key names a regular file below one folder, or an object of a store, or nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import grpc
import obstore
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.stored import StoredMedia, told

if TYPE_CHECKING:
    from obstore.store import ObjectStore

Source: TypeAlias = Path | StoredMedia | GrowingMedia
"""Where the bytes of a file are: on a disk, in an object store, or still on their way to a disk."""

_KEY = re.compile(r"[a-z0-9_.-]+(?:/[a-z0-9_.-]+)*")
MAX_KEY_CHARS = 256


def resolve(key: str, *, root: Path, max_bytes: int) -> Path:
    """Return the absolute path of an object.

    Args:
        key: 1-256 chars of [a-z0-9._/-], no "..", no leading "/".
        root: Folder of the objects.
        max_bytes: Largest size that is accepted.

    Raises:
        ServiceError: MEDIA_KEY_INVALID, MEDIA_NOT_FOUND, MEDIA_EMPTY or MEDIA_TOO_LARGE.
    """
    _check_key(key)
    folder = root.resolve()
    path = (folder / key).resolve()
    # A link could lead out of the folder; what lies outside does not exist for us.
    if not path.is_relative_to(folder) or not path.is_file():
        raise ServiceError(
            grpc.StatusCode.NOT_FOUND, reasons.MEDIA_NOT_FOUND, "There is no such media."
        )
    _check_size(path.stat().st_size, max_bytes=max_bytes)
    return path


async def find(key: str, *, store: ObjectStore, max_bytes: int) -> StoredMedia:
    """Return an object of a store.

    Args:
        key: As for `resolve`.
        store: Where it lies.
        max_bytes: Largest size that is accepted.

    Raises:
        ServiceError: As `resolve`, and UNAVAILABLE `MEDIA_STORE_UNAVAILABLE`.
    """
    _check_key(key)
    with told():
        size_bytes = (await obstore.head_async(store, key))["size"]
    _check_size(size_bytes, max_bytes=max_bytes)
    return StoredMedia(store, key, size_bytes=size_bytes)


def _check_key(key: str) -> None:
    parts = key.split("/")
    if len(key) > MAX_KEY_CHARS or not _KEY.fullmatch(key) or not {".", ".."}.isdisjoint(parts):
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_KEY_INVALID,
            "The media key must be 1-256 characters of a-z, 0-9, '.', '_', '-' and '/'.",
        )


def _check_size(size_bytes: int, *, max_bytes: int) -> None:
    if size_bytes == 0:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT, reasons.MEDIA_EMPTY, "The file is empty."
        )
    if size_bytes > max_bytes:
        raise ServiceError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            reasons.MEDIA_TOO_LARGE,
            f"The file has {size_bytes} bytes; at most {max_bytes} are accepted.",
            metadata={"size_bytes": str(size_bytes), "max_bytes": str(max_bytes)},
        )
