"""FusionService over gRPC: keeps the order of a stream; decodes, calls, encodes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc

from emotionmap_fusion import options, reasons, wire
from emotionmap_fusion.segment import SegmentFusion
from emotionmap_fusion.summary import Summary
from emotionmap_fusion.weighted_mean import WeightedMean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc

    from emotionmap_fusion.fuse import Strategy
    from emotionmap_fusion.segment import FusedInterval


class FusionServicer(fusion_service_pb2_grpc.FusionServiceServicer):
    """Fuses segments and summarises timelines; keeps nothing between calls.

    Args:
        reliability: What `FUSION_STRATEGY_RELIABILITY` stands for.
    """

    def __init__(self, *, reliability: Strategy) -> None:
        mean = WeightedMean()
        self._strategies: dict[int, Strategy] = {
            pb.FUSION_STRATEGY_UNSPECIFIED: mean,
            pb.FUSION_STRATEGY_WEIGHTED_MEAN: mean,
            pb.FUSION_STRATEGY_RELIABILITY: reliability,
        }

    async def FuseTimeline(
        self,
        requests: AsyncIterator[pb.FuseTimelineRequest],
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - gRPC's signature
    ) -> AsyncIterator[pb.FuseTimelineResponse]:
        first = await anext(aiter(requests), None)
        if first is None or first.WhichOneof("payload") != "config":
            raise _config_missing()
        prefix = wire.track_prefix(first.config.segment_id)
        options.to_smoothing(first.config.options)  # refused before work is done for it
        fusion = SegmentFusion(
            wire.to_segment(first.config),
            weighing=options.to_weighing(first.config),
            strategy=options.to_strategy(first.config.options, self._strategies),
        )
        async for request in requests:
            _add(fusion, request)
            for interval in fusion.take_complete():
                yield _response(interval, prefix)
        for interval in fusion.take_rest():
            yield _response(interval, prefix)

    async def SummarizeTimeline(
        self,
        requests: AsyncIterator[pb.SummarizeTimelineRequest],
        context: grpc.aio.ServicerContext[Any, Any],  # noqa: ARG002 - gRPC's signature
    ) -> pb.SummarizeTimelineResponse:
        first = await anext(aiter(requests), None)
        if first is None or first.WhichOneof("payload") != "config":
            raise _config_missing()
        summary = Summary(first.config)
        async for request in requests:
            if request.WhichOneof("payload") != "interval":
                raise _config_missing()
            summary.add(request.interval)
        # In a thread: hours of intervals take a second to smooth.
        return await asyncio.to_thread(summary.to_response)


def _add(fusion: SegmentFusion, request: pb.FuseTimelineRequest) -> None:
    match request.WhichOneof("payload"):
        case "frames":
            for frame in request.frames.frames:
                fusion.add_frame(wire.to_frame(frame))
        case "speech":
            fusion.add_speech(wire.to_speech(request.speech))
        case _:
            raise _config_missing()


def _response(interval: FusedInterval, prefix: str) -> pb.FuseTimelineResponse:
    return pb.FuseTimelineResponse(interval=wire.from_interval(interval, track_prefix=prefix))


def _config_missing() -> Exception:
    return reasons.refusal(
        reasons.CONFIG_MISSING, "The first message, and only that, must carry `config`."
    )
