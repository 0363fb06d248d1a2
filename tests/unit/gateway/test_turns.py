"""Those who have work take turns; nobody loses a place or waits for ever."""

from __future__ import annotations

import asyncio

import pytest
from emotionmap_gateway.work.turns import Turns

from tests.unit.gateway.fluid_machine import in_virtual_time

PAUSE_S = 60.0


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


class Workers:
    """Pieces of work that end when they are told to, in the order in which they began."""

    def __init__(self, at_once, *, alone=64):
        self.turns = Turns(at_once, alone=alone, longest_pause_s=PAUSE_S)
        self.begun = []
        self.tasks = []
        self._ends = []

    def add(self, whose, pieces, *, size=1):
        self.tasks += [asyncio.create_task(self._work(whose, size)) for _ in range(pieces)]

    async def _work(self, whose, size):
        async with self.turns.turn(whose, size):
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


async def test_whose_pieces_are_larger_has_fewer_turns():
    workers = Workers(1)
    workers.add("a", 3, size=4)
    workers.add("b", 9, size=1)
    await workers.end(12)
    assert "".join(workers.begun) == "abbbbabbbbab"


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
    turns = Turns(1, alone=1, longest_pause_s=PAUSE_S)
    with pytest.raises(ZeroDivisionError):
        async with turns.turn("a", 1):
            1 / 0  # noqa: B018
    async with asyncio.timeout(1), turns.turn("b", 1):
        pass


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


async def test_who_is_alone_holds_no_more_than_fill_the_machine():
    workers = Workers(8, alone=3)
    workers.add("a", 5)
    await settle()
    assert workers.begun == ["a"] * 3


async def test_several_share_what_one_may_hold():
    workers = Workers(8, alone=3)
    for whose in "abab":
        workers.add(whose, 1)
    workers.add("a", 1)
    await settle()
    assert workers.begun == ["a", "b", "a", "b"]


class Steps:
    """Pieces of work that count their steps; each of them asks before every step."""

    def __init__(self, turns):
        self.turns = turns
        self.counts = {}
        self.tasks = {}

    def begin(self, whose, name, *, steps=10_000):
        self.tasks[name] = asyncio.create_task(self._work(whose, name, steps))

    async def _work(self, whose, name, steps):
        async with self.turns.turn(whose, 1) as place:
            self.counts[name] = 0
            for _ in range(steps):
                await place.go_on()
                await asyncio.sleep(0.1)
                self.counts[name] += 1

    async def advance(self, seconds=1.0):
        """Let time pass; return which of those that are begun made steps in its second half."""
        await asyncio.sleep(seconds / 2)
        before = dict(self.counts)
        await asyncio.sleep(seconds / 2)
        return {name for name, count in self.counts.items() if count > before.get(name, 0)}

    async def stop(self):
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert not self.turns._shares


def with_steps(test, *, at_once=8, alone=3):
    """Run a test in virtual time, with steps whose turns are those of so many places."""

    async def run():
        steps = Steps(Turns(at_once, alone=alone, longest_pause_s=PAUSE_S))
        await test(steps)
        await steps.stop()

    in_virtual_time(run())


def test_what_is_beyond_the_share_is_called_back_last_begun_first():
    async def test(steps):
        for name in ("a1", "a2", "a3"):
            steps.begin("a", name)
        assert await steps.advance() == {"a1", "a2", "a3"}
        steps.begin("b", "b1")
        assert await steps.advance() == {"a1", "a2", "b1"}
        steps.begin("c", "c1")
        assert await steps.advance() == {"a1", "b1", "c1"}

    with_steps(test)


def test_what_was_called_back_goes_on_where_it_stopped():
    async def test(steps):
        for name in ("a1", "a2", "a3"):
            steps.begin("a", name, steps=40)
        await steps.advance()
        for whose in "bc":
            steps.begin(whose, whose, steps=10)
        assert await steps.advance() == {"a1", "b", "c"}
        assert await steps.advance() == {"a1", "a2", "a3"}
        await steps.advance(4)
        assert steps.counts == {"a1": 40, "a2": 40, "a3": 40, "b": 10, "c": 10}

    with_steps(test)


def test_what_was_called_back_waits_for_its_turn_where_places_are_few():
    async def test(steps):
        steps.begin("a", "a1", steps=5)
        steps.begin("a", "a2")
        await asyncio.sleep(0.1)
        for whose in "bc":
            steps.begin(whose, whose, steps=10)
        assert await steps.advance(1) == {"b", "c"}  # a1 is done; a had as much as they have now
        assert await steps.advance(2) == {"a2"}

    with_steps(test, at_once=2, alone=2)


def test_what_is_called_back_does_not_wait_for_ever():
    async def test(steps):
        for name in ("a1", "a2", "a3"):
            steps.begin("a", name)
        for whose in "bcd":
            steps.begin(whose, whose)
        await steps.advance(PAUSE_S - 1)
        assert "a3" not in await steps.advance()
        assert await steps.advance() == {"a1", "a2", "a3", "b", "c", "d"}
        steps.begin("e", "e")
        assert "a3" in await steps.advance()

    with_steps(test)


def test_one_who_is_cancelled_while_called_back_just_leaves():
    async def test(steps):
        for name in ("a1", "a2"):
            steps.begin("a", name)
        await steps.advance()
        for whose in "bc":
            steps.begin(whose, whose)
        assert await steps.advance() == {"a1", "b", "c"}
        steps.tasks["a2"].cancel()
        steps.tasks["a1"].cancel()
        assert await steps.advance() == {"b", "c"}

    with_steps(test)


def test_nobody_begins_what_those_who_are_announced_would_call_back():
    async def test(steps):
        for whose in "abc":
            steps.turns.announce(whose, for_s=2)
        for name in ("a1", "a2", "a3"):
            steps.begin("a", name)
        assert await steps.advance() == {"a1"}
        steps.turns.withdraw("b")
        assert await steps.advance(0.9) == {"a1", "a2"}
        assert await steps.advance() == {"a1", "a2", "a3"}
        steps.turns.announce("b", for_s=2)  # who has not come yet may never come
        assert await steps.advance() == {"a1", "a2", "a3"}

    with_steps(test)
