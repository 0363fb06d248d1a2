"""Lets many pieces of work of one stream run at once and gives their results in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Result = TypeVar("Result")


async def in_order(
    work: AsyncIterator[asyncio.Task[Result]], *, depth: int
) -> AsyncIterator[Result]:
    """Yield the result of each task in the order in which they were started.

    Args:
        work: Starts the tasks; asked for the next one while earlier ones run.
        depth: Most tasks whose result has not been taken; beyond it `work` waits.

    Raises:
        Exception: What a task raised, at once; or what `work` raised, after the results before it.
            Everything that was started is cancelled then, and when the caller stops early.
    """
    started: asyncio.Queue[asyncio.Task[Result] | None] = asyncio.Queue()
    slots = asyncio.Semaphore(depth)
    running: set[asyncio.Task[Result]] = set()
    failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    def note_end(task: asyncio.Task[Result]) -> None:
        running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not failure.done():
            failure.set_result(error)

    async def pump() -> None:
        try:
            async for task in work:
                running.add(task)
                task.add_done_callback(note_end)
                started.put_nowait(task)
                await slots.acquire()
        finally:
            started.put_nowait(None)

    pumping = asyncio.create_task(pump())
    try:
        while (task := await started.get()) is not None:
            await asyncio.wait((task, failure), return_when=asyncio.FIRST_COMPLETED)
            if failure.done():
                raise failure.result()
            yield task.result()
            slots.release()
        await pumping
    finally:
        pumping.cancel()
        for task in (*running,):
            task.cancel()
        await asyncio.gather(pumping, *running, return_exceptions=True)
