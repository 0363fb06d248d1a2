"""Makes analyses of uploads: the bytes are handed over where they lie."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import grpc
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.storage.growth_rows import UNKNOWN
from emotionmap_gateway.storage.objects import Written

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.intake import Wish
    from emotionmap_gateway.storage.upload_files import UploadFiles
    from emotionmap_gateway.storage.upload_rows import Upload
    from emotionmap_gateway.uploads import Uploads

HOPELESS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
"""What the media service says of bytes that it will never be able to read."""


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


async def adopt_early(uploads: Uploads, analyses: Analyses, upload_id: str, wish: Wish) -> str:
    """Make an analysis of an upload that still runs, if its index is there and names everything.

    The upload stays and takes bytes as before. One that is complete is adopted as ever.

    Args:
        uploads: Where it is.
        analyses: Where it goes.
        upload_id: Which.
        wish: As for `adopt`. With an idempotency key nothing begins early: it stands for the bytes
            too, which are not known yet.

    Returns:
        The id of the analysis.

    Raises:
        ServiceError: As `adopt`; FAILED_PRECONDITION `UPLOAD_NOT_FINISHED` also for whatever else
            keeps it from beginning now: the complete upload will tell.
    """
    made = await uploads.analysis_of(upload_id)
    upload = await uploads.growing(upload_id) if made is None else None
    if upload is None:
        return await adopt(uploads, analyses, upload_id, wish)
    if wish.idempotency_key or not await analyses.may_begin_early():
        raise refusals.not_finished()
    try:
        async with analyses.intake(upload) as intake:
            await intake.check(wish.options)
            return await intake.finish(wish.titled(upload.title))
    except grpc.aio.AioRpcError as error:
        raise refusals.not_finished() from error


async def adopt(uploads: Uploads, analyses: Analyses, upload_id: str, wish: Wish) -> str:
    """Make an analysis of a complete upload; asking again gives the same one.

    The upload is gone afterwards, also when its bytes cannot be analysed. It stays if trying again
    may help.

    Args:
        uploads: Where it is.
        analyses: Where it goes.
        upload_id: Which.
        wish: What is asked for; an empty title means the name that the upload was given.

    Returns:
        The id of the analysis.

    Raises:
        ServiceError: As `Uploads.using`, `Intake.check` and `Intake.finish`.
        grpc.aio.AioRpcError: As `Intake.finish`.
    """
    made = await uploads.analysis_of(upload_id)
    if made is not None:
        with suppress(ServiceError):  # it is gone already, or still grows
            async with uploads.using(upload_id):
                """All its bytes belong to the analysis that was begun early."""
        return made
    try:
        async with uploads.using(upload_id) as upload, analyses.intake(upload) as intake:
            await intake.check(wish.options)
            return await intake.finish(wish.titled(upload.title))
    except ServiceError as error:
        if error.reason != reasons.UPLOAD_NOT_FOUND:
            raise
        made = await uploads.analysis_of(upload_id)
        if made is None:
            raise
        return made
    except grpc.aio.AioRpcError as error:
        if error.code() in HOPELESS:
            with suppress(ServiceError):  # others who ask for the same come to the same
                await uploads.delete(upload_id)
        raise
