"""Uploads as what an analysis is made of: the bytes are handed over where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from emotionmap.v1 import media_service_pb2

from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.storage.growth_rows import UNKNOWN
from emotionmap_gateway.storage.objects import Written

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from emotionmap_gateway.storage.upload_files import UploadFiles
    from emotionmap_gateway.storage.upload_rows import Upload


class CompleteUpload:
    """An upload whose bytes are all there, as a source of one object."""

    def __init__(self, upload: Upload, files: UploadFiles) -> None:
        self.id = upload.id
        self.title = upload.title
        self.growing: media_service_pb2.GrowingMedia | None = None
        self._size_bytes = upload.length_bytes
        self._files = files

    def writer(self, key: str) -> _Handover:
        """Return what makes the object appear; nothing is left to write."""
        return _Handover(self._files, self.id, key, self._size_bytes)


class GrowingUpload(CompleteUpload):
    """An upload of which bytes are still to come, as a source of one object."""

    def __init__(self, upload: Upload, files: UploadFiles, *, readable_bytes: int) -> None:
        super().__init__(upload, files)
        self.growing = media_service_pb2.GrowingMedia(
            readable_bytes=readable_bytes, total_bytes=upload.length_bytes
        )

    def writer(self, key: str) -> _Handover:
        """Return what makes the object appear; the rest is written by others."""
        return _Loan(self._files, self.id, key, self._size_bytes)


class _Handover:
    """Fulfils `ObjectWriter` for bytes that are there."""

    def __init__(self, files: UploadFiles, upload_id: str, key: str, size_bytes: int) -> None:
        self._files = files
        self._id = upload_id
        self._key = key
        self.size_bytes = size_bytes

    async def write(self, data: bytes) -> NoReturn:
        raise AssertionError(f"{len(data)} bytes for an upload that is complete")

    async def commit(self) -> Written:
        """Make the object appear."""
        return await self._files.publish(self._id, self._key)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bytes where they are."""


class _Loan(_Handover):
    """Hands over bytes that are still to come."""

    async def commit(self) -> Written:
        """Make the object appear.

        Raises:
            ServiceError: FAILED_PRECONDITION `UPLOAD_NOT_FINISHED`: it cannot appear before.
        """
        if not await self._files.lend(self._id, self._key):
            raise refusals.not_finished()
        return Written(self.size_bytes, UNKNOWN)
