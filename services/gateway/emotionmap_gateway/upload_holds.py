"""Lets one request at a time work on an upload; a later one asks the one before it to leave.

A client whose connection broke comes back over a new one long before the gateway notices that the
old one is dead. So the one who comes later is the one who is alive.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emotionmap_gateway import upload_refusals as refusals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Hold:
    """Leave to work on an upload, until asked to let go."""

    def __init__(self) -> None:
        self._is_asked = False
        self._call: Callable[[], None] | None = None

    def when_asked(self, call: Callable[[], None]) -> None:
        """Call something once somebody asks, at once if somebody has."""
        self._call = call
        if self._is_asked:
            call()

    def ask(self) -> None:
        """Ask the holder to let go."""
        if not self._is_asked:
            self._is_asked = True
            if self._call is not None:
                self._call()


@dataclass(slots=True)
class _Entry:
    """Who works on one upload, and how many work or wait."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    hold: Hold | None = None
    users: int = 0


class Holds:
    """Who works on which upload in this process."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def is_held(self, upload_id: str) -> bool:
        """Tell whether somebody works on an upload or waits for it."""
        return upload_id in self._entries

    def ask_all(self) -> None:
        """Ask every holder to let go."""
        for entry in self._entries.values():
            if entry.hold is not None:
                entry.hold.ask()

    @asynccontextmanager
    async def take(self, upload_id: str, *, patience_s: float) -> AsyncIterator[Hold]:
        """Ask the holder to let go, wait, and work on the upload until the block ends.

        Raises:
            ServiceError: ABORTED `UPLOAD_BUSY`: the holder did not let go in time.
        """
        entry = self._entries.setdefault(upload_id, _Entry())
        entry.users += 1
        try:
            if entry.hold is not None:
                entry.hold.ask()
            await _acquire(entry.lock, patience_s)
            try:
                entry.hold = hold = Hold()
                if entry.users > 1:  # who waits came later
                    hold.ask()
                yield hold
            finally:
                entry.hold = None
                entry.lock.release()
        finally:
            entry.users -= 1
            if entry.users == 0:
                del self._entries[upload_id]


async def _acquire(lock: asyncio.Lock, patience_s: float) -> None:
    try:
        async with asyncio.timeout(patience_s):
            await lock.acquire()
    except TimeoutError:
        raise refusals.busy() from None
