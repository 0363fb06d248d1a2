"""Wakes who waits for a change of an analysis or export in this process.

Only a hint: what another replica changes rings only if the database tells of it, see hearing.py, so
waiters look for themselves now and then.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK_AGAIN_S = 0.5
"""How soon a change made by another process is seen."""


class Bell:
    """Rings at each change of one id, from when it was hung up."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, or who will wait next."""
        self._event.set()

    async def rung(self, *, at_most_s: float | None = None) -> None:
        """Return when it has rung since the last return, or when it is time to look anyway."""
        look_again_s = self._changes.look_again_s
        timeout_s = look_again_s if at_most_s is None else min(at_most_s, look_again_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        self._event.clear()


class Changes:
    """The bells of this process.

    Args:
        look_again_s: When waiters look again though nothing rang; long where no other process
            changes anything.
    """

    def __init__(self, *, look_again_s: float = LOOK_AGAIN_S) -> None:
        self.look_again_s = look_again_s
        self._bells: dict[str, set[Bell]] = {}

    def ring(self, key: str) -> None:
        """Wake everyone who waits for this id."""
        for bell in self._bells.get(key, ()):
            bell.ring()

    def ring_all(self) -> None:
        """Wake everyone."""
        for key in self._bells:
            self.ring(key)

    @contextmanager
    def listening(self, key: str) -> Iterator[Bell]:
        """Give the bell of an id; a change that comes after the block began is never missed."""
        bell = Bell(self)
        bells = self._bells.setdefault(key, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if not bells and self._bells.get(key) is bells:
                del self._bells[key]
