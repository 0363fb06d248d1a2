"""Replicas that come and go behind a name get their share, as behind a headless service.

Here the name server is one of ours; a cluster adds what its own takes to notice a new pod.
EMOTIONMAP_SOAK=1 takes the true age of connections, and a minute.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc
from emotionmap_cli.ports import free_ports
from emotionmap_runtime import server
from emotionmap_runtime.channel import open_channel

from tests.faults.name_server import naming

pytestmark = pytest.mark.faults

IS_SOAK = bool(os.environ.get("EMOTIONMAP_SOAK"))
AGE = "grpc.max_connection_age_ms"
TRUE_AGE_S = dict(server.SERVER_OPTIONS)[AGE] / 1000
AGE_S = TRUE_AGE_S if IS_SOAK else 2.0
SHARE_WITHIN_S = 60.0
PAUSE_S = 0.01
CALLS = 200


class Fusion(fusion_service_pb2_grpc.FusionServiceServicer):
    """Counts its calls, of all replicas in one place."""

    def __init__(self, name, counts):
        self.name, self.counts = name, counts

    async def SummarizeTimeline(self, requests, context):
        self.counts[self.name] += 1
        return pb.SummarizeTimelineResponse()

    async def FuseTimeline(self, requests, context):
        async for _ in requests:
            yield pb.FuseTimelineResponse()

    def add_to(self, grpc_server):
        fusion_service_pb2_grpc.add_FusionServiceServicer_to_server(self, grpc_server)


class Replicas:
    """Servers on one port of 127.0.0.1, 127.0.0.2 and so on, and a client that knows their name."""

    def __init__(self, names, port, stub, stack):
        self.counts, self._names, self._port, self._stack = Counter(), names, port, stack
        self.stub = stub

    async def add(self, *hosts):
        for host in hosts:
            started = server.serving(Fusion(host, self.counts).add_to, port=self._port, host=host)
            await self._stack.enter_async_context(started)
        self._names.addresses += hosts

    async def call(self, count):
        """Make calls; return the share of each replica in percent."""
        self.counts.clear()
        for _ in range(count):
            await self.stub.SummarizeTimeline(iter(()), timeout=10, wait_for_ready=True)
            await asyncio.sleep(PAUSE_S)
        return {host: 100 * calls / count for host, calls in self.counts.items()}

    async def call_until(self, done, *, within_s):
        """Call until a condition holds; return how long that took."""
        start_s = time.monotonic()
        async with asyncio.timeout(within_s):
            while not done():
                await self.call(5)
        return time.monotonic() - start_s


@asynccontextmanager
async def three_replicas(monkeypatch, *, age_s):
    options = {**dict(server.SERVER_OPTIONS), AGE: round(age_s * 1000)}
    monkeypatch.setattr(server, "SERVER_OPTIONS", tuple(options.items()))
    [port] = free_ports(1)
    async with naming() as (names, dns_port), AsyncExitStack() as stack:
        target = f"dns://127.0.0.1:{dns_port}/fusion.test:{port}"
        channel = open_channel(target)
        stub = fusion_service_pb2_grpc.FusionServiceStub(channel)
        replicas = Replicas(names, port, stub, stack)
        await replicas.add("127.0.0.1", "127.0.0.2", "127.0.0.3")
        # Last in, first out: the servers end after the client.
        try:
            await replicas.call_until(lambda: len(replicas.counts) == 3, within_s=20)
            yield replicas
        finally:
            await channel.close()


def test_a_new_replica_is_known_within_a_minute_by_its_settings():
    # A tenth more by chance, and the second between two questions after the name.
    assert TRUE_AGE_S * 1.1 + 1 < SHARE_WITHIN_S


async def test_a_fourth_replica_gets_its_share_while_a_long_stream_goes_on(monkeypatch):
    async with three_replicas(monkeypatch, age_s=AGE_S) as replicas:
        stream = replicas.stub.FuseTimeline(timeout=300)
        await stream.write(pb.FuseTimelineRequest())
        await stream.read()
        await replicas.add("127.0.0.4")
        limit_s = SHARE_WITHIN_S if IS_SOAK else 2 * AGE_S + 5
        took_s = await replicas.call_until(lambda: replicas.counts["127.0.0.4"], within_s=limit_s)
        shares = await replicas.call(CALLS)
        await asyncio.sleep(max(0.0, 1.2 * AGE_S - took_s))
        await stream.write(pb.FuseTimelineRequest())
        await stream.read()  # on a connection that is older than any new one may get
        stream.cancel()
    assert sorted(shares) == [f"127.0.0.{number}" for number in (1, 2, 3, 4)]
    assert all(20 <= share <= 30 for share in shares.values()), shares


async def test_without_an_age_of_connections_a_fourth_replica_idles(monkeypatch):
    async with three_replicas(monkeypatch, age_s=3600) as replicas:
        await replicas.add("127.0.0.4")
        shares = await replicas.call(CALLS)
    assert "127.0.0.4" not in shares  # the trap: names are looked up anew only for new connections
