"""Finds media in the object store: a key names a regular file below one folder, or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons

if TYPE_CHECKING:
    from pathlib import Path

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
    parts = key.split("/")
    if len(key) > MAX_KEY_CHARS or not _KEY.fullmatch(key) or not {".", ".."}.isdisjoint(parts):
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_KEY_INVALID,
            "The media key must be 1-256 characters of a-z, 0-9, '.', '_', '-' and '/'.",
        )
    folder = root.resolve()
    path = (folder / key).resolve()
    # A link could lead out of the folder; what lies outside does not exist for us.
    if not path.is_relative_to(folder) or not path.is_file():
        raise ServiceError(
            grpc.StatusCode.NOT_FOUND, reasons.MEDIA_NOT_FOUND, "There is no such media."
        )
    _check_size(path.stat().st_size, max_bytes=max_bytes)
    return path


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
