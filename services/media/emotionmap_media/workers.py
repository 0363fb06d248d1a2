"""Runs blocking work on a bounded pool of threads, off the event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from emotionmap_media.budget import Abandoned

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator

    from emotionmap_media.budget import Budget

T = TypeVar("T")

QUEUED_ITEMS = 4
"""Results that wait for a slow reader before the work pauses; at most 3 MiB each.

Enough for a second of media at least: groups of frames are half a second each, stretches of sound
four.
"""


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


class Workers:
    """A bounded pool of threads.

    Args:
        count: Threads; more work waits its turn.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="media")
        self._running: set[Budget] = set()

    async def run(self, work: Callable[[], T], budget: Budget) -> T:
        """Return what a function returns; cancelling abandons its budget."""
        self._running.add(budget)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            budget.abandon()
            self._running.discard(budget)

    async def stream(
        self, make: Callable[[], Generator[T, None, None]], budget: Budget
    ) -> AsyncGenerator[T, None]:
        """Yield what a generator yields, in order; it pauses while the reader is slow."""
        handover: _Handover[T] = _Handover(budget)
        self._running.add(budget)
        future = self._pool.submit(handover.produce, make)
        try:
            while not isinstance(item := await handover.get(), _End):
                yield item
            if item.error is not None:
                raise item.error
        finally:
            budget.abandon()
            future.cancel()
            self._running.discard(budget)

    def close(self) -> None:
        """End what runs, drop what waits."""
        # Not left to the streams: whoever waits here may keep the loop from closing them.
        for budget in tuple(self._running):
            budget.abandon()
        self._pool.shutdown(cancel_futures=True)


class _Handover(Generic[T]):
    """Hands items from a thread to the event loop, a few at a time."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[T | _End] = asyncio.Queue()
        self._free = threading.Semaphore(QUEUED_ITEMS)
        budget.on_abandon(self._free.release)

    async def get(self) -> T | _End:
        item = await self._items.get()
        self._free.release()
        return item

    def produce(self, make: Callable[[], Generator[T, None, None]]) -> None:
        error: BaseException | None = None
        items = make()
        try:
            for item in items:
                with self._budget.paused():
                    self._free.acquire()
                self._budget.check()
                self._put(item)
        except Abandoned:
            pass
        except Exception as caught:  # noqa: BLE001 - raised again on the reader's side
            error = caught
        finally:
            items.close()
        self._put(_End(error))

    def _put(self, item: T | _End) -> None:
        try:
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody reads
            self._budget.abandon()


@contextmanager
def working(count: int) -> Iterator[Workers]:
    """Provide a pool until the block ends."""
    workers = Workers(count)
    try:
        yield workers
    finally:
        workers.close()
