"""Highlights videos: which moments they hold, and the job that has them cut."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, media_service_pb2
from emotionmap_runtime.channel import call_metadata
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.telemetry import call_context

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import EMOTION_WORDS, duration_ns
from emotionmap_gateway.storage import keys
from emotionmap_gateway.work.retries import Patience, retried
from emotionmap_gateway.work.steps import check_starts, failure_of, first_failure
from emotionmap_gateway.work.withdrawal import until_final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.export_store import ExportRecord, ExportStore
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.work.steps import Steps

PROGRESS_STEP = 0.02
"""Smallest progress that is worth a write to the database."""

MAX_RANGES = 10_000
"""Limit of `CutHighlightsRequest.ranges`."""

log = logging.getLogger(__name__)


def check_highlights(emotions: Collection[int], min_confidence: float) -> None:
    """Check what is asked for.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`.
    """
    if not emotions or not set(emotions) <= set(EMOTION_WORDS):
        raise _invalid("emotions", "emotions must name at least one emotion, and only known ones.")
    if not 0 <= min_confidence <= 1:
        raise _invalid("min_confidence", "min_confidence must be from 0 to 1.")


def matching_ranges(
    intervals: Iterable[timeline_pb2.Interval],
    *,
    emotions: Collection[int],
    min_confidence: float,
) -> list[emotion_pb2.TimeRange]:
    """Return when the wanted emotions are on, neighbouring intervals as one range.

    Raises:
        ServiceError: FAILED_PRECONDITION `HIGHLIGHTS_EMPTY`.
    """
    ranges: list[emotion_pb2.TimeRange] = []
    for interval in intervals:
        if interval.emotion not in emotions or interval.confidence < min_confidence:
            continue
        piece = interval.range
        if ranges and duration_ns(ranges[-1].end_offset) == duration_ns(piece.start_offset):
            ranges[-1].end_offset.CopyFrom(piece.end_offset)
        else:
            ranges.append(
                emotion_pb2.TimeRange(start_offset=piece.start_offset, end_offset=piece.end_offset)
            )
    if not ranges:
        raise ServiceError(
            grpc.StatusCode.FAILED_PRECONDITION,
            reasons.HIGHLIGHTS_EMPTY,
            "No moment of the video matches.",
        )
    if len(ranges) > MAX_RANGES:
        raise _invalid("min_confidence", f"More than {MAX_RANGES} moments match; ask for fewer.")
    return ranges


class HighlightsJob:
    """Has highlights videos cut. May be run again at any time."""

    def __init__(
        self,
        *,
        store: ExportStore,
        objects: Objects,
        backends: Backends,
        changes: Changes,
        patience: Patience,
        timeout_s: float,
    ) -> None:
        self._store = store
        self._changes = changes
        self._objects = objects
        self._backends = backends
        self._patience = patience
        self._timeout_s = timeout_s

    async def run(self, export_id: str, _steps: Steps) -> None:
        """Bring an export to its end; returns at once if it is gone or finished."""
        record = await self._store.start(export_id)
        if record is None:
            return
        analysis_id = record.export.analysis_id
        call_context.set({**call_context.get(), "analysis_id": analysis_id})
        try:
            check_starts(record.fruitless_starts)
            size_bytes = await retried(partial(self._cut, record), self._patience)
        except asyncio.CancelledError:
            await self._store.forgive_start(export_id)
            raise
        except Exception as error:  # noqa: BLE001 - as for a segment; logged or typed
            failure = first_failure(error) or failure_of(error)
            log.warning("highlights failed", extra={"reason": failure.reason})
            await self._store.finish(export_id, pb.JOB_STATE_FAILED, failure=failure)
        else:
            state = pb.JOB_STATE_SUCCEEDED
            if not await self._store.finish(export_id, state, size_bytes=size_bytes):
                await self._objects.delete(keys.export(analysis_id, export_id))
            log.info("highlights cut", extra={"bytes": size_bytes})

    async def until_unwanted(self, export_id: str) -> None:
        """Return once no work should be done on an export."""
        await until_final(self._store.get, export_id, self._changes)

    async def _cut(self, record: ExportRecord) -> int:
        """Have the file made and return its size in bytes."""
        export = record.export
        call = self._backends.media.CutHighlights(
            record.request, timeout=self._timeout_s, metadata=call_metadata()
        )
        try:
            key = keys.export(export.analysis_id, export.id)
            async with self._objects.writer(key) as writer:
                written = export.progress
                async for response in call:
                    if response.WhichOneof("payload") == "chunk":
                        await writer.write(response.chunk)
                    elif response.progress >= written + PROGRESS_STEP:
                        written = response.progress
                        await self._store.advance(export.id, written)
                return (await writer.commit()).size_bytes
        finally:
            call.cancel()


def highlights_request(
    analysis_id: str, ranges: list[emotion_pb2.TimeRange]
) -> media_service_pb2.CutHighlightsRequest:
    """Return what the media service is asked for."""
    return media_service_pb2.CutHighlightsRequest(media_key=keys.media(analysis_id), ranges=ranges)


def _invalid(key: str, message: str) -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT, reasons.OPTIONS_INVALID, message, metadata={"key": key}
    )
