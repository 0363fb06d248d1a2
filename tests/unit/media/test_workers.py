"""Work on threads keeps order, pauses for slow readers, and ends when nobody reads."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from emotionmap_media.budget import Abandoned, Budget
from emotionmap_media.workers import QUEUED_ITEMS, working
from emotionmap_runtime.errors import ServiceError


async def test_items_keep_their_order():
    with working(1) as workers:
        items = [item async for item in workers.stream(lambda: (i for i in range(100)), Budget(5))]
    assert items == list(range(100))


async def test_an_error_reaches_the_reader_behind_the_items():
    def fail():
        yield 1
        raise ZeroDivisionError

    with working(1) as workers:
        stream = workers.stream(fail, Budget(5))
        assert await anext(stream) == 1
        with pytest.raises(ZeroDivisionError):
            await anext(stream)


async def test_a_slow_reader_pauses_the_work_and_leaving_ends_it():
    made, closed = [], threading.Event()

    def count():
        try:
            for i in range(10_000):
                made.append(i)
                yield i
        finally:
            closed.set()

    with working(1) as workers:
        stream = workers.stream(count, Budget(5))
        assert await anext(stream) == 0
        await asyncio.sleep(0.05)
        assert len(made) <= QUEUED_ITEMS + 2
        await stream.aclose()
        assert await asyncio.to_thread(closed.wait, 5)


async def test_closing_ends_streams_that_nobody_reads_on():
    with working(1) as workers:
        stream = workers.stream(lambda: (i for i in range(10_000)), Budget(5))
        assert await anext(stream) == 0
    await stream.aclose()


def test_a_budget_runs_out_and_can_be_abandoned():
    spent, left = Budget(-1), Budget(5)
    with pytest.raises(ServiceError) as caught:
        spent.check()
    assert caught.value.reason == "DECODE_TIMEOUT"
    left.check()
    left.abandon()
    with pytest.raises(Abandoned):
        left.check()


def test_pauses_do_not_count_but_work_does(monkeypatch):
    clock = SimpleNamespace(now_s=0.0, monotonic=lambda: clock.now_s)
    monkeypatch.setattr("emotionmap_media.budget.time", clock)
    budget = Budget(5)
    budget.check()
    with budget.paused():
        clock.now_s += 100
    clock.now_s += 4
    budget.check()
    clock.now_s += 2
    with pytest.raises(ServiceError, match="longer than 5 s"):
        budget.check()
