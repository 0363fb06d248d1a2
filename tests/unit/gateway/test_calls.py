"""A call that a server ends while it is written to ends with what the server said."""

from __future__ import annotations

import grpc
import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc as pb_grpc
from emotionmap_gateway.work.calls import keep_status, write
from emotionmap_runtime.channel import open_channel
from emotionmap_runtime.errors import ServiceError, from_rpc_error
from emotionmap_runtime.server import serving

CALLS = 40
"""Without `keep_status` about a third of them end with INTERNAL instead."""


class Refusing(pb_grpc.FusionServiceServicer):
    """Ends each call after its first message."""

    async def FuseTimeline(self, requests, context):
        async for _ in requests:
            raise ServiceError(grpc.StatusCode.INVALID_ARGUMENT, "CONFIG_INVALID", "No.")
        yield


async def _write_on(call) -> None:
    while True:
        await write(call, pb.FuseTimelineRequest())


async def _reason(stub) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _write_on(keep_status(stub.FuseTimeline(timeout=10)))
    return from_rpc_error(caught.value).reason


async def test_the_reason_of_the_server_arrives():
    def add(server):
        pb_grpc.add_FusionServiceServicer_to_server(Refusing(), server)

    async with (
        serving(add, port=0, grace_s=0) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = pb_grpc.FusionServiceStub(channel)
        reasons = {await _reason(stub) for _ in range(CALLS)}
    assert reasons == {"CONFIG_INVALID"}
