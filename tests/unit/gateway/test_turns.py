"""Those who have work take turns; nobody loses a place or waits for ever."""

from __future__ import annotations

import asyncio

import pytest
from emotionmap_gateway.work.turns import Turns


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


class Workers:
    """Pieces of work that end when they are told to, in the order in which they began."""

    def __init__(self, at_once):
        self.turns = Turns(at_once)
        self.begun = []
        self.tasks = []
        self._ends = []

    def add(self, whose, pieces):
        self.tasks += [asyncio.create_task(self._work(whose)) for _ in range(pieces)]

    async def _work(self, whose):
        async with self.turns.turn(whose):
            end = asyncio.Event()
            self.begun.append(whose)
            self._ends.append(end)
            await end.wait()

    async def end(self, count):
        for _ in range(count):
            await settle()
            self._ends.pop(0).set()
        await settle()


async def test_no_more_run_than_there_are_places():
    workers = Workers(2)
    workers.add("a", 5)
    await settle()
    assert len(workers.begun) == 2
    await workers.end(5)
    assert len(workers.begun) == 5


async def test_all_take_turns_however_much_they_have():
    workers = Workers(1)
    workers.add("long", 6)
    workers.add("b", 2)
    workers.add("c", 2)
    await workers.end(10)
    assert "".join(name[0] for name in workers.begun) == "lbclbcllll"


async def test_a_newcomer_does_not_wait_for_all_that_another_has():
    workers = Workers(2)
    workers.add("a", 9)
    await workers.end(3)
    workers.add("b", 3)
    await workers.end(9)
    assert "b" in workers.begun[5:8]
    assert workers.begun[-1] == "a"


async def test_newcomers_starve_nobody():
    workers = Workers(1)
    workers.add("long", 12)
    await workers.end(8)
    for number in range(6):
        workers.add(f"short {number}", 2)
        await workers.end(2)
    assert workers.begun[9:].count("long") >= 3


async def test_nothing_is_kept_of_those_who_are_done():
    workers = Workers(2)
    workers.add("a", 3)
    workers.add("b", 1)
    await workers.end(4)
    assert not workers.turns._shares


async def test_who_gives_up_waiting_takes_no_place():
    workers = Workers(1)
    workers.add("a", 1)
    workers.add("b", 2)
    workers.add("c", 1)
    await settle()
    for task in workers.tasks[1:3]:
        task.cancel()
    await workers.end(2)
    assert workers.begun == ["a", "c"]


async def test_a_place_that_came_with_the_cancellation_is_given_back():
    workers = Workers(1)
    workers.add("a", 1)
    workers.add("b", 1)
    workers.add("c", 1)
    await settle()
    workers._ends.pop(0).set()
    await asyncio.sleep(0)  # now b has its place, and has not run since
    workers.tasks[1].cancel()
    await settle()
    assert workers.begun == ["a", "c"]
    await workers.end(1)
    assert not workers.turns._shares


async def test_a_place_is_free_again_after_an_error():
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError):
        async with turns.turn("a"):
            1 / 0  # noqa: B018
    async with asyncio.timeout(1), turns.turn("b"):
        assert turns._free == 0


async def test_one_who_is_cancelled_as_a_place_comes_free_just_leaves():
    workers = Workers(1)
    workers.add("a", 1)
    await settle()
    workers.add("b", 1)
    await settle()
    waiting = workers.tasks[-1]
    workers._ends.pop(0).set()
    waiting.cancel()  # it has not noticed yet when the place is given back
    outcome, left = await asyncio.gather(*workers.tasks, return_exceptions=True)
    assert outcome is None
    assert isinstance(left, asyncio.CancelledError)
    workers.add("c", 1)
    await settle()
    assert workers.begun == ["a", "c"]
    await workers.end(1)
