"""A server that hangs is noticed by who waits for it, long before any deadline."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import grpc
import pytest
from emotionmap_cli.ports import free_ports
from emotionmap_runtime import channel
from grpc_health.v1 import health_pb2, health_pb2_grpc

pytestmark = pytest.mark.faults

FASTER = 20
"""The test does not wait for the true 30 s."""


@contextmanager
def fusion_process():
    [port] = free_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "emotionmap_fusion"],
        env={**os.environ, "EMOTIONMAP_FUSION_PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process, f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def faster(options):
    return tuple(
        (name, value // FASTER if "keepalive" in name or "ping_timeout" in name else value)
        for name, value in options
    )


async def test_a_quiet_call_to_a_server_that_hangs_ends_as_unavailable(monkeypatch):
    monkeypatch.setattr(channel, "CHANNEL_OPTIONS", faster(channel.CHANNEL_OPTIONS))
    with fusion_process() as (process, target):
        async with channel.open_channel(target) as connection:
            stub = health_pb2_grpc.HealthStub(connection)
            call = stub.Watch(health_pb2.HealthCheckRequest(), wait_for_ready=True)
            states = aiter(call)
            await anext(states)
            process.send_signal(signal.SIGSTOP)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await asyncio.wait_for(anext(states), 20)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
