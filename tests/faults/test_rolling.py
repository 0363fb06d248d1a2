"""Rolling restarts under load: every replica is stopped in turn, and no call is lost.

EMOTIONMAP_SOAK=1 makes it the twenty rounds of a night.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager

import grpc
import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc
from emotionmap_cli.ports import free_ports
from emotionmap_runtime.channel import open_channel
from grpc_health.v1 import health_pb2, health_pb2_grpc

pytestmark = pytest.mark.faults

ROUNDS = 20 if os.environ.get("EMOTIONMAP_SOAK") else 4
PAUSE_S = 0.02
"""Between two calls: 50 a second."""
NOT_SERVING_S = 0.1
EXIT_S = 30.0
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Replica:
    """A fusion server as a process."""

    def __init__(self, port):
        self.port = port

    async def start(self):
        variables = {**os.environ, "EMOTIONMAP_FUSION_PORT": str(self.port)}
        command = [sys.executable, "-m", "emotionmap_fusion"]
        self.process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            command, env=variables, stdout=subprocess.DEVNULL
        )
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            question = health_pb2.HealthCheckRequest()
            stub = health_pb2_grpc.HealthStub(channel)
            await stub.Check(question, wait_for_ready=True, timeout=60)

    async def stop(self):
        """Stop it by SIGTERM; return how soon it says so, how soon it ends, and how."""
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            states = aiter(watch)
            await anext(states)
            start_s = time.monotonic()
            self.process.send_signal(signal.SIGTERM)
            state = await anext(states)
            said_s = time.monotonic() - start_s
        status = await asyncio.to_thread(self.process.wait, EXIT_S)
        return state.status, said_s, status


@asynccontextmanager
async def two_replicas():
    replicas = [Replica(port) for port in free_ports(2)]
    try:
        await asyncio.gather(*(replica.start() for replica in replicas))
        yield replicas
    finally:
        for replica in replicas:
            replica.process.kill()
            replica.process.wait()


async def one_call(stub, outcomes):
    """Fuse nothing, in a stream of its own; count what becomes of it."""
    try:
        response = await stub.SummarizeTimeline(iter([pb.SummarizeTimelineRequest()]), timeout=20)
        outcomes["answered" if response is not None else "empty"] += 1
    except grpc.aio.AioRpcError as error:
        # The server has looked at the request, which says nothing, and refuses it: an answer, too.
        refused = error.code() is grpc.StatusCode.INVALID_ARGUMENT
        outcomes["answered" if refused else f"{error.code().name}: {error.details()}"] += 1


@asynccontextmanager
async def calls_to(replicas):
    """Call 50 times a second until the block ends; give the counts of outcomes."""
    target = "ipv4:" + ",".join(f"127.0.0.1:{replica.port}" for replica in replicas)
    outcomes = Counter()
    async with open_channel(target) as channel:
        stub = fusion_service_pb2_grpc.FusionServiceStub(channel)

        async def go():
            async with asyncio.TaskGroup() as calls:
                while not ended.is_set():
                    calls.create_task(one_call(stub, outcomes))
                    await asyncio.sleep(PAUSE_S)

        ended = asyncio.Event()
        load = asyncio.create_task(go())
        yield outcomes
        ended.set()
        await load


async def test_restarting_replicas_in_turn_loses_no_call():
    said_s = []
    async with two_replicas() as replicas, calls_to(replicas) as outcomes:
        await asyncio.sleep(0.5)
        for number in range(ROUNDS):
            replica = replicas[number % 2]
            state, after_s, status = await replica.stop()
            assert (state, status) == (NOT_SERVING, 0)
            said_s.append(after_s)
            await replica.start()
            await asyncio.sleep(1.2)  # the client comes back within a second
    assert set(outcomes) == {"answered"}, outcomes
    assert outcomes["answered"] > 50 * ROUNDS
    assert statistics.median(said_s) <= NOT_SERVING_S, said_s
