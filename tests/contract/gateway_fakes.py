"""The four services behind the gateway as scripted fakes on real sockets."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap.v1 import (
    audio_service_pb2,
    audio_service_pb2_grpc,
    emotion_pb2,
    face_service_pb2,
    face_service_pb2_grpc,
    fusion_service_pb2,
    fusion_service_pb2_grpc,
    media_service_pb2,
    media_service_pb2_grpc,
    timeline_pb2,
)
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.server import serving
from google.protobuf.duration_pb2 import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

JPEG = b"\xff\xd8fake\xff\xd9"
HIGHLIGHTS = b"mp4 " * 1000
FACE_MODEL = emotion_pb2.ModelInfo(
    name="fake-face", version="1", sha256="a" * 64, licence="CC0", emotions=range(1, 8)
)
VOICE_MODEL = emotion_pb2.ModelInfo(
    name="fake-voice", version="2", sha256="b" * 64, licence="CC0", metrics={"accuracy": 0.5}
)
OTHER_FACE_MODEL = emotion_pb2.ModelInfo(name="other-face", version="3", sha256="c" * 64)
OTHER_VOICE_MODEL = emotion_pb2.ModelInfo(name="other-voice", version="4", sha256="d" * 64)
MOODS = (emotion_pb2.EMOTION_HAPPY, emotion_pb2.EMOTION_SADNESS, emotion_pb2.EMOTION_UNSPECIFIED)


@dataclass
class Script:
    """What the fakes do. Changed by tests, read by the servers' threads."""

    objects: Path
    duration_s: int = 9
    segment_s: int = 3
    has_video: bool = True
    has_audio: bool = True
    truncated_at_s: float | None = None
    people: int = 1
    errors: dict[str, Exception] = field(default_factory=dict)  # method -> raised each time
    failures: dict[str, list[Exception]] = field(default_factory=dict)  # method -> raised once each
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # method, metadata
    gate: threading.Event = field(default_factory=threading.Event)  # holds segments after the first
    hold_all: bool = False  # holds the first segment, too
    tickets: threading.Semaphore | None = None  # if set, each lets one held segment go
    index_bytes: int = 0  # of a growing video: what must be there before anything is told
    decodes: list[Any] = field(default_factory=list)  # what segments were asked for
    removed: set[str] = field(default_factory=set)  # names of models that are no longer there
    configs: list[Any] = field(default_factory=list)  # what each call was asked for
    active: int = 0
    most_active: int = 0

    def enter(self, method: str, context: Any) -> None:
        self.calls.append((method, dict(context.invocation_metadata())))
        if self.failures.get(method):
            raise self.failures[method].pop(0)
        if method in self.errors:
            raise self.errors[method]

    def holds(self, start_s: float) -> bool:
        """Tell whether a segment must wait."""
        if self.gate.is_set():
            return False
        if self.tickets is not None:
            return not self.tickets.acquire(blocking=False)
        return self.hold_all or start_s > 0

    def segment_ends(self, request: Any, count: int) -> list[int]:
        """Return how many bytes of a growing video each segment needs; they are equally long."""
        if not request.HasField("growing"):
            return []
        growing = request.growing
        if growing.readable_bytes < self.index_bytes:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION, "MEDIA_INCOMPLETE", "Bytes are to come."
            )
        return [growing.total_bytes * (number + 1) // count for number in range(count)]

    def left(self, *models: emotion_pb2.ModelInfo) -> list[emotion_pb2.ModelInfo]:
        """Return those that are still there."""
        return [model for model in models if model.name not in self.removed]

    def chosen(self, config: Any, *models: emotion_pb2.ModelInfo) -> emotion_pb2.ModelInfo:
        """Return the one that a call names, the first if it names none."""
        self.configs.append(config)
        for model in self.left(*models):
            if config.model in ("", model.name):
                return model
        raise ServiceError(
            grpc.StatusCode.UNIMPLEMENTED, "MODEL_UNAVAILABLE", f"There is no {config.model}."
        )

    def count(self, method: str) -> int:
        return sum(called == method for called, _ in self.calls)

    def info(self) -> timeline_pb2.MediaInfo:
        info = timeline_pb2.MediaInfo(
            duration=Duration(seconds=self.duration_s),
            has_video=self.has_video,
            has_audio=self.has_audio,
            container="mov,mp4,m4a,3gp,3g2,mj2",
            audio_codec="aac" if self.has_audio else "",
        )
        if self.has_video:
            info.frame_rate.numerator, info.frame_rate.denominator = 25, 1
            info.width_px, info.height_px, info.video_codec = 640, 360, "h264"
        return info


def span(start_s: float, end_s: float) -> emotion_pb2.TimeRange:
    piece = emotion_pb2.TimeRange()
    piece.start_offset.FromNanoseconds(round(start_s * 1e9))
    piece.end_offset.FromNanoseconds(round(end_s * 1e9))
    return piece


def seconds(offset: Duration) -> float:
    return offset.seconds + offset.nanos / 1e9


def one_hot(emotion: int) -> emotion_pb2.EmotionDistribution:
    return emotion_pb2.EmotionDistribution(
        probabilities=[float(number == emotion) for number in range(1, 8)]
    )


class FakeMedia(media_service_pb2_grpc.MediaServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    async def ProbeMedia(self, request, context):
        self.script.enter("ProbeMedia", context)
        assert (self.script.objects / request.media_key).is_file()
        step, end = self.script.segment_s, self.script.duration_s
        spans = [span(start, min(start + step, end)) for start in range(0, end, step)]
        ends = self.script.segment_ends(request, len(spans))
        return media_service_pb2.ProbeMediaResponse(
            info=self.script.info(), segments=spans, segment_end_bytes=ends
        )

    async def DecodeSegment(self, request, context):
        script = self.script
        script.active += 1
        script.most_active = max(script.most_active, script.active)
        try:
            script.enter("DecodeSegment", context)
            script.decodes.append(request)
            start_s, end_s = seconds(request.range.start_offset), seconds(request.range.end_offset)
            while script.holds(start_s):
                await asyncio.sleep(0.01)
            readable_s = end_s if script.truncated_at_s is None else script.truncated_at_s
            for half in range(int(start_s * 2), int(min(end_s, readable_s) * 2)):
                for piece in self._pieces(request, half / 2):
                    yield piece
            yield media_service_pb2.DecodeSegmentResponse(
                summary=media_service_pb2.DecodeSummary(truncated=end_s > readable_s)
            )
        finally:
            script.active -= 1

    def _pieces(self, request, time_s):
        at = span(time_s, time_s).start_offset
        if not request.skip_video:
            frame = media_service_pb2.Frame(
                time_offset=at, width_px=64, height_px=64, gray=bytes(4096)
            )
            batch = media_service_pb2.FrameBatch(frames=[frame])
            yield media_service_pb2.DecodeSegmentResponse(frames=batch)
        if not request.skip_audio:
            chunk = media_service_pb2.AudioChunk(time_offset=at, pcm=bytes(16_000))
            yield media_service_pb2.DecodeSegmentResponse(audio=chunk)

    async def SampleKeyFrames(self, request, context):
        self.script.enter("SampleKeyFrames", context)
        apart_s = self.script.duration_s / request.count
        for number in range(request.count):
            at = span((number + 0.5) * apart_s, 0).start_offset
            frame = media_service_pb2.Frame(
                time_offset=at, width_px=64, height_px=64, gray=bytes(4096)
            )
            batch = media_service_pb2.FrameBatch(frames=[frame])
            yield media_service_pb2.SampleKeyFramesResponse(frames=batch)

    async def CutHighlights(self, request, context):
        self.script.enter("CutHighlights", context)
        self.script.configs.append(request)
        yield media_service_pb2.CutHighlightsResponse(progress=0.5)
        while not self.script.gate.is_set():
            await asyncio.sleep(0.01)
        for start in range(0, len(HIGHLIGHTS), 1000):
            chunk = HIGHLIGHTS[start : start + 1000]
            yield media_service_pb2.CutHighlightsResponse(chunk=chunk)
        summary = media_service_pb2.CutSummary(copied_share=0.75, note="A note.", pieces=2)
        summary.duration.FromMilliseconds(3_900)
        yield media_service_pb2.CutHighlightsResponse(summary=summary)

    async def RenderThumbnails(self, request, context):
        self.script.enter("RenderThumbnails", context)
        for thumbnail in request.thumbnails:
            yield media_service_pb2.RenderThumbnailsResponse(
                time_offset=thumbnail.time_offset, jpeg=JPEG
            )


class FakeFace(face_service_pb2_grpc.FaceServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    async def AnalyzeFrames(self, requests, context):
        self.script.enter("AnalyzeFrames", context)
        async for request in requests:
            if request.WhichOneof("payload") == "config":
                model = self.script.chosen(request.config, FACE_MODEL, OTHER_FACE_MODEL)
                yield face_service_pb2.AnalyzeFramesResponse(model=model)
                continue
            self.script.enter("Frame", context)
            face = face_service_pb2.Face(emotions=one_hot(MOODS[0]), track=1, quality=0.5)
            times = [frame.time_offset for frame in request.frames.frames]
            found = [face_service_pb2.FrameFaces(time_offset=at, faces=[face]) for at in times]
            answer = face_service_pb2.FrameFacesBatch(frames=found)
            yield face_service_pb2.AnalyzeFramesResponse(frames=answer)

    async def GetFaceModel(self, _request, context):
        self.script.enter("GetFaceModel", context)
        return face_service_pb2.GetFaceModelResponse(
            model=FACE_MODEL,
            models=self.script.left(FACE_MODEL, OTHER_FACE_MODEL),
            detectors=[face_service_pb2.FACE_DETECTOR_HAAR],
        )


class FakeAudio(audio_service_pb2_grpc.AudioServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    async def AnalyzeSpeech(self, requests, context):
        self.script.enter("AnalyzeSpeech", context)
        config = (await anext(requests)).config
        model = self.script.chosen(config, VOICE_MODEL, OTHER_VOICE_MODEL)
        yield audio_service_pb2.AnalyzeSpeechResponse(model=model)
        async for _ in requests:
            pass
        start_s, end_s = seconds(config.range.start_offset), seconds(config.range.end_offset)
        for second in range(int(start_s), int(end_s)):
            interval = audio_service_pb2.SpeechInterval(range=span(second, second + 1), speech=0.5)
            yield audio_service_pb2.AnalyzeSpeechResponse(interval=interval)

    async def GetVoiceModel(self, _request, context):
        self.script.enter("GetVoiceModel", context)
        return audio_service_pb2.GetVoiceModelResponse(
            model=VOICE_MODEL, models=self.script.left(VOICE_MODEL, OTHER_VOICE_MODEL)
        )


class FakeFusion(fusion_service_pb2_grpc.FusionServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    async def FuseTimeline(self, requests, context):
        self.script.enter("FuseTimeline", context)
        config = (await anext(requests)).config
        frames: dict[int, int] = {}
        speech: dict[int, float] = {}
        async for request in requests:
            if request.WhichOneof("payload") == "frames":
                for frame in request.frames.frames:
                    second = frame.time_offset.seconds
                    frames[second] = frames.get(second, 0) + 1
            else:
                speech[request.speech.range.start_offset.seconds] = request.speech.speech
        start_s, end_s = seconds(config.range.start_offset), seconds(config.range.end_offset)
        for second in range(int(start_s), int(end_s)):
            interval = _interval(second, frames.get(second, 0), speech.get(second, 0.0))
            yield fusion_service_pb2.FuseTimelineResponse(interval=interval)

    async def SummarizeTimeline(self, requests, context):
        self.script.enter("SummarizeTimeline", context)
        config = (await anext(requests)).config
        self.script.configs.append(config)
        intervals = [item.interval async for item in requests if item.HasField("interval")]
        response = fusion_service_pb2.SummarizeTimelineResponse()
        if config.options.smoothing or config.options.hysteresis:
            response.smoothed.extend(_smoothed(interval) for interval in intervals)
        for mood in MOODS:
            count = sum(interval.emotion == mood for interval in intervals)
            share = timeline_pb2.EmotionShare(
                emotion=mood, seconds=count, share=count / len(intervals)
            )
            response.analytics.shares.append(share)
        box = emotion_pb2.BoundingBox(left=0.1, top=0.1, right=0.5, bottom=0.5)
        for number in range(1, self.script.people + 1):
            person = response.people.add(id=f"p{number}", thumbnail_offset=Duration(seconds=1))
            person.thumbnail_box.MergeFrom(box)
        return response


def _smoothed(interval: timeline_pb2.Interval) -> fusion_service_pb2.SmoothedDecision:
    """Return fear wherever there is evidence."""
    if not interval.HasField("scores"):
        return fusion_service_pb2.SmoothedDecision()
    return fusion_service_pb2.SmoothedDecision(
        emotion=emotion_pb2.EMOTION_FEAR,
        confidence=0.75,
        scores=one_hot(emotion_pb2.EMOTION_FEAR),
    )


def _interval(second: int, frames: int, speech: float) -> timeline_pb2.Interval:
    mood = MOODS[second // 2 % len(MOODS)]
    interval = timeline_pb2.Interval(
        range=span(second, second + 1),
        emotion=mood,
        confidence=0.1 * (second % 10),
        evidence=emotion_pb2.EVIDENCE_BOTH if frames and speech else emotion_pb2.EVIDENCE_FACE,
        face=timeline_pb2.FaceEvidence(frames=frames, faces=frames, quality=0.5),
        voice=timeline_pb2.VoiceEvidence(speech=speech),
    )
    if mood:
        interval.scores.CopyFrom(one_hot(mood))
    return interval


class FakeServer:
    """One service that can be killed and started again on its port."""

    def __init__(self, add: Any, servicer: Any) -> None:
        self._add = lambda server: add(servicer, server)
        self._thread: Any = None
        self.port = 0

    def start(self) -> None:
        self._thread = in_thread(lambda: serving(self._add, port=self.port, grace_s=0))
        self.port = self._thread.__enter__()

    def kill(self) -> None:
        if self._thread is not None:
            self._thread.__exit__(None, None, None)
            self._thread = None


@contextmanager
def in_thread(make: Any) -> Iterator[Any]:
    """Hold an asynchronous context manager open in a loop of its own, on another thread."""
    started: Any = threading.Event()
    box: dict[str, Any] = {}

    async def hold() -> None:
        box["loop"], box["stop"] = asyncio.get_running_loop(), asyncio.Event()
        manager: AbstractAsyncContextManager[Any] = make()
        async with manager as value:
            box["value"] = value
            started.set()
            await box["stop"].wait()

    def run() -> None:
        try:
            asyncio.run(hold())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            box["error"] = error
        finally:
            started.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(60)
    if "error" in box:
        raise box["error"]
    try:
        yield box["value"]
    finally:
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(60)
        assert not thread.is_alive()
        if "error" in box:
            raise box["error"]


SERVERS = {
    "media": (media_service_pb2_grpc.add_MediaServiceServicer_to_server, FakeMedia),
    "face": (face_service_pb2_grpc.add_FaceServiceServicer_to_server, FakeFace),
    "audio": (audio_service_pb2_grpc.add_AudioServiceServicer_to_server, FakeAudio),
    "fusion": (fusion_service_pb2_grpc.add_FusionServiceServicer_to_server, FakeFusion),
}


@contextmanager
def fake_services(script: Script) -> Iterator[dict[str, FakeServer]]:
    """Run the four fakes; they follow one script."""
    servers = {name: FakeServer(add, make(script)) for name, (add, make) in SERVERS.items()}
    try:
        for server in servers.values():
            server.start()
        yield servers
    finally:
        for server in servers.values():
            server.kill()
