"""What every server does, over a real socket: typed errors, health, reflection, drain, balance."""

from __future__ import annotations

import asyncio
import errno
import platform
import re
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc as pb_grpc
from emotionmap_runtime.channel import call_metadata, open_channel
from emotionmap_runtime.errors import ServiceError, from_rpc_error
from emotionmap_runtime.server import serving
from emotionmap_runtime.telemetry import Metrics, call_context
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
BLOCKS, BLOCK_BYTES = 6000, 8192


class Servicer(pb_grpc.FusionServiceServicer):
    """Answers as told: raises an error, waits for an event, or repeats each request."""

    def __init__(self, *, error=None, gate=None):
        self.error, self.gate, self.calls, self.seen = error, gate, 0, {}

    async def FuseTimeline(self, requests, context):
        self.calls += 1
        self.seen = dict(call_context.get())
        async for _ in requests:
            if self.gate:
                await self.gate.wait()
            if self.error is None:
                yield pb.FuseTimelineResponse()
        if self.error:  # at the end: grpc.aio may lose the status if it comes while one writes
            raise self.error

    async def SummarizeTimeline(self, requests, context):
        self.calls += 1
        if self.error:
            raise self.error
        return pb.SummarizeTimelineResponse()


@asynccontextmanager
async def served(servicer, **options):
    def add(server):
        pb_grpc.add_FusionServiceServicer_to_server(servicer, server)

    name = "emotionmap.v1.FusionService"
    async with (
        serving(add, port=0, services=[name], **{"grace_s": 2, **options}) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield channel, port


async def requests(count=1):
    for _ in range(count):
        yield pb.FuseTimelineRequest()


async def consume(channel):
    stub = pb_grpc.FusionServiceStub(channel)
    return [r async for r in stub.FuseTimeline(requests(), timeout=10, metadata=call_metadata())]


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    for name in ("grpc_proxy", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with served(Servicer()) as (channel, _):
        assert len(await consume(channel)) == 1


def has_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", 9)) == errno.ECONNREFUSED


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
async def test_ipv6_is_served_like_any_other_address():
    async with (
        served(Servicer(), host="::1") as (_, port),
        open_channel(f"[::1]:{port}") as channel,
    ):
        assert len(await consume(channel)) == 1


LOST = ServiceError(grpc.StatusCode.NOT_FOUND, "LOST", "It is lost.", metadata={"id": "7"})


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (LOST, grpc.StatusCode.NOT_FOUND, "LOST"),
        (ZeroDivisionError("secret"), grpc.StatusCode.INTERNAL, "INTERNAL"),
    ],
)
async def test_errors_arrive_typed_from_streams_and_unary_calls(error, code, reason) -> None:
    async with served(Servicer(error=error)) as (channel, _):
        stub = pb_grpc.FusionServiceStub(channel)
        for call in (consume(channel), stub.SummarizeTimeline(iter(()), timeout=10)):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            received = from_rpc_error(caught.value)
            assert (received.code, received.reason) == (code, reason)
            assert "secret" not in received.message


async def test_a_dead_server_is_service_unavailable(unused_tcp_port) -> None:
    async with open_channel(f"127.0.0.1:{unused_tcp_port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await consume(channel)
    error = from_rpc_error(caught.value)
    assert error.reason == "SERVICE_UNAVAILABLE"
    assert error.retry_after is not None


async def test_health_check_and_watch_see_a_serving_server() -> None:
    async with served(Servicer()) as (channel, _):
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", "liveness"):
            request = health_pb2.HealthCheckRequest(service=service)
            assert (await stub.Check(request, timeout=5)).status == SERVING
            assert (await anext(aiter(stub.Watch(request, timeout=5)))).status == SERVING


async def test_reflection_lists_the_service() -> None:
    async with served(Servicer()) as (channel, _):
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        response = await anext(aiter(stub.ServerReflectionInfo(iter([request]), timeout=5)))
        names = {service.name for service in response.list_services_response.service}
    assert "emotionmap.v1.FusionService" in names


async def test_draining_says_not_serving_and_finishes_what_runs() -> None:
    gate, servicer = asyncio.Event(), Servicer()
    servicer.gate = gate
    server = AsyncExitStack()
    _, port = await server.enter_async_context(served(servicer, grace_s=10))
    async with open_channel(f"127.0.0.1:{port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        call = health.Watch(health_pb2.HealthCheckRequest(), timeout=10)
        watch = aiter(call)
        running = asyncio.ensure_future(consume(channel))
        assert (await anext(watch)).status == SERVING
        while not servicer.calls:
            await asyncio.sleep(0.01)
        closing = asyncio.ensure_future(server.aclose())
        assert (await anext(watch)).status == NOT_SERVING
        call.cancel()  # a watch that a caller holds would last until the grace is over
        gate.set()
        assert len(await running) == 1
        await closing


async def test_call_context_reaches_the_handler() -> None:
    servicer = Servicer()
    async with served(servicer) as (channel, _):
        token = call_context.set({"analysis_id": "a1", "segment_id": "a1/0"})
        await consume(channel)
        call_context.reset(token)
    assert servicer.seen == {"analysis_id": "a1", "segment_id": "a1/0"}


async def test_calls_are_counted_by_code() -> None:
    metrics = Metrics.create()
    async with served(Servicer(error=LOST), metrics=metrics) as (channel, _):
        with pytest.raises(grpc.aio.AioRpcError):
            await consume(channel)
    labels = {"method": "/emotionmap.v1.FusionService/FuseTimeline", "code": "NOT_FOUND"}
    assert metrics.registry.get_sample_value("em_requests_total", labels) == 1
    why = {"method": labels["method"], "reason": "LOST"}
    assert metrics.registry.get_sample_value("em_request_failures_total", why) == 1
    of = {"method": labels["method"]}
    assert metrics.registry.get_sample_value("em_requests_in_flight", of) == 0


async def test_calls_are_spread_over_all_servers() -> None:
    first, second = Servicer(), Servicer()
    async with (
        served(first) as (_, one),
        served(second) as (_, two),
        open_channel(f"ipv4:127.0.0.1:{one},127.0.0.1:{two}") as channel,
    ):
        while not (first.calls and second.calls):  # until both connections are up
            await consume(channel)
        first.calls = second.calls = 0
        for _ in range(10):
            await consume(channel)
    assert min(first.calls, second.calls) >= 4


async def test_a_second_server_on_a_taken_port_is_refused() -> None:
    async with served(Servicer()) as (_, port):
        with pytest.raises(RuntimeError):
            async with serving(lambda server: None, port=port):
                pass


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other mallocs keep less")
async def test_memory_that_was_freed_is_given_back() -> None:
    blocks = [np.ones(BLOCK_BYTES, np.uint8) for _ in range(BLOCKS)]
    held = blocks[::8]  # they keep malloc from doing so by itself
    del blocks
    before_kb = resident_kb()
    async with serving(lambda server: None, port=0, memory_every_s=0.05):
        await asyncio.sleep(0.2)
        assert before_kb - resident_kb() > BLOCKS * BLOCK_BYTES / 1024 / 4
    assert len(held) == BLOCKS // 8


def resident_kb() -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])
