"""Items of many callers meet in one batch; a full queue refuses; failures reach their callers."""

from __future__ import annotations

import asyncio
import threading

import grpc
import pytest
from emotionmap_runtime.batching import MicroBatcher, batching
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.telemetry import Metrics


def limits(**changes):
    return {
        "max_batch": 8,
        "max_wait_s": 0.2,
        "max_queue": 64,
        "metrics": Metrics.create(),
    } | changes


async def test_items_of_many_callers_share_batches_in_order() -> None:
    sizes = []

    def double(items):
        sizes.append(len(items))
        return [2 * item for item in items]

    async with batching(double, **limits()) as batcher:
        results = await asyncio.gather(*(batcher.submit(n) for n in range(24)))
    assert results == [2 * n for n in range(24)]
    assert max(sizes) == 8


async def test_a_full_queue_refuses_with_a_time_to_retry_after() -> None:
    # Never started: nothing leaves the queue.
    batcher = MicroBatcher(list, **limits(max_queue=1))
    waiting = asyncio.ensure_future(batcher.submit(1))
    await asyncio.sleep(0)
    with pytest.raises(ServiceError) as caught:
        await batcher.submit(2)
    waiting.cancel()
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caught.value.reason == "QUEUE_FULL"
    assert caught.value.retry_after is not None


async def test_a_failing_batch_fails_its_callers_and_no_others() -> None:
    def run(items):
        if "bad" in items:
            raise ValueError("bad batch")
        return items

    async with batching(run, **limits(max_batch=1)) as batcher:
        with pytest.raises(ValueError, match="bad batch"):
            await batcher.submit("bad")
        assert await batcher.submit("good") == "good"


async def test_cancelled_items_are_not_scored() -> None:
    scored, release = [], threading.Event()

    def run(items):
        release.wait(5)
        scored.extend(items)
        return items

    async with batching(run, **limits(max_batch=1, max_wait_s=0)) as batcher:
        first = asyncio.ensure_future(batcher.submit("kept"))
        second = asyncio.ensure_future(batcher.submit("cancelled"))
        await asyncio.sleep(0.05)
        second.cancel()
        release.set()
        assert await first == "kept"
    assert scored == ["kept"]


async def test_batch_size_is_measured() -> None:
    metrics = Metrics.create()
    async with batching(list, **limits(metrics=metrics)) as batcher:
        await asyncio.gather(*(batcher.submit(n) for n in range(4)))
    assert metrics.registry.get_sample_value("em_batch_size_sum") == 4
