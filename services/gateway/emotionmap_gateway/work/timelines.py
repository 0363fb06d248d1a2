"""Puts the finished segments of an analysis together: one timeline, and its documents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, fusion_service_pb2, timeline_pb2
from emotionmap_runtime.channel import begin_call
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.options import options_to_json
from emotionmap_gateway.documents.timeline_rows import to_csv, to_vtt
from emotionmap_gateway.documents.timeline_text import timeline_text
from emotionmap_gateway.documents.words import duration_ns
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.objects import read_all, write_all
from emotionmap_gateway.work.calls import keep_status, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.analysis_rows import Record, Segment
    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.objects import Objects

FORMS = ("json", "csv", "vtt", "binpb")
"""What a timeline is written as; the message comes last."""
NOTICE = "AI-estimated apparent expression, not felt emotion."


class Timelines:
    """Writes timelines and reads them back."""

    def __init__(
        self,
        *,
        store: AnalysisStore,
        objects: Objects,
        backends: Backends,
        threads: ThreadPoolExecutor,
        timeout_s: float,
    ) -> None:
        self._store = store
        self._objects = objects
        self._backends = backends
        self._threads = threads
        self._timeout_s = timeout_s

    async def intervals(self, analysis_id: str, number: int) -> pb.IntervalBatch:
        """Return the intervals of one finished segment."""
        run = await self._store.segment_run(analysis_id, number)
        data = await read_all(self._objects, keys.segment(analysis_id, number, run=run))
        return pb.IntervalBatch.FromString(data)

    async def draft(self, analysis_id: str) -> pb.IntervalBatch:
        """Return the intervals of the draft.

        Raises:
            FileNotFoundError: There is none.
        """
        data = await read_all(self._objects, keys.draft(analysis_id))
        return pb.IntervalBatch.FromString(data)

    async def read(self, analysis_id: str, *, run: int) -> timeline_pb2.Timeline:
        """Return the timeline that a run wrote.

        Raises:
            FileNotFoundError: There is none.
        """
        data = await read_all(self._objects, keys.timeline(analysis_id, "binpb", run=run))
        return timeline_pb2.Timeline.FromString(data)

    async def write(self, analysis_id: str, *, run: int) -> None:
        """Write the timeline of an analysis whose segments are all finished, in every form.

        Args:
            analysis_id: Which.
            run: The run that writes it.

        Raises:
            ServiceError: INVALID_ARGUMENT `MEDIA_UNREADABLE`: no segment has an interval.
            grpc.aio.AioRpcError: Of fusion.
        """
        record = await self._store.get(analysis_id)
        rows = await self._store.segments(analysis_id)
        timeline = await self._joined(record, rows)
        summary = await self._summarise(record, timeline.intervals)
        if summary.smoothed:
            anew = decided_anew(timeline.intervals, summary.smoothed)
            del timeline.intervals[:]
            timeline.intervals.extend(anew)
        timeline.analytics.CopyFrom(summary.analytics)
        timeline.people.extend(summary.people)
        loop = asyncio.get_running_loop()
        for form in FORMS:  # one after the other: of a long video each takes megabytes
            data = await loop.run_in_executor(
                self._threads, _formed, form, timeline, record.analysis
            )
            await write_all(self._objects, keys.timeline(analysis_id, form, run=run), data)

    async def _joined(self, record: Record, rows: Sequence[Segment]) -> timeline_pb2.Timeline:
        """Return a timeline with the intervals of all segments that could be read.

        Raises:
            ServiceError: As `readable`.
        """
        timeline = _described(record, rows)
        for row in rows:
            batch = await self.intervals(record.analysis.id, row.number)
            timeline.intervals.extend(batch.intervals)
        del timeline.intervals[len(readable(timeline.intervals, rows)) :]
        return timeline

    async def remove(self, analysis_id: str, *, run: int) -> None:
        """Delete what a run wrote of a timeline."""
        for form in FORMS:
            await self._objects.delete(keys.timeline(analysis_id, form, run=run))

    async def _summarise(
        self, record: Record, intervals: Sequence[timeline_pb2.Interval]
    ) -> fusion_service_pb2.SummarizeTimelineResponse:
        call = keep_status(
            begin_call(
                "summarise", self._backends.fusion.SummarizeTimeline, timeout=self._timeout_s
            )
        )
        config = fusion_service_pb2.SummarizeTimelineConfig(
            segments=_ranges(record, intervals), options=record.analysis.options.fusion
        )
        await write(call, fusion_service_pb2.SummarizeTimelineRequest(config=config))
        for interval in intervals:
            await write(call, fusion_service_pb2.SummarizeTimelineRequest(interval=interval))
        await call.done_writing()
        summary: fusion_service_pb2.SummarizeTimelineResponse = await call
        return summary


def readable(
    intervals: Sequence[timeline_pb2.Interval], rows: Sequence[Segment]
) -> list[timeline_pb2.Interval]:
    """Return the intervals, in order of time, that lie before the end of what could be read.

    A file may end before its header says; nothing is claimed of what is missing.

    Raises:
        ServiceError: INVALID_ARGUMENT `MEDIA_UNREADABLE`: there are none.
    """
    kept = list(intervals)
    if any(row.truncated for row in rows):
        end_ns = max(row.read_until_ns for row in rows)
        kept = [item for item in kept if duration_ns(item.range.start_offset) < end_ns]
    if not kept:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_UNREADABLE,
            "Neither picture nor sound of the video could be read.",
        )
    return kept


def decided_anew(
    intervals: Sequence[timeline_pb2.Interval],
    decisions: Sequence[fusion_service_pb2.SmoothedDecision],
) -> list[timeline_pb2.Interval]:
    """Return the intervals with the decisions that were made in the light of their neighbours.

    Args:
        intervals: As they were fused one by one; they stay as they are.
        decisions: One per interval, or none at all: then nothing is decided anew.

    Raises:
        ServiceError: INTERNAL `INTERNAL`: there are some, but not one per interval.
    """
    if not decisions:
        return list(intervals)
    if len(decisions) != len(intervals):
        raise ServiceError(
            grpc.StatusCode.INTERNAL,
            reasons.INTERNAL,
            f"Fusion decided {len(decisions)} of {len(intervals)} intervals anew.",
        )
    return [_with_decision(*pair) for pair in zip(intervals, decisions, strict=True)]


def _with_decision(
    interval: timeline_pb2.Interval, decision: fusion_service_pb2.SmoothedDecision
) -> timeline_pb2.Interval:
    anew = timeline_pb2.Interval()
    anew.CopyFrom(interval)
    anew.emotion, anew.confidence = decision.emotion, decision.confidence
    anew.ClearField("scores")
    if decision.HasField("scores"):
        anew.scores.CopyFrom(decision.scores)
    return anew


def _described(record: Record, rows: Sequence[Segment]) -> timeline_pb2.Timeline:
    timeline = timeline_pb2.Timeline(
        title=record.analysis.title,
        media=record.analysis.media,
        interval=record.analysis.options.interval,
        truncated=any(row.truncated for row in rows),
        notice=NOTICE,
    )
    face = next((row.face_model for row in rows if row.face_model is not None), None)
    voice = next((row.voice_model for row in rows if row.voice_model is not None), None)
    if face is not None:
        timeline.face_model.ParseFromString(face)
    if voice is not None:
        timeline.voice_model.ParseFromString(voice)
    return timeline


def _ranges(
    record: Record, intervals: Sequence[timeline_pb2.Interval]
) -> list[emotion_pb2.TimeRange]:
    """Return the segments that have intervals."""
    end_ns = duration_ns(intervals[-1].range.end_offset)
    return [
        segment for segment in record.probe.segments if duration_ns(segment.start_offset) < end_ns
    ]


def _formed(form: str, timeline: timeline_pb2.Timeline, analysis: pb.Analysis) -> bytes:
    """Return a timeline in one of `FORMS`."""
    if form == "json":
        options = options_to_json(analysis.options)
        return timeline_text(timeline, analysis_id=analysis.id, options=options)
    if form == "csv":
        return to_csv(timeline).encode()
    if form == "vtt":
        return to_vtt(timeline).encode()
    return timeline.SerializeToString()
