"""Who reads slowly is not sent megabytes ahead, however fast it was before."""

from __future__ import annotations

import asyncio

from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc as pb_grpc
from emotionmap_runtime.channel import open_channel
from emotionmap_runtime.server import serving

READ_FAST = 200
"""Messages before the reader stops: enough for a window that grows with the bandwidth."""
MESSAGE_BYTES = 512 * 1024
MOST_AHEAD_BYTES = 2 * 2**20
STUCK_S = 1.0


class Sleepy(pb_grpc.FusionServiceServicer):
    """Reads fast at first, then not at all."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()

    async def FuseTimeline(self, requests, context):
        read = 0
        async for _ in requests:
            read += 1
            if read == READ_FAST:
                await self.woken.wait()
        yield pb.FuseTimelineResponse()


async def sent_ahead_bytes(call) -> int:
    message = pb.FuseTimelineRequest()
    message.config.segment_id = "x" * MESSAGE_BYTES
    sent = 0
    try:
        while sent < 4 * READ_FAST:
            async with asyncio.timeout(STUCK_S):
                await call.write(message)
            sent += 1
    except TimeoutError:
        pass
    return (sent - READ_FAST) * MESSAGE_BYTES


async def test_a_slow_reader_is_not_sent_much_ahead():
    sleepy = Sleepy()

    def add(server):
        pb_grpc.add_FusionServiceServicer_to_server(sleepy, server)

    async with serving(add, port=0, services=["emotionmap.v1.FusionService"], grace_s=2) as port:
        channel = open_channel(f"127.0.0.1:{port}")
        call = pb_grpc.FusionServiceStub(channel).FuseTimeline()
        ahead_bytes = await sent_ahead_bytes(call)
        call.cancel()
        sleepy.woken.set()
        await channel.close()
    assert 0 <= ahead_bytes <= MOST_AHEAD_BYTES
