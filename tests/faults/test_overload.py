"""Ten times too much: what is refused is refused at once, and the rest is as fast as ever.

The server, its limit, its batches and its client are the true ones; the model only takes time.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager
from functools import partial

import grpc
import pytest
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc
from emotionmap_gateway.work.retries import Patience, retried
from emotionmap_runtime.batching import batching
from emotionmap_runtime.channel import open_channel
from emotionmap_runtime.errors import from_rpc_error
from emotionmap_runtime.server import serving
from emotionmap_runtime.telemetry import Metrics

from tests.bench.spread import percentile

pytestmark = pytest.mark.faults

METHOD = "/emotionmap.v1.FusionService/SummarizeTimeline"
LIMIT = 16
BATCH, BATCH_S = 4, 0.16
"""So the server takes 25 calls a second, whatever the machine."""
WAVES, WAVE, WAVE_S = 5, 200, 0.8
"""Ten times that, 1,000 calls."""
REFUSED_P99_S = 0.25
"""50 ms on idle cores; here client and server share one thread, on cores that others use."""
GOODPUT = 0.9


class Busy(fusion_service_pb2_grpc.FusionServiceServicer):
    """Scores one item a call; knows how many calls it ever had at once."""

    def __init__(self, scorer):
        self.scorer, self.running, self.most = scorer, 0, 0

    async def SummarizeTimeline(self, requests, context):
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.scorer.submit(0)
        finally:
            self.running -= 1
        return pb.SummarizeTimelineResponse()

    def add_to(self, server):
        fusion_service_pb2_grpc.add_FusionServiceServicer_to_server(self, server)


def score(items):
    time.sleep(BATCH_S)
    return items


@asynccontextmanager
async def busy_server():
    metrics = Metrics.create()
    async with (
        batching(score, max_batch=BATCH, max_wait_s=0.01, max_queue=100, metrics=metrics) as scorer,
        serving((servicer := Busy(scorer)).add_to, port=0, limits={METHOD: LIMIT}) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = fusion_service_pb2_grpc.FusionServiceStub(channel)
        await stub.SummarizeTimeline(iter(()), wait_for_ready=True, timeout=10)
        yield servicer, stub


class Log:
    """When calls were answered, and how long refusals took."""

    def __init__(self):
        self.answered_s, self.refused_s, self.others = [], [], Counter()

    async def call(self, stub):
        start_s = time.monotonic()
        try:
            await stub.SummarizeTimeline(iter(()), timeout=30)
            self.answered_s.append(time.monotonic())
        except grpc.aio.AioRpcError as caught:
            error = from_rpc_error(caught)
            if error.reason == "QUEUE_FULL" and error.retry_after is not None:
                self.refused_s.append(time.monotonic() - start_s)
            else:
                self.others[error.reason] += 1

    def goodput(self):
        """Return answers a second, after the first batch until the last."""
        return (len(self.answered_s) - BATCH) / (max(self.answered_s) - min(self.answered_s))


async def peak(stub):
    """Return the goodput of as many callers as the server takes."""
    log = Log()

    async def caller():
        for _ in range(5):
            await log.call(stub)

    await asyncio.gather(*(caller() for _ in range(LIMIT)))
    return log.goodput()


async def flood(stub):
    log = Log()
    async with asyncio.TaskGroup() as calls:
        for number in range(WAVES * WAVE):
            calls.create_task(log.call(stub))
            await asyncio.sleep(WAVE_S / WAVE if number % WAVE else WAVE_S / 10)
    return log


async def test_a_flood_is_shed_at_once_and_costs_no_goodput():
    async with busy_server() as (servicer, stub):
        best = await peak(stub)
        log = await flood(stub)
    assert not log.others
    assert len(log.answered_s) + len(log.refused_s) == WAVES * WAVE
    assert len(log.refused_s) > WAVES * WAVE / 2
    assert servicer.most <= LIMIT
    assert log.goodput() >= GOODPUT * best, (log.goodput(), best)
    assert percentile(log.refused_s, 99) <= REFUSED_P99_S, percentile(log.refused_s, 99)


async def test_work_that_is_refused_is_done_later_without_patience():
    async with busy_server() as (servicer, stub):
        work = partial(stub.SummarizeTimeline, iter(()), timeout=30)

        async def call():
            return await work()

        patience = Patience(absence_s=0, attempts=1)
        results = await asyncio.gather(*(retried(call, patience) for _ in range(2 * LIMIT)))
    assert len(results) == 2 * LIMIT
    assert servicer.most <= LIMIT
