"""The four services behind the gateway: how they are reached and how they are."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap.v1 import (
    audio_service_pb2_grpc,
    face_service_pb2_grpc,
    fusion_service_pb2_grpc,
    media_service_pb2_grpc,
)
from emotionmap_runtime.channel import open_channel
from grpc_health.v1 import health_pb2, health_pb2_grpc

from emotionmap_gateway.work import passing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from emotionmap_gateway.settings import Settings

HEALTH_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Backends:
    """Stubs of the four services; generated stubs have no types of their own.

    `decode_segment` and `analyze_frames` are the methods of `media` and `face` that `passing` has.
    `asking` is for questions after health alone: replicas take turns at the calls of a channel, and
    a question between two segments would give both to the same one.
    """

    media: Any
    face: Any
    audio: Any
    fusion: Any
    decode_segment: Any
    analyze_frames: Any
    asking: Mapping[str, grpc.aio.Channel]

    async def health(self) -> dict[str, str]:
        """Return the state of each service: SERVING, NOT_SERVING or UNREACHABLE."""
        states = await asyncio.gather(*(_health(channel) for channel in self.asking.values()))
        return dict(zip(self.asking, states, strict=True))


async def _health(channel: grpc.aio.Channel) -> str:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=HEALTH_TIMEOUT_S)
    except grpc.aio.AioRpcError:
        return "UNREACHABLE"
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


@asynccontextmanager
async def connecting(settings: Settings) -> AsyncIterator[Backends]:
    """Give the services; nothing is contacted before the first call."""
    targets = {
        "media": settings.media_target,
        "face": settings.face_target,
        "audio": settings.audio_target,
        "fusion": settings.fusion_target,
    }
    async with AsyncExitStack() as stack:
        channels, asking = [
            {
                name: await stack.enter_async_context(open_channel(target))
                for name, target in targets.items()
            }
            for _ in range(2)
        ]
        yield Backends(
            media=media_service_pb2_grpc.MediaServiceStub(channels["media"]),  # type: ignore[no-untyped-call]
            face=face_service_pb2_grpc.FaceServiceStub(channels["face"]),  # type: ignore[no-untyped-call]
            audio=audio_service_pb2_grpc.AudioServiceStub(channels["audio"]),  # type: ignore[no-untyped-call]
            fusion=fusion_service_pb2_grpc.FusionServiceStub(channels["fusion"]),  # type: ignore[no-untyped-call]
            decode_segment=passing.decode_segment(channels["media"]),
            analyze_frames=passing.analyze_frames(channels["face"]),
            asking=asking,
        )
