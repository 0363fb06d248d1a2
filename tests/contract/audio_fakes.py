"""An audio service with fakes behind it, and what its tests send and read."""

from __future__ import annotations

from contextlib import asynccontextmanager

import grpc
import numpy as np
from emotionmap.v1 import audio_service_pb2 as pb
from emotionmap.v1 import audio_service_pb2_grpc, media_service_pb2
from emotionmap_audio.manifest import Manifest
from emotionmap_audio.service import running
from emotionmap_audio.settings import Settings
from emotionmap_runtime.telemetry import Metrics

from tests.contract.fake_models import ANGRY, SAD, FailingModel, GatedModel, manifest_fields

MANIFEST = Manifest.model_validate(
    manifest_fields("voice", labels=["Sadness", "Anger"], metric="uar")
)
RATE_HZ = 16_000


class LoudIsSpeech:
    """Takes any frame that is not silent for speech."""

    def listen(self, samples):
        return [1.0 if frame.any() else 0.0 for frame in samples.reshape(-1, 512)]


class FakeModel(GatedModel):
    """Finds everybody sad."""

    manifest, emotions = MANIFEST, SAD


class OtherModel(GatedModel):
    """Finds everybody angry."""

    manifest, emotions = MANIFEST.model_copy(update={"name": "other"}), ANGRY


class BrokenModel(FailingModel):
    manifest = MANIFEST


@asynccontextmanager
async def serving(*models, metrics=None, **settings):
    async with (
        running(
            *(models or [FakeModel()]),
            make_detector=LoudIsSpeech,
            settings=Settings(port=0, grace_s=0, **settings),
            metrics=metrics or Metrics.create(),
        ) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield channel


def config(*, start_s=0.0, end_s=4.0, segment_id="a/0", interval_s=None, context_s=None, model=""):
    message = pb.AnalyzeSpeechConfig(segment_id=segment_id, model=model)
    message.range.start_offset.FromNanoseconds(round(start_s * 1e9))
    message.range.end_offset.FromNanoseconds(round(end_s * 1e9))
    if interval_s is not None:
        message.interval.FromNanoseconds(round(interval_s * 1e9))
    if context_s is not None:
        message.context.FromNanoseconds(round(context_s * 1e9))
    return pb.AnalyzeSpeechRequest(config=message)


def audio(at_s, samples):
    message = media_service_pb2.AudioChunk(pcm=np.asarray(samples, "<i2").tobytes())
    message.time_offset.FromNanoseconds(round(at_s * 1e9))
    return pb.AnalyzeSpeechRequest(audio=message)


def raw(pcm):
    return pb.AnalyzeSpeechRequest(audio=media_service_pb2.AudioChunk(pcm=pcm))


def voice(seconds):
    return np.random.default_rng(0).integers(1, 9000, round(seconds * RATE_HZ))


def silence(seconds):
    return np.zeros(round(seconds * RATE_HZ))


async def answers(channel, requests):
    """Send everything, and return every answer."""

    async def stream():
        for request in requests:
            yield request

    call = audio_service_pb2_grpc.AudioServiceStub(channel).AnalyzeSpeech(stream())
    return [answer async for answer in call]


def ranges_s(responses):
    ranges = [response.interval.range for response in responses]
    return [
        (r.start_offset.ToNanoseconds() / 1e9, r.end_offset.ToNanoseconds() / 1e9) for r in ranges
    ]
