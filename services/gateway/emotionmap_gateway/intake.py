"""Takes in the bytes of one video and makes an analysis of them, or leaves nothing behind."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.channel import begin_call
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.telemetry import call_context
from emotionmap_runtime.tracing import current_traceparent

from emotionmap_gateway import reasons
from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.documents.words import one_line
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_rows import NewAnalysis
from emotionmap_gateway.storage.idempotency import idempotency_of
from emotionmap_gateway.work.kinds import ANALYSIS_JOBS, EARLY_JOBS
from emotionmap_gateway.work.pipeline import audio_margin

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from emotionmap.v1 import analysis_service_pb2 as pb

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.models import Models
    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.objects import Objects, ObjectWriter, Written
    from emotionmap_gateway.upload_sources import CompleteUpload
    from emotionmap_gateway.work.jobs import Jobs
    from emotionmap_gateway.work.turns import Turns

ANNOUNCED_S = 2.0
"""For so long after it was begun, was complete, and was queued, an upload is reckoned with; not
while its bytes come, as that may take an hour."""

MAX_TITLE_CHARS = 255
UNTITLED = "Untitled"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for besides the bytes. Options are checked, defaults filled in."""

    title: str
    options: pb.AnalysisOptions
    idempotency_key: str | None

    def titled(self, name: str) -> Wish:
        """Return the same with a title, if it has none."""
        return self if clean_title(self.title) else replace(self, title=name)


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What an intake needs."""

    store: AnalysisStore
    objects: Objects
    backends: Backends
    models: Models
    jobs: Jobs
    turns: Turns
    max_media_bytes: int
    probe_timeout_s: float


class Intake:
    """One video, sent now or uploaded before. Leaving its block without `finish` leaves nothing."""

    def __init__(self, parts: IntakeParts, upload: CompleteUpload | None = None) -> None:
        self._parts = parts
        self._upload = upload
        self._id = secrets.token_hex(12)
        self._cleanup = AsyncExitStack()
        self._writer: ObjectWriter | None = None
        self._inserting: asyncio.Task[str] | None = None

    async def __aenter__(self) -> Self:
        self._cleanup.push_async_callback(self._discard)
        self._announce()
        source = self._parts.objects if self._upload is None else self._upload
        writer = source.writer(keys.media(self._id))
        self._writer = await self._cleanup.enter_async_context(writer)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._cleanup.aclose()

    async def check(self, options: pb.AnalysisOptions) -> None:
        """Refuse options that no service can fulfil; called as soon as they are known.

        Raises:
            ServiceError: As `Models.check`.
        """
        await self._parts.models.check(options)

    async def write(self, data: bytes) -> None:
        """Take the next bytes of the video.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `MEDIA_TOO_LARGE`.
        """
        assert self._writer is not None
        check_size(self._writer.size_bytes + len(data), self._parts.max_media_bytes)
        await self._writer.write(data)

    async def finish(self, wish: Wish) -> str:
        """Probe the video and queue its analysis.

        Returns:
            The id of the new analysis, or of the one that the idempotency key was used for.

        Raises:
            ServiceError: INVALID_ARGUMENT `MEDIA_EMPTY`; ALREADY_EXISTS `IDEMPOTENCY_KEY_REUSED`.
            grpc.aio.AioRpcError: Of the media service: the bytes cannot be analysed.
        """
        self._announce()
        assert self._writer is not None
        if self._writer.size_bytes == 0:
            raise ServiceError(
                grpc.StatusCode.INVALID_ARGUMENT, reasons.MEDIA_EMPTY, "The video has no bytes."
            )
        written = await self._writer.commit()
        idempotency = idempotency_of(wish.idempotency_key, written.sha256, wish.options)
        earlier = await self._parts.store.earlier(idempotency) if idempotency else None
        if earlier is not None:
            return earlier
        new = await self._probed(wish, written)
        # Not given up if the client leaves now: a row that is there needs its bytes.
        upload_id = None if self._upload is None else self._upload.id
        inserting = self._parts.store.insert(new, idempotency, upload_id=upload_id)
        self._inserting = asyncio.create_task(inserting)
        analysis_id = await asyncio.shield(self._inserting)
        if analysis_id == self._id:
            is_whole = self._upload is None or self._upload.growing is None
            # If this ends now, upkeep queues the job.
            await self._parts.jobs.submit(ANALYSIS_JOBS if is_whole else EARLY_JOBS, self._id)
            self._announce()
            log.info("analysis queued", extra={"bytes": written.size_bytes})
        return analysis_id

    async def _discard(self) -> None:
        """Delete the bytes unless they belong to an analysis."""
        if self._inserting is not None:
            await asyncio.wait({self._inserting})
            if self._inserting.exception() is None and self._inserting.result() == self._id:
                return
        self._parts.turns.withdraw(self._id)
        await self._parts.objects.delete_prefix(keys.prefix(self._id))

    def _announce(self) -> None:
        """Have those who are worked on reckon with this one: of a crowd one is always first."""
        self._parts.turns.announce(self._id, for_s=ANNOUNCED_S)

    async def _probed(self, wish: Wish, written: Written) -> NewAnalysis:
        call_context.set({**call_context.get(), "analysis_id": self._id})
        request = media_service_pb2.ProbeMediaRequest(
            media_key=keys.media(self._id),
            interval=wish.options.interval,
            growing=None if self._upload is None else self._upload.growing,
            audio_margin=audio_margin(wish.options.voice_context),
        )
        if request.HasField("growing"):
            request.so_far.SetInParent()  # a plan that grows will do
        method = self._parts.backends.media.ProbeMedia
        probe: media_service_pb2.ProbeMediaResponse = await begin_call(
            "probe", method, request, timeout=self._parts.probe_timeout_s
        )
        if request.HasField("growing") and not probe.segment_end_bytes:
            raise refusals.not_finished()  # a server of an earlier version, which knows no better
        return NewAnalysis(
            id=self._id,
            title=clean_title(wish.title) or clean_title(probe.info.title) or UNTITLED,
            size_bytes=written.size_bytes,
            sha256=written.sha256,
            options=wish.options,
            probe=probe,
            traceparent=current_traceparent(),
        )


def check_size(size_bytes: int, max_bytes: int) -> None:
    """Refuse a video that is too large.

    Raises:
        ServiceError: RESOURCE_EXHAUSTED `MEDIA_TOO_LARGE`.
    """
    if size_bytes > max_bytes:
        raise ServiceError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            reasons.MEDIA_TOO_LARGE,
            f"A video may have at most {max_bytes} bytes.",
            metadata={"max_bytes": str(max_bytes)},
        )


def clean_title(name: str) -> str:
    """Return a name fit to be shown: the last part of a path, without control characters.

    Empty if nothing is left.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return one_line(last)[:MAX_TITLE_CHARS]
