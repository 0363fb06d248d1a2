"""Work runs at once, results come in order, and nothing is left behind."""

from __future__ import annotations

import asyncio

import pytest
from emotionmap_audio.in_order import in_order


async def started(count, gates=None, ends=None):
    """Start tasks that give their number once their gate is open; `ends` is raised after them."""

    async def work(number):
        if gates is not None:
            await gates[number].wait()
        return number

    for number in range(count):
        yield asyncio.create_task(work(number))
    if ends is not None:
        raise ends


async def test_results_come_in_order_although_the_last_is_ready_first():
    gates = [asyncio.Event() for _ in range(3)]
    got = in_order(started(3, gates), depth=3)
    first = asyncio.create_task(anext(got))
    gates[2].set()
    gates[1].set()
    await asyncio.sleep(0)
    assert not first.done()
    gates[0].set()
    assert [await first, await anext(got), await anext(got)] == [0, 1, 2]
    await got.aclose()


async def test_no_more_than_the_depth_runs_ahead():
    asked = []

    async def work():
        for number in range(10):
            asked.append(number)
            yield asyncio.create_task(asyncio.sleep(0, number))

    got = in_order(work(), depth=3)
    assert await anext(got) == 0
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(asked) <= 4
    await got.aclose()


async def test_what_ends_the_source_comes_after_the_results():
    got = in_order(started(2, ends=ValueError("over")), depth=8)
    assert [await anext(got), await anext(got)] == [0, 1]
    with pytest.raises(ValueError, match="over"):
        await anext(got)


async def test_a_failed_task_ends_everything_at_once():
    is_cancelled = asyncio.Event()

    async def waits():
        try:
            await asyncio.Event().wait()
        finally:
            is_cancelled.set()

    async def fails():
        raise ValueError("broken")

    async def work():
        yield asyncio.create_task(waits())
        yield asyncio.create_task(fails())

    with pytest.raises(ValueError, match="broken"):
        await anext(in_order(work(), depth=8))
    assert is_cancelled.is_set()


async def test_a_caller_that_leaves_cancels_what_runs():
    before = asyncio.all_tasks()
    gates = [asyncio.Event() for _ in range(9)]
    gates[0].set()
    got = in_order(started(9, gates), depth=8)
    assert await anext(got) == 0
    await got.aclose()
    assert asyncio.all_tasks() == before
