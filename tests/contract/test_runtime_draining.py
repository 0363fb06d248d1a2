"""How a server ends: it says so, goes on for who has not heard it, then finishes what runs."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import grpc
import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc
from emotionmap_runtime import server
from emotionmap_runtime.admission import QUIET_S
from emotionmap_runtime.channel import open_channel
from emotionmap_runtime.errors import from_rpc_error
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
FUSE = "/emotionmap.v1.FusionService/FuseTimeline"


class Echo(fusion_service_pb2_grpc.FusionServiceServicer):
    async def FuseTimeline(self, requests, context):
        async for _ in requests:
            yield pb.FuseTimelineResponse()

    async def SummarizeTimeline(self, requests, context):
        return pb.SummarizeTimelineResponse()


def add(grpc_server):
    fusion_service_pb2_grpc.add_FusionServiceServicer_to_server(Echo(), grpc_server)


async def state(channel, name=""):
    request = health_pb2.HealthCheckRequest(service=name)
    return (await health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)).status


async def call_for_ever(stub):
    while True:
        await stub.SummarizeTimeline(iter(()), timeout=5)


async def test_who_watches_its_health_may_still_call_a_server_that_drains():
    stack = AsyncExitStack()
    port = await stack.enter_async_context(server.serving(add, port=0))
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = fusion_service_pb2_grpc.FusionServiceStub(channel)
        watch = aiter(health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest()))
        assert (await anext(watch)).status == SERVING
        ending = asyncio.create_task(stack.aclose())
        assert (await anext(watch)).status == NOT_SERVING
        for _ in range(10):
            await stub.SummarizeTimeline(iter(()), timeout=5)
        # It is not hung: a kubelet that asks this would kill it in the middle of its calls.
        assert await state(channel, "liveness") == SERVING
        assert not ending.done()
    await asyncio.wait_for(ending, 20)


async def test_a_server_that_nobody_watches_ends_at_once():
    start_s = time.monotonic()
    async with server.serving(add, port=0):
        pass
    assert time.monotonic() - start_s < QUIET_S


async def test_a_server_that_is_still_called_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(server, "LAME_DUCK_S", 0.3)
    stack = AsyncExitStack()
    port = await stack.enter_async_context(server.serving(add, port=0, grace_s=2))
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = fusion_service_pb2_grpc.FusionServiceStub(channel)
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        await watch.read()
        ending = asyncio.create_task(stack.aclose())
        # One or the other: grpc.aio raises the second for a call that the server cancels.
        with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
            await asyncio.wait_for(call_for_ever(stub), 10)
    await asyncio.wait_for(ending, 20)


async def test_a_server_says_that_it_will_stop_before_its_block_ends():
    stopping = asyncio.Event()
    async with (
        server.serving(add, port=0, stopping=stopping) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        health = health_pb2_grpc.HealthStub(channel)
        watch = aiter(health.Watch(health_pb2.HealthCheckRequest(), timeout=10))
        assert (await anext(watch)).status == SERVING
        stopping.set()
        assert (await anext(watch)).status == NOT_SERVING


async def test_a_call_beyond_the_limit_is_refused_and_one_of_another_kind_is_not():
    async with (
        server.serving(add, port=0, limits={FUSE: 1}) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = fusion_service_pb2_grpc.FusionServiceStub(channel)
        first = stub.FuseTimeline(timeout=10)
        await first.write(pb.FuseTimelineRequest())
        await first.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.FuseTimeline(timeout=10).read()
        error = from_rpc_error(caught.value)
        assert (error.reason, error.retry_after is None) == ("QUEUE_FULL", False)
        await stub.SummarizeTimeline(iter(()), timeout=5)
        await first.done_writing()
        assert await first.read() is grpc.aio.EOF
        second = stub.FuseTimeline(timeout=10)
        await second.done_writing()
        assert await second.read() is grpc.aio.EOF  # its place is free again
