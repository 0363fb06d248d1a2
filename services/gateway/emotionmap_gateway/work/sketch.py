r"""Works out a draft: faces on key frames alone, fused one by one.

    media.SampleKeyFrames --> face.AnalyzeFrames --> fusion.FuseTimeline -> an interval per frame

To fusion the frames are one interval each of a video that has nothing else, so a draft follows the
same options as the timeline; `documents.draft` moves the intervals to where they belong.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import (
    emotion_pb2,
    face_service_pb2,
    fusion_service_pb2,
    media_service_pb2,
    timeline_pb2,
)
from emotionmap_runtime.channel import begin_call
from emotionmap_runtime.tracing import span
from google.protobuf.duration_pb2 import Duration

from emotionmap_gateway.documents.words import NS_PER_S, duration_ns
from emotionmap_gateway.work.calls import first, keep_status, write

if TYPE_CHECKING:
    from emotionmap.v1 import analysis_service_pb2 as pb

    from emotionmap_gateway.backends import Backends

FRAMES_AT_ONCE = 32
"""Faces of so many frames travel to fusion in one message."""


@dataclass(frozen=True, slots=True)
class SketchWork:
    """What is to be looked at; `count` key frames at most."""

    media_key: str
    segment_id: str
    options: pb.AnalysisOptions
    count: int


async def sketch(
    work: SketchWork, backends: Backends, *, timeout_s: float
) -> list[tuple[int, timeline_pb2.Interval]]:
    """Return when each key frame is on screen, ns from time zero, and what it shows.

    Raises:
        BaseExceptionGroup: Of the errors of the calls.
        grpc.aio.AioRpcError: A call failed before anything was sent.
    """
    with span("draft"), ExitStack() as calls:
        return await _Sketch(work, backends, calls, timeout_s).run()


class _Sketch:
    """The calls of one draft."""

    def __init__(
        self, work: SketchWork, backends: Backends, calls: ExitStack, timeout_s: float
    ) -> None:
        self._work = work
        self._backends = backends
        self._calls = calls
        self._timeout_s = timeout_s

    async def run(self) -> list[tuple[int, timeline_pb2.Interval]]:
        work = self._work
        face = self._open("face", self._backends.face.AnalyzeFrames)
        config = face_service_pb2.AnalyzeFramesConfig(
            segment_id=work.segment_id,
            detector=work.options.detector,
            min_face_px=work.options.min_face_px,
            model=work.options.face_model,
            unrelated_frames=True,
        )
        await write(face, face_service_pb2.AnalyzeFramesRequest(config=config))
        model = (await first(face)).model
        async with asyncio.TaskGroup() as group:
            group.create_task(self._show(face))
            found = group.create_task(_collect(face))
        frames = found.result()
        if not frames:
            return []
        times_ns = [duration_ns(frame.time_offset) for frame in frames]
        return list(zip(times_ns, await self._fuse(frames, model), strict=True))

    def _open(self, name: str, method: Any, *request: Any) -> Any:
        call = begin_call(name, method, *request, timeout=self._timeout_s)
        self._calls.callback(call.cancel)
        return keep_status(call)

    async def _show(self, face: Any) -> None:
        """Hand key frames to the face service."""
        wanted = media_service_pb2.SampleKeyFramesRequest(
            media_key=self._work.media_key,
            count=self._work.count,
            frame_width_px=self._work.options.frame_width_px,
        )
        call = self._open("key frames", self._backends.media.SampleKeyFrames, wanted)
        async for response in call:
            request = face_service_pb2.AnalyzeFramesRequest()
            # Not given to the constructor: that would serialise and parse megabytes.
            request.frames.CopyFrom(response.frames)
            await write(face, request)
        await face.done_writing()

    async def _fuse(
        self, frames: list[face_service_pb2.FrameFaces], model: emotion_pb2.ModelInfo
    ) -> list[timeline_pb2.Interval]:
        """Return an interval for each frame: number i lies at second i."""
        fusion = self._open("fuse", self._backends.fusion.FuseTimeline)
        whole = emotion_pb2.TimeRange(end_offset=Duration(seconds=len(frames)))
        whole.start_offset.SetInParent()
        config = fusion_service_pb2.FuseTimelineConfig(
            segment_id=self._work.segment_id,
            range=whole,
            interval=Duration(seconds=1),
            options=self._work.options.fusion,
            face_emotions=model.emotions,
            expects_faces=True,
        )
        await write(fusion, fusion_service_pb2.FuseTimelineRequest(config=config))
        async with asyncio.TaskGroup() as group:
            group.create_task(_tell(fusion, frames))
            fused = group.create_task(_collect_intervals(fusion))
        return fused.result()


async def _collect(face: Any) -> list[face_service_pb2.FrameFaces]:
    return [frame async for response in face for frame in response.frames.frames]


async def _collect_intervals(fusion: Any) -> list[timeline_pb2.Interval]:
    return [response.interval async for response in fusion]


async def _tell(fusion: Any, frames: list[face_service_pb2.FrameFaces]) -> None:
    for start in range(0, len(frames), FRAMES_AT_ONCE):
        request = fusion_service_pb2.FuseTimelineRequest()
        for number, frame in enumerate(frames[start : start + FRAMES_AT_ONCE], start):
            placed = request.frames.frames.add()
            placed.CopyFrom(frame)
            placed.time_offset.FromNanoseconds(number * NS_PER_S + NS_PER_S // 2)
        await write(fusion, request)
    await fusion.done_writing()
