"""A running MediaService, and how tests ask for spans of its clip."""

from __future__ import annotations

from contextlib import asynccontextmanager
from fractions import Fraction

import grpc
from emotionmap.v1 import emotion_pb2, media_service_pb2_grpc
from emotionmap.v1 import media_service_pb2 as pb
from emotionmap_media.clock import to_duration
from emotionmap_media.service import running
from emotionmap_media.settings import Settings
from emotionmap_runtime.telemetry import Metrics
from grpc_health.v1 import health_pb2, health_pb2_grpc

KEY = "uploads/clip.mp4"


@asynccontextmanager
async def stub_for(data_dir, **changes):
    limits = {"port": 0, "workers": 2, "quick_workers": 1, "grace_s": 0, **changes}
    settings = Settings(data_dir=data_dir, **limits)
    async with (
        running(settings, metrics=Metrics.create()) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        yield media_service_pb2_grpc.MediaServiceStub(channel)


def span(start, end):
    return emotion_pb2.TimeRange(
        start_offset=to_duration(Fraction(start)), end_offset=to_duration(Fraction(end))
    )


def segment(start=0, end=4, key=KEY, **options):
    return pb.DecodeSegmentRequest(
        media_key=key, segment_id="a/0", range=span(start, end), **options
    )


def ranges(*pairs):
    return pb.CutHighlightsRequest(media_key=KEY, ranges=[span(*pair) for pair in pairs])
