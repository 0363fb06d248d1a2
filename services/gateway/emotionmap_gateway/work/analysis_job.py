"""What is done for one analysis: every segment once, then the timeline.

May be run again at any time, after a crash or beside itself: finished segments are not repeated,
and a final state stays. Knows nothing of how it is made durable; see jobs.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.telemetry import call_context
from emotionmap_runtime.tracing import continuing, span

from emotionmap_gateway.documents.words import duration_ns
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_rows import Record, Segment
from emotionmap_gateway.storage.objects import write_all
from emotionmap_gateway.work.drafts import Drafts
from emotionmap_gateway.work.failures import cause_of
from emotionmap_gateway.work.growth import MEDIA_INCOMPLETE, Plan
from emotionmap_gateway.work.job_metrics import ANALYSIS
from emotionmap_gateway.work.pipeline import SegmentResult, SegmentWork, analyse_segment
from emotionmap_gateway.work.retries import Patience, retried
from emotionmap_gateway.work.steps import (
    UnwantedError,
    check,
    check_starts,
    failure_of,
    first_failure,
    is_unwanted,
    kept_failure,
)
from emotionmap_gateway.work.withdrawal import until_final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.work.arrival import Arrival, Arrivals
    from emotionmap_gateway.work.growth import Planner
    from emotionmap_gateway.work.job_metrics import JobMetrics
    from emotionmap_gateway.work.steps import Step, Steps
    from emotionmap_gateway.work.timelines import Timelines
    from emotionmap_gateway.work.turns import Turn, Turns

OFFSET_PAST_END = "OFFSET_PAST_END"
"""Reason of the media service."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long one try of a segment may take, and how long and often it is tried."""

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
        turns: Turns,
        metrics: JobMetrics,
        arrivals: Arrivals,
        planner: Planner,
    ) -> None:
        self._store = store
        self._changes = changes
        self._objects = objects
        self._backends = backends
        self._timelines = timelines
        self._pace = pace
        self._metrics = metrics
        self._arrivals = arrivals
        self._planner = planner
        self._turns = turns
        self._drafts = Drafts(store=store, objects=objects, backends=backends)
        self._runs: dict[str, int] = {}

    async def run(self, analysis_id: str, steps: Steps) -> None:
        """Bring an analysis to its end; returns at once if it is gone or finished."""
        call_context.set({**call_context.get(), "analysis_id": analysis_id})
        record = await self._store.start(analysis_id)
        if record is None:
            return
        self._runs[analysis_id] = record.run
        if record.run == 1:
            self._metrics.started(ANALYSIS, created_us=record.created_us)
        # Where it was created; also after a crash, and in another gateway.
        with continuing(record.traceparent), span("analysis", _attributes(record)):
            log.info("analysis started", extra={"segments": len(record.probe.segments)})
            await self._bring_to_end(record, steps)

    async def _bring_to_end(self, record: Record, steps: Steps) -> None:
        analysis_id = record.analysis.id
        start_s = time.monotonic()
        try:
            await self._work(record, steps)
        except asyncio.CancelledError:
            await self._store.forgive_start(analysis_id)
            raise
        except Exception as error:  # noqa: BLE001 - as for a segment; logged or typed
            if is_unwanted(error):
                raise asyncio.CancelledError from None
            failure = first_failure(error) or failure_of(error)
            log.warning("analysis failed", extra={"reason": failure.reason})
            await self._end(record, pb.JOB_STATE_FAILED, failure)
        else:
            await self._end(record, pb.JOB_STATE_SUCCEEDED)
            log.info("analysis ended", extra={"seconds": round(time.monotonic() - start_s, 3)})
        finally:
            self._runs.pop(analysis_id, None)

    async def _end(
        self, record: Record, state: pb.JobState, failure: pb.Failure | None = None
    ) -> None:
        """Record how a run ended, unless it no longer counts."""
        ended = await self._store.finish(record.analysis.id, state, failure, run=record.run)
        if ended is not None and ended.analysis.state == state:
            reason = "" if failure is None else failure.reason
            self._metrics.finished(ANALYSIS, state, created_us=record.created_us, reason=reason)

    async def until_unwanted(self, analysis_id: str) -> None:
        """Return once no work should be done on an analysis."""
        run = partial(self._runs.get, analysis_id)
        await until_final(self._store.get, analysis_id, self._changes, run=run)

    async def _work(self, record: Record, steps: Steps) -> None:
        check_starts(record.fruitless_starts)
        turn = partial(self._turns.turn, record.analysis.id)
        plan, begun = Plan(record, self._planner), 0
        async with (
            self._arrivals.watching(record) as arrival,
            self._drafting(plan, turn, arrival) as begin_draft,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(arrival.until_complete())
            group.create_task(plan.follow(arrival))
            async for planned in plan.rounds(steps):
                # All are asked for before the first is run, so that their order never varies.
                numbers = range(begun, planned)
                reserved = [steps.next(f"segment-{number}") for number in numbers]
                for number, step in zip(numbers, reserved, strict=True):
                    work = self._take_turn(turn, step, plan.record, number, arrival)
                    group.create_task(work)
                    if number == 0:
                        begin_draft()  # its turn comes after that of the first segment
                begun = planned
            timeline = steps.next("timeline")
        check(await timeline.run(self._write_timeline, record.analysis.id, record.run))

    @asynccontextmanager
    async def _drafting(
        self, plan: Plan, turn: Turn, arrival: Arrival
    ) -> AsyncIterator[Callable[[], None]]:
        """Give what begins the draft; one that is not ready when the block ends is given up."""
        tasks: list[asyncio.Task[None]] = []

        async def draft() -> None:
            await arrival.until_complete()
            await self._drafts.publish(await plan.until_complete(), turn)

        try:
            yield lambda: tasks.append(asyncio.create_task(draft()))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_turn(
        self,
        turn: Turn,
        step: Step,
        record: Record,
        number: int,
        arrival: Arrival,
    ) -> None:
        if arrival.growing is not None:
            await arrival.until(record.probe.segment_end_bytes[number])
        work = _work_on(record, number)
        async with turn(work.seconds) as place:
            paced = replace(work, go_on=place.go_on)
            check(await step.run(self._finish_segment, record, number, paced, arrival))

    async def _finish_segment(
        self, record: Record, number: int, work: SegmentWork, arrival: Arrival
    ) -> str:
        """Work on one segment and keep its intervals; return "" or the failure."""
        analysis_id = record.analysis.id
        call_context.set({**call_context.get(), "segment_id": work.segment_id})
        ids = {"emotionmap.analysis_id": analysis_id, "emotionmap.segment_id": work.segment_id}
        if await self._store.has_segment(analysis_id, number):
            return ""
        start_s = time.monotonic()
        try:
            with self._metrics.segments_in_flight.track_inprogress(), span("segment", ids):
                result = await self._analyse_arrived(work, arrival)
                with span("store"):
                    await retried(partial(self._keep, record, number, result), self._pace.patience)
        except UnwantedError:
            raise
        except Exception as error:  # noqa: BLE001 - the segment boundary; logged or typed
            return kept_failure(error)
        seconds = round(time.monotonic() - start_s, 3)
        self._metrics.segment_done(media_seconds=work.seconds, seconds=seconds)
        log.info("segment analysed", extra={"intervals": len(result.intervals), "seconds": seconds})
        return ""

    async def _analyse_arrived(self, work: SegmentWork, arrival: Arrival) -> SegmentResult:
        """Work on a segment, again if more of the media is needed for it than is there.

        Where that happens twice, nobody knows how much is: then all of it is waited for.
        """
        for tries in range(3):
            growing = arrival.growing
            attempt = partial(self._analyse, replace(work, growing=growing))
            try:
                return await retried(attempt, self._pace.patience)
            except ServiceError as error:
                if growing is None or error.reason != MEDIA_INCOMPLETE:
                    raise
            if tries == 0:
                await arrival.until_more(growing.readable_bytes)
            else:
                await arrival.until_complete()
        raise AssertionError("all of it was there")

    async def _analyse(self, work: SegmentWork) -> SegmentResult:
        self._metrics.segment_attempts.inc()
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

    async def _keep(self, record: Record, number: int, result: SegmentResult) -> None:
        analysis_id = record.analysis.id
        key = keys.segment(analysis_id, number, run=record.run)
        batch = pb.IntervalBatch(intervals=result.intervals)
        await write_all(self._objects, key, batch.SerializeToString())
        segment = Segment(
            number=number,
            truncated=result.truncated,
            read_until_ns=result.read_until_ns,
            face_model=result.face_model.SerializeToString() if result.face_model else None,
            voice_model=result.voice_model.SerializeToString() if result.voice_model else None,
            run=record.run,
        )
        if not await self._store.add_segment(analysis_id, segment):
            # Deleted, stopped or taken over meanwhile: leave nothing that no one would delete.
            await self._objects.delete(key)
            raise UnwantedError

    async def _publish_timeline(self, analysis_id: str, run: int) -> None:
        await self._timelines.write(analysis_id, run=run)
        if not await self._store.add_timeline(analysis_id, run=run):
            await self._timelines.remove(analysis_id, run=run)  # as for a segment
            raise UnwantedError

    async def _write_timeline(self, analysis_id: str, run: int) -> str:
        """Write the timeline; return "" or the failure."""
        try:
            publish = partial(self._publish_timeline, analysis_id, run)
            with span("timeline", {"emotionmap.analysis_id": analysis_id}):
                await retried(publish, self._pace.patience)
        except UnwantedError:
            raise
        except Exception as error:  # noqa: BLE001 - as for a segment
            return kept_failure(error)
        return ""


def _attributes(record: Record) -> dict[str, str | int]:
    return {
        "emotionmap.analysis_id": record.analysis.id,
        "emotionmap.segments": len(record.probe.segments),
        "emotionmap.run": record.run,
    }


def _work_on(record: Record, number: int) -> SegmentWork:
    return SegmentWork(
        media_key=keys.media(record.analysis.id),
        segment_id=f"{record.analysis.id}/{number:04d}",
        range=record.probe.segments[number],
        options=record.analysis.options,
        has_video=record.probe.info.has_video,
        has_audio=record.probe.info.has_audio,
    )
