"""Shares few places among many who each have much to do. Knows neither analyses nor segments."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    Turn = Callable[[], AbstractAsyncContextManager[None]]
    """Gives a place to hold for one piece of work of someone."""


@dataclass(slots=True)
class _Share:
    """What one has had and wants."""

    taken: int
    held: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Lets so many pieces of work run at once; of those who wait, the one who had fewest is next.

    Whoever comes later counts from where those are who are served then (start-time fair queueing:
    P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996), so newcomers neither wait for all that others have
    nor starve them. Who comes alone may fill every place. For one event loop.

    Args:
        at_once: Most pieces that run.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        # Fair queueing's virtual time: turns that the last to be served had had. It never falls
        # while anyone is there.
        self._now = 0
        # Of all who hold or want a place; someone waits only while no place is free.
        self._shares: dict[str, _Share] = {}

    @asynccontextmanager
    async def turn(self, whose: str) -> AsyncIterator[None]:
        """Hold a place for a piece of work; waits for a turn of whose it is."""
        share = self._shares.get(whose) or self._enter(whose)
        try:
            await self._take(share)
            try:
                yield
            finally:
                self._give_back(share)
        finally:
            if not share.held and not share.waiting:
                self._shares.pop(whose, None)
                self._now = self._now if self._shares else 0

    def _enter(self, whose: str) -> _Share:
        share = self._shares[whose] = _Share(self._now)
        return share

    async def _take(self, share: _Share) -> None:
        if self._free:
            self._grant(share)
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        share.waiting.append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.cancelled():
                # Not there any more if a place came free between the cancelling and this.
                with suppress(ValueError):
                    share.waiting.remove(granted)
            else:
                self._give_back(share)  # it came at the same moment
            raise

    def _grant(self, share: _Share) -> None:
        self._free -= 1
        share.held += 1
        self._now = max(self._now, share.taken)
        share.taken += 1

    def _give_back(self, share: _Share) -> None:
        self._free += 1
        share.held -= 1
        while self._free and (wanting := [s for s in self._shares.values() if s.waiting]):
            # Of equals the one who came first.
            following = min(wanting, key=lambda each: each.taken)
            granted = following.waiting.popleft()
            if not granted.done():
                self._grant(following)
                granted.set_result(None)
