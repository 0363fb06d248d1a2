"""Wakes who waits for a change of an analysis or export in this process.

Only a hint: a change made by another replica rings nothing, so waiters look for themselves now and
then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Changes:
    """One bell per id."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[asyncio.Event]] = {}

    def ring(self, key: str) -> None:
        """Wake everyone who waits for this id."""
        for event in self._waiters.get(key, ()):
            event.set()

    async def wait(self, key: str, *, timeout_s: float) -> None:
        """Return when it rings, or after `timeout_s`."""
        event = asyncio.Event()
        waiters = self._waiters.setdefault(key, set())
        waiters.add(event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await event.wait()
        finally:
            waiters.discard(event)
            if not waiters:
                self._waiters.pop(key, None)
