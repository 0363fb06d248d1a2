r"""Works on one segment: decode, faces and voices, fusion; everything streams, nothing is stored.

    media.DecodeSegment --frames--> face.AnalyzeFrames --\
                        --sound---> audio.AnalyzeSpeech --> fusion.FuseTimeline -> intervals

Every write waits until the receiver takes it, so the slowest service sets the pace and no more
than a few messages, of half a second each, are held here. One failed call ends the others.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import (
    audio_service_pb2,
    emotion_pb2,
    face_service_pb2,
    fusion_service_pb2,
    media_service_pb2,
    timeline_pb2,
)
from emotionmap_runtime.channel import begin_call
from google.protobuf.duration_pb2 import Duration

from emotionmap_gateway.documents.words import NS_PER_S, duration_ns
from emotionmap_gateway.work.calls import first, keep_status, write
from emotionmap_gateway.work.passing import Frames

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emotionmap.v1 import analysis_service_pb2 as pb

    from emotionmap_gateway.backends import Backends

PCM_BYTES_PER_S = 16_000 * 2
"""16-bit mono at 16 kHz, as `AudioChunk` has it."""

MAX_MARGIN_NS = 10 * NS_PER_S
"""Limit of `DecodeSegmentRequest.audio_margin`."""

GATE_WARM_UP_NS = NS_PER_S // 2
"""A detector that begins in the middle of a word knows it for one after less than this."""


async def ungoverned() -> None:
    """Pause no work."""


@dataclass(frozen=True, slots=True)
class SegmentWork:
    """What is to be done."""

    media_key: str
    segment_id: str
    range: emotion_pb2.TimeRange
    options: pb.AnalysisOptions
    has_video: bool
    has_audio: bool
    growing: media_service_pb2.GrowingMedia | None = None
    """How much of the media is there, if not all of it is."""
    go_on: Callable[[], Awaitable[None]] = ungoverned
    """Awaited before each message is handed on: pauses the work while others come first."""

    @property
    def seconds(self) -> float:
        """How much of the media it is."""
        span_ns = duration_ns(self.range.end_offset) - duration_ns(self.range.start_offset)
        return span_ns / NS_PER_S


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """What came out. `read_until_ns` is where the last picture or sound lies, from time zero."""

    intervals: list[timeline_pb2.Interval]
    truncated: bool
    read_until_ns: int
    face_model: emotion_pb2.ModelInfo | None = None
    voice_model: emotion_pb2.ModelInfo | None = None


async def analyse_segment(
    work: SegmentWork, backends: Backends, *, timeout_s: float
) -> SegmentResult:
    """Work on one segment.

    Raises:
        BaseExceptionGroup: Of the errors of the calls; see `failures.cause_of`.
        grpc.aio.AioRpcError: A call failed before anything was sent.
    """
    with ExitStack() as calls:
        return await _Segment(work, backends, calls, timeout_s).run()


class _Segment:
    """The calls of one segment, and the tasks between them."""

    def __init__(
        self, work: SegmentWork, backends: Backends, calls: ExitStack, timeout_s: float
    ) -> None:
        self._work = work
        self._backends = backends
        self._calls = calls
        self._timeout_s = timeout_s
        # One write at a time is all that a call takes; faces and speech share this one.
        self._fusion_writes = asyncio.Lock()
        self._read_until_ns = 0
        self._truncated = False
        self._face: Any = None
        self._audio: Any = None
        self._fusion: Any = None

    async def run(self) -> SegmentResult:
        """Do all of it."""
        face_model, voice_model = await self._open_models()
        await self._open_fusion(face_model, voice_model)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._decode())
            group.create_task(self._fuse_evidence())
            intervals = group.create_task(self._collect())
        return SegmentResult(
            intervals.result(), self._truncated, self._read_until_ns, face_model, voice_model
        )

    def _open(self, name: str, method: Any, *request: Any) -> Any:
        """Begin a call, which ends with the segment at the latest; `name` is that of its span."""
        call = begin_call(name, method, *request, timeout=self._timeout_s)
        self._calls.callback(call.cancel)
        return keep_status(call)

    async def _open_models(
        self,
    ) -> tuple[emotion_pb2.ModelInfo | None, emotion_pb2.ModelInfo | None]:
        """Open the model services and return the weights that they score with."""
        work = self._work
        face_model = voice_model = None
        if work.has_video:
            self._face = self._open("face", self._backends.analyze_frames)
            config = face_service_pb2.AnalyzeFramesConfig(
                segment_id=work.segment_id,
                detector=work.options.detector,
                min_face_px=work.options.min_face_px,
                model=work.options.face_model,
            )
            await write(self._face, face_service_pb2.AnalyzeFramesRequest(config=config))
            face_model = (await first(self._face)).model
        if work.has_audio:
            self._audio = self._open("audio", self._backends.audio.AnalyzeSpeech)
            speech = audio_service_pb2.AnalyzeSpeechConfig(
                segment_id=work.segment_id,
                range=work.range,
                interval=work.options.interval,
                context=work.options.voice_context,
                model=work.options.voice_model,
            )
            await write(self._audio, audio_service_pb2.AnalyzeSpeechRequest(config=speech))
            voice_model = (await first(self._audio)).model
        return face_model, voice_model

    async def _open_fusion(
        self, face: emotion_pb2.ModelInfo | None, voice: emotion_pb2.ModelInfo | None
    ) -> None:
        self._fusion = self._open("fuse", self._backends.fusion.FuseTimeline)
        config = fusion_service_pb2.FuseTimelineConfig(
            segment_id=self._work.segment_id,
            range=self._work.range,
            interval=self._work.options.interval,
            options=self._work.options.fusion,
            face_emotions=face.emotions if face else (),
            voice_emotions=voice.emotions if voice else (),
            expects_faces=face is not None,
            expects_speech=voice is not None,
        )
        await write(self._fusion, fusion_service_pb2.FuseTimelineRequest(config=config))

    async def _decode(self) -> None:
        """Hand pictures and sound to the services that score them."""
        decode = self._backends.decode_segment
        async for response in self._open("decode", decode, self._decode_request()):
            await self._work.go_on()
            if isinstance(response, Frames):
                await write(self._face, response)
            elif response.HasField("audio"):
                self._read_to(_end_ns(response.audio))
                await write(
                    self._audio, audio_service_pb2.AnalyzeSpeechRequest(audio=response.audio)
                )
            elif response.HasField("summary"):
                self._truncated = response.summary.truncated
        for call in (self._face, self._audio):
            if call is not None:
                await call.done_writing()

    def _decode_request(self) -> media_service_pb2.DecodeSegmentRequest:
        work = self._work
        return media_service_pb2.DecodeSegmentRequest(
            media_key=work.media_key,
            segment_id=work.segment_id,
            range=work.range,
            frames_per_second=work.options.frames_per_second,
            frame_width_px=work.options.frame_width_px,
            audio_margin=audio_margin(work.options.voice_context),
            interval=work.options.interval,
            skip_video=not work.has_video,
            skip_audio=not work.has_audio,
            growing=work.growing,
        )

    def _read_to(self, end_ns: int) -> None:
        limit_ns = duration_ns(self._work.range.end_offset)
        self._read_until_ns = max(self._read_until_ns, min(end_ns, limit_ns))

    async def _fuse_evidence(self) -> None:
        async with asyncio.TaskGroup() as group:
            if self._face is not None:
                group.create_task(self._fuse_faces())
            if self._audio is not None:
                group.create_task(self._fuse_speech())
        await self._fusion.done_writing()

    async def _fuse_faces(self) -> None:
        async for response in self._face:
            if response.frames.frames:  # none while those before a face wait for it
                # A picture is on screen at its time: that instant, at least, was read.
                self._read_to(duration_ns(response.frames.frames[-1].time_offset) + 1)
                await self._fuse(fusion_service_pb2.FuseTimelineRequest(frames=response.frames))

    async def _fuse_speech(self) -> None:
        async for response in self._audio:
            await self._fuse(fusion_service_pb2.FuseTimelineRequest(speech=response.interval))

    async def _fuse(self, request: fusion_service_pb2.FuseTimelineRequest) -> None:
        async with self._fusion_writes:
            await write(self._fusion, request)

    async def _collect(self) -> list[timeline_pb2.Interval]:
        return [response.interval async for response in self._fusion]


def audio_margin(context: Duration) -> Duration:
    """Return how much sound an interval at the edge of a segment needs around it.

    That is at most half of its context, and what the speech gate needs to find its feet.
    """
    margin = Duration()
    margin.FromNanoseconds(min(duration_ns(context) // 2 + GATE_WARM_UP_NS, MAX_MARGIN_NS))
    return margin


def _end_ns(chunk: media_service_pb2.AudioChunk) -> int:
    return duration_ns(chunk.time_offset) + len(chunk.pcm) * NS_PER_S // PCM_BYTES_PER_S
