"""A machine whose processor time is shared evenly by what runs on it, in time that is not waited
for; so what becomes of a crowd is known to the millisecond, on any machine.
"""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass
from fractions import Fraction

from emotionmap_media.plan import plan_segments

RATE = 13.0
"""Seconds of video a second, of all that runs together; measured on two cores."""
SINGLE_SHARE = 0.75
"""Of it, what one piece can use by itself."""
MESSAGE_S = 0.5
"""Seconds of video between two questions whether to go on."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that does not wait for its next timer but sets its clock to it."""

    def __init__(self):
        self._now_s = 0.0
        super().__init__(_Impatient(self))

    def time(self):
        return self._now_s

    def skip(self, seconds):
        self._now_s += seconds


class _Impatient(selectors.DefaultSelector):
    def __init__(self, loop):
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        if timeout is None:
            raise AssertionError("all wait for one another")
        self._loop.skip(timeout)
        return super().select(0)


@dataclass(frozen=True)
class Coming:
    """A video that comes; `seconds` long."""

    at_s: float
    seconds: int


class Machine:
    """Runs segments of videos, whose turns are dealt by `turns`."""

    def __init__(self, turns):
        self._turns = turns
        self._running = 0
        self.most_running = 0

    async def analyse(self, name, coming):
        """Return when all of a video was done, on the loop's clock."""
        await asyncio.sleep(coming.at_s)
        async with asyncio.TaskGroup() as group:
            for seconds in segments(coming.seconds):
                group.create_task(self._segment(name, seconds))
        return asyncio.get_running_loop().time()

    async def _segment(self, name, seconds):
        async with self._turns.turn(name, seconds) as place:
            for _ in range(round(seconds / MESSAGE_S)):
                await place.go_on()
                await self._message()

    async def _message(self):
        self._running += 1
        self.most_running = max(self.most_running, self._running)
        await asyncio.sleep(MESSAGE_S * max(self._running, 1 / SINGLE_SHARE) / RATE)
        self._running -= 1


def segments(seconds):
    """Return the lengths of the segments that a video is cut into, seconds."""
    key_frames = [Fraction(second) for second in range(seconds)]
    spans = plan_segments(
        Fraction(seconds), interval=Fraction(1), segment=None, key_frames=key_frames
    )
    return [float(span.end - span.start) for span in spans]


def in_virtual_time(main):
    """Run a coroutine that waits for nothing but time and itself; return its result."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def took_s(turns, crowd):
    """Return how long each of a crowd took, seconds from when it came."""

    async def run():
        machine = Machine(turns)
        jobs = (machine.analyse(str(number), coming) for number, coming in enumerate(crowd))
        return await asyncio.gather(*jobs)

    ends_s = in_virtual_time(run())
    return [end_s - coming.at_s for end_s, coming in zip(ends_s, crowd, strict=True)]
