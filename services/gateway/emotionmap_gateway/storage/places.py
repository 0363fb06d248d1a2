"""Chooses where objects and the bytes of uploads lie: in a folder, or in a store by URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.storage.local_uploads import LocalUploads
from emotionmap_gateway.storage.stored_objects import StoredObjects, open_store
from emotionmap_gateway.storage.stored_uploads import StoredUploads

if TYPE_CHECKING:
    from pathlib import Path

    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.storage.upload_files import UploadFiles


def open_places(url: str | None, folder: Path) -> tuple[Objects, UploadFiles]:
    """Return where objects and uploads lie: in the store at a URL, or else in a folder."""
    if url is None:
        local = LocalObjects(folder)
        return local, LocalUploads(local)
    stored = StoredObjects(open_store(url))
    return stored, StoredUploads(stored)
