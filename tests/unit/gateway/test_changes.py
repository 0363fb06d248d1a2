"""Waiters wake at a change, whenever it comes, and look by themselves where none is heard."""

from __future__ import annotations

import asyncio
import time

from emotionmap_gateway.storage.changes import Changes


async def waited_s(bell, **limits):
    """Return how long a waiter waited for a bell."""
    start_s = time.monotonic()
    await bell.rung(**limits)
    return time.monotonic() - start_s


async def test_a_change_between_looking_and_waiting_is_not_missed():
    changes = Changes(look_again_s=10)
    with changes.listening("a") as bell:
        changes.ring("a")
        assert await waited_s(bell) < 5


async def test_a_bell_that_was_heard_is_quiet_again():
    changes = Changes(look_again_s=60)
    with changes.listening("a") as bell:
        changes.ring("a")
        await bell.rung()
        assert await waited_s(bell, at_most_s=0.05) >= 0.04


async def test_others_are_not_woken_but_all_are_at_the_end():
    changes = Changes(look_again_s=60)
    with changes.listening("a") as bell, changes.listening("b") as other:
        changes.ring("a")
        waits = [asyncio.create_task(bell.rung()), asyncio.create_task(other.rung())]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        assert (done, pending) == ({waits[0]}, {waits[1]})
        changes.ring_all()
        async with asyncio.timeout(5):
            await waits[1]


async def test_one_looks_again_though_nothing_rang():
    with Changes(look_again_s=0.05).listening("a") as bell:
        assert 0.04 <= await waited_s(bell) < 5
