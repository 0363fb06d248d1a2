"""What is done for one analysis: every segment once, then the timeline.

May be run again at any time, after a crash or beside itself: finished segments are not repeated,
and a final state stays. Knows nothing of how it is made durable; see jobs.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.telemetry import call_context

from emotionmap_gateway.documents.words import duration_ns
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_rows import Record, Segment
from emotionmap_gateway.storage.objects import write_all
from emotionmap_gateway.work.failures import cause_of
from emotionmap_gateway.work.pipeline import SegmentResult, SegmentWork, analyse_segment
from emotionmap_gateway.work.retries import Patience, retried
from emotionmap_gateway.work.steps import (
    check,
    check_starts,
    failure_of,
    first_failure,
    kept_failure,
)
from emotionmap_gateway.work.withdrawal import until_final

if TYPE_CHECKING:
    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.work.steps import Step, Steps
    from emotionmap_gateway.work.timelines import Timelines

OFFSET_PAST_END = "OFFSET_PAST_END"
"""Reason of the media service."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at once, and how long it is tried."""

    segments_in_flight: int
    segment_timeout_s: float
    patience: Patience


class AnalysisJob:
    """Does the work of analyses."""

    def __init__(
        self,
        *,
        store: AnalysisStore,
        objects: Objects,
        backends: Backends,
        timelines: Timelines,
        changes: Changes,
        pace: Pace,
    ) -> None:
        self._store = store
        self._changes = changes
        self._objects = objects
        self._backends = backends
        self._timelines = timelines
        self._pace = pace

    async def run(self, analysis_id: str, steps: Steps) -> None:
        """Bring an analysis to its end; returns at once if it is gone or finished."""
        call_context.set({**call_context.get(), "analysis_id": analysis_id})
        record = await self._store.start(analysis_id)
        if record is None:
            return
        log.info("analysis started", extra={"segments": len(record.probe.segments)})
        start_s = time.monotonic()
        try:
            await self._work(record, steps)
        except asyncio.CancelledError:
            await self._store.forgive_start(analysis_id)
            raise
        except Exception as error:  # noqa: BLE001 - as for a segment; logged or typed
            failure = first_failure(error) or failure_of(error)
            log.warning("analysis failed", extra={"reason": failure.reason})
            await self._store.finish(analysis_id, pb.JOB_STATE_FAILED, failure)
        else:
            await self._store.finish(analysis_id, pb.JOB_STATE_SUCCEEDED)
            log.info("analysis ended", extra={"seconds": round(time.monotonic() - start_s, 3)})

    async def until_unwanted(self, analysis_id: str) -> None:
        """Return once no work should be done on an analysis."""
        await until_final(self._store.get, analysis_id, self._changes)

    async def _work(self, record: Record, steps: Steps) -> None:
        check_starts(record.fruitless_starts)
        # All are asked for before the first is run, so that their order never varies.
        reserved = [steps.next(f"segment-{number}") for number in range(len(record.probe.segments))]
        timeline = steps.next("timeline")
        slots = asyncio.Semaphore(self._pace.segments_in_flight)
        async with asyncio.TaskGroup() as group:
            for number, step in enumerate(reserved):
                group.create_task(self._take_slot(slots, step, record, number))
        check(await timeline.run(self._write_timeline, record.analysis.id))

    async def _take_slot(
        self, slots: asyncio.Semaphore, step: Step, record: Record, number: int
    ) -> None:
        async with slots:
            check(await step.run(self._finish_segment, record, number))

    async def _finish_segment(self, record: Record, number: int) -> str:
        """Work on one segment and keep its intervals; return "" or the failure."""
        analysis_id = record.analysis.id
        work = _work_on(record, number)
        call_context.set({**call_context.get(), "segment_id": work.segment_id})
        if await self._store.has_segment(analysis_id, number):
            return ""
        start_s = time.monotonic()
        try:
            result = await retried(partial(self._analyse, work), self._pace.patience)
            await retried(partial(self._keep, analysis_id, number, result), self._pace.patience)
        except Exception as error:  # noqa: BLE001 - the segment boundary; logged or typed
            return kept_failure(error)
        seconds = round(time.monotonic() - start_s, 3)
        log.info("segment analysed", extra={"intervals": len(result.intervals), "seconds": seconds})
        return ""

    async def _analyse(self, work: SegmentWork) -> SegmentResult:
        try:
            return await analyse_segment(
                work, self._backends, timeout_s=self._pace.segment_timeout_s
            )
        except (ExceptionGroup, grpc.aio.AioRpcError) as error:
            cause = cause_of(error)
            is_past_end = cause is not None and cause.reason == OFFSET_PAST_END
            if is_past_end and duration_ns(work.range.start_offset) > 0:
                # The file ends before its header says; the timeline is what was read before.
                return SegmentResult([], truncated=True, read_until_ns=0)
            raise

    async def _keep(self, analysis_id: str, number: int, result: SegmentResult) -> None:
        key = keys.segment(analysis_id, number)
        batch = pb.IntervalBatch(intervals=result.intervals)
        await write_all(self._objects, key, batch.SerializeToString())
        segment = Segment(
            number=number,
            truncated=result.truncated,
            read_until_ns=result.read_until_ns,
            face_model=result.face_model.SerializeToString() if result.face_model else None,
            voice_model=result.voice_model.SerializeToString() if result.voice_model else None,
        )
        if not await self._store.add_segment(analysis_id, segment):
            # It was deleted or stopped meanwhile: leave nothing that no one would delete.
            await self._objects.delete(key)

    async def _write_timeline(self, analysis_id: str) -> str:
        """Write the timeline; return "" or the failure."""
        try:
            await retried(partial(self._timelines.write, analysis_id), self._pace.patience)
        except Exception as error:  # noqa: BLE001 - as for a segment
            return kept_failure(error)
        return ""


def _work_on(record: Record, number: int) -> SegmentWork:
    return SegmentWork(
        media_key=keys.media(record.analysis.id),
        segment_id=f"{record.analysis.id}/{number:04d}",
        range=record.probe.segments[number],
        options=record.analysis.options,
        has_video=record.probe.info.has_video,
        has_audio=record.probe.info.has_audio,
    )
