"""The four services behind the gateway as scripted fakes on real sockets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from emotionmap.v1 import (
    audio_service_pb2,
    audio_service_pb2_grpc,
    emotion_pb2,
    face_service_pb2,
    face_service_pb2_grpc,
    fusion_service_pb2,
    fusion_service_pb2_grpc,
    media_service_pb2_grpc,
    timeline_pb2,
)
from google.protobuf.duration_pb2 import Duration

from tests.contract.gateway_fake_media import FakeMedia
from tests.contract.gateway_script import (
    FACE_MODEL,
    MOODS,
    OTHER_FACE_MODEL,
    OTHER_VOICE_MODEL,
    VOICE_MODEL,
    one_hot,
    seconds,
    span,
)
from tests.contract.threaded_servers import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.gateway_script import Script


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
