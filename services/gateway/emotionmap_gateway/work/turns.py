"""Shares few places among many who each have much to do. Knows neither analyses nor segments.

What is shared is processor time. Whoever runs a piece of work gets about the same share of it, so
it is shared evenly where everyone runs equally many pieces (processor sharing: L. Kleinrock,
J. ACM 14, 1967). Hence two rules:

1. Everyone who is there may hold equally many places: alone as many as fill the machine, of two
   half as many each (rounded up), of many one each. Who comes alone fills the machine at once;
   when others come, the places beyond the new share are *called back*, the last begun first: that
   work stops where it asks (`Place.go_on`), keeps what it has, and goes on when it may. Without
   that, the first of a crowd is done with everything before the others are served.
   Nor does anyone begin more than one may hold when those have come who are *announced*.
2. Where there are still fewer places than people, of those who wait the one who had least is next,
   by the size of what was begun. Whoever comes later counts from where those are who are served
   then, so newcomers neither wait for all that others have nor starve them (start-time fair
   queueing: P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager


class Turn(Protocol):
    """Gives a place to hold for one piece of work of someone."""

    def __call__(self, size: float, /) -> AbstractAsyncContextManager[Place]:
        """Wait for a place for a piece of work of some size; it is held while the block runs."""
        ...


@dataclass(slots=True, eq=False)
class Place:
    """What a piece of work holds while it runs, or waits for."""

    size: float
    pause_left_s: float
    start: float | None = None  # what its owner had had when it was begun, None before
    may_run: asyncio.Event = field(default_factory=asyncio.Event)

    async def go_on(self) -> None:
        """Return at once, unless the place was called back: then when it is given again."""
        if self.may_run.is_set():
            return
        loop = asyncio.get_running_loop()
        since_s = loop.time()
        try:
            async with asyncio.timeout(max(0.0, self.pause_left_s)):
                await self.until_given()
        except TimeoutError:
            self.may_run.set()
        self.pause_left_s -= loop.time() - since_s

    async def until_given(self) -> None:
        """Return once the place may be used."""
        while not self.may_run.is_set():
            await self.may_run.wait()


@dataclass(slots=True)
class _Share:
    """What someone had, and the places they hold or wait for in the order of asking."""

    taken: float
    places: list[Place] = field(default_factory=list)


class Turns:
    """Lets so many pieces of work run at once, evenly shared; see above. For one event loop.

    Args:
        at_once: Most pieces that run, of all together.
        alone: Most of one alone, of which others call back.
        longest_pause_s: How long in all a piece that was called back waits; then it goes on, as it
            holds calls that have deadlines, and threads that others may wait for.
    """

    def __init__(self, at_once: int, *, alone: int, longest_pause_s: float) -> None:
        self._longest_pause_s = longest_pause_s
        self._at_once = at_once
        self._alone = min(alone, at_once)
        # Fair queueing's virtual time: where the foremost was when it began the oldest work that it
        # runs. Not that of all work: what is called back was not served. It never falls while
        # anyone is there.
        self._now = 0.0
        # Of all who hold or want a place, in the order in which they came.
        self._shares: dict[str, _Share] = {}
        self._announced: dict[str, float] = {}  # until when, on the loop's clock

    def announce(self, whose: str, *, for_s: float) -> None:
        """Reckon for so long with someone who is about to come.

        Nobody begins what would be called back at once. Nothing is called back before they come.
        """
        loop = asyncio.get_running_loop()
        self._announced[whose] = loop.time() + for_s
        loop.call_later(for_s, self._deal)

    def withdraw(self, whose: str) -> None:
        """Reckon no longer with someone who was announced."""
        if self._announced.pop(whose, None) is not None:
            self._deal()

    @asynccontextmanager
    async def turn(self, whose: str, size: float) -> AsyncIterator[Place]:
        """Hold a place for a piece of work of some size; waits for a turn of whose it is."""
        share = self._shares.setdefault(whose, _Share(self._now))
        place = Place(size, self._longest_pause_s)
        share.places.append(place)
        self._deal()
        try:
            await place.until_given()
            yield place
        finally:
            share.places.remove(place)
            if not share.places:
                del self._shares[whose]
                self._announced.pop(whose, None)
            self._deal()

    def _deal(self) -> None:
        """Call back what is beyond the shares, and give what is free to those who are next."""
        now_s = asyncio.get_running_loop().time()
        self._announced = {who: until for who, until in self._announced.items() if until > now_s}
        running = 0
        for share in self._shares.values():
            begun = share.places[: self._alone]  # no other can have been given
            for place in begun[self._allowance(len(self._shares)) :]:
                if place.pause_left_s > 0:
                    place.may_run.clear()
            running += sum(place.may_run.is_set() for place in begun)
        while running < self._at_once:
            # Of equals the one who came first.
            following = min(self._waiting(), key=lambda pair: pair[0], default=None)
            if following is None:
                break
            self._give(*following[1:])
            running += 1
        self._now = max([self._now, *self._oldest_starts()]) if self._shares else 0.0

    def _allowance(self, people: int) -> int:
        """Return how many places each of so many may hold."""
        return -(-self._alone // people)

    def _waiting(self) -> Iterator[tuple[float, _Share, Place]]:
        """Give what may run next, and where its owner was before it."""
        people = len(self._shares.keys() | self._announced.keys())
        for share in self._shares.values():
            for place in share.places[: self._allowance(people)]:
                if not place.may_run.is_set():
                    yield share.taken if place.start is None else place.start, share, place

    def _oldest_starts(self) -> Iterator[float]:
        """Give where each one was who runs the oldest work of theirs, when that was begun."""
        for share in self._shares.values():
            oldest = share.places[0]
            if oldest.may_run.is_set() and oldest.start is not None:
                yield oldest.start

    def _give(self, share: _Share, place: Place) -> None:
        if place.start is None:
            place.start = share.taken
            share.taken += place.size
        place.may_run.set()
