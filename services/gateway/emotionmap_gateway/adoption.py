"""Makes analyses of uploads: the bytes are handed over where they lie."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway import upload_refusals as refusals

if TYPE_CHECKING:
    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.intake import Wish
    from emotionmap_gateway.uploads import Uploads

HOPELESS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
"""What the media service says of bytes that it will never be able to read."""


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
