"""What model servers tell Prometheus: each item waits, and is scored or not scored for a reason."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from emotionmap_runtime.batching import MicroBatcher, batching
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.telemetry import Metrics

LIMITS = {"max_batch": 4, "max_wait_s": 0.0, "max_queue": 2}


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(name, labels)


async def test_items_wait_and_are_scored():
    metrics, may_run = Metrics.create(), threading.Event()

    def run(items):
        may_run.wait(5)
        return items

    async with batching(run, metrics=metrics, **LIMITS) as batcher:
        first = asyncio.ensure_future(batcher.submit(1))
        while value(metrics, "em_queue_duration_seconds_count") < 1:
            await asyncio.sleep(0.005)
        second = asyncio.ensure_future(batcher.submit(2))
        await asyncio.sleep(0.05)
        may_run.set()
        await asyncio.gather(first, second)
    assert value(metrics, "em_inference_successes_total") == 2
    assert value(metrics, "em_queue_duration_seconds_count") == 2
    assert 0.05 <= value(metrics, "em_queue_duration_seconds_sum") < 5


async def test_items_that_are_not_scored_are_counted_by_why():
    metrics = Metrics.create()
    batcher = MicroBatcher(lambda items: 1 // 0, metrics=metrics, **LIMITS)
    kept, gone = (asyncio.ensure_future(batcher.submit(n)) for n in range(2))
    await asyncio.sleep(0)
    with pytest.raises(ServiceError):
        await batcher.submit("one too many")
    gone.cancel()
    await asyncio.sleep(0)
    batcher.start()
    with pytest.raises(ZeroDivisionError):
        await kept
    await batcher.stop()
    for reason in ("REJECTED", "CANCELED", "BACKEND"):
        assert value(metrics, "em_inference_failures_total", reason=reason) == 1


def test_counting_costs_a_few_microseconds_an_item():
    metrics, items = Metrics.create(), 10_000
    start_s = time.thread_time()
    for _ in range(items):
        metrics.queue_seconds.observe(0.01)
    assert (time.thread_time() - start_s) / items < 50e-6
