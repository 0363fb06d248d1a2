"""Shares the cores among the segments that are decoded side by side."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cores:
    """Gives decoders their threads: several if one runs alone, one each where they fill the cores.

    More threads than cores decode nothing sooner, and each holds pictures of its own in memory.

    Args:
        limit: Threads of one decoder, at most.
        count: Cores; None counts those that this process may use.
    """

    def __init__(self, limit: int, *, count: int | None = None) -> None:
        self._limit = limit
        self._count = count if count is not None else len(os.sched_getaffinity(0))
        self._lock = threading.Lock()
        self._running = 0

    @contextmanager
    def taken(self) -> Iterator[int]:
        """Count as running while the block runs; gives the threads to decode with."""
        with self._lock:
            self._running += 1
            share = self._count // self._running
        try:
            yield max(1, min(self._limit, share))
        finally:
            with self._lock:
                self._running -= 1
