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


async def test_a_model_that_gives_too_few_results_fails_its_batch_and_no_other() -> None:
    def run(items):
        return items[1:] if "lost" in items else items

    async with batching(run, **limits(max_batch=1)) as batcher:
        with pytest.raises(ValueError, match="shorter"):
            await asyncio.wait_for(batcher.submit("lost"), timeout=5)
        assert await asyncio.wait_for(batcher.submit("good"), timeout=5) == "good"


async def test_what_comes_after_the_end_is_refused() -> None:
    async with batching(list, **limits()) as batcher:
        pass
    with pytest.raises(ServiceError) as caught:
        await asyncio.wait_for(batcher.submit(1), timeout=5)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


async def test_what_waits_when_it_ends_is_finished() -> None:
    release = threading.Event()

    def run(items):
        release.wait(5)
        return items

    async with batching(run, **limits(max_batch=2, max_queue=3)) as batcher:
        waiting = [asyncio.ensure_future(batcher.submit(n)) for n in range(3)]
        await asyncio.sleep(0.05)
        asyncio.get_running_loop().call_later(0.1, release.set)
    assert await asyncio.wait_for(asyncio.gather(*waiting), timeout=5) == [0, 1, 2]


async def test_the_queues_of_several_models_add_up() -> None:
    metrics, release = Metrics.create(), threading.Event()

    def run(items):
        release.wait(5)
        return items

    def depth():
        return metrics.registry.get_sample_value("em_queue_depth")

    alone = limits(metrics=metrics, max_batch=1, max_wait_s=0)
    async with batching(run, **alone) as one, batching(run, **alone) as other:
        waiting = [asyncio.ensure_future(each.submit(n)) for each in (one, other) for n in range(3)]
        await asyncio.sleep(0.1)
        assert depth() == 4  # one of each is being scored
        release.set()
        await asyncio.gather(*waiting)
        assert depth() == 0
