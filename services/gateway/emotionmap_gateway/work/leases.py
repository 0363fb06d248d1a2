"""Has the jobs of a gateway that is gone done by the others: who is alive renews a lease.

A gateway that was only slow may go on with a job that another has taken over. It does no harm: the
number of its run is not the newest, so nothing that it does counts; see analysis_store.py.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, Protocol

import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from emotionmap_gateway.storage.lease_rows import LeaseRows

LOOKS: Final = 15
"""Looks at the leases in the time that one lasts; at least one in `LONGEST_PAUSE_S`."""
LONGEST_PAUSE_S: Final = 2.0

log = logging.getLogger(__name__)


class _Abandonable(Protocol):
    async def abandon(self) -> None: ...


class Leases:
    """Renews the lease of this gateway, and takes over from those that do not.

    Args:
        rows: Where the leases are kept.
        executor_id: Name of this process.
        length_s: How long a lease lasts.
        take_over: Has the jobs of a process resumed; returns how many there were.
        has_unfinished: Tells whether a process has jobs left.
        displaced: Called when another process of the same name has come: this one must end.
    """

    def __init__(
        self,
        rows: LeaseRows,
        *,
        executor_id: str,
        length_s: float,
        take_over: Callable[[str], Awaitable[int]],
        has_unfinished: Callable[[str], Awaitable[bool]],
        displaced: Callable[[], None],
    ) -> None:
        self._rows = rows
        self._executor_id = executor_id
        self._pause_s = min(LONGEST_PAUSE_S, length_s / LOOKS)
        self._take_over = take_over
        self._has_unfinished = has_unfinished
        self._displaced = displaced

    async def acquire(self) -> None:
        """Take the lease; before jobs are begun or resumed."""
        await self._rows.acquire()

    @asynccontextmanager
    async def held(self, jobs: _Abandonable) -> AsyncIterator[None]:
        """Renew the lease until the block ends, and take over what others left."""
        task = asyncio.create_task(self._run(jobs))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def release(self) -> None:
        """Let others go on with what is left; after the last job has been stopped."""
        with suppress(sa.exc.SQLAlchemyError, ServiceError):  # then the lease just runs out
            await self._rows.release()

    async def _run(self, jobs: _Abandonable) -> None:
        while True:
            try:
                await self._look(jobs)
            except ServiceError as error:  # the database is away
                log.warning("lease cannot be renewed", extra={"reason": error.reason})
            except Exception:  # the next look may work
                log.warning("lease cannot be renewed", exc_info=True)
            await asyncio.sleep(self._pause_s)

    async def _look(self, jobs: _Abandonable) -> None:
        if not await self._rows.renew():
            await self._recover_from_loss(jobs)
        for executor_id in await self._rows.expired():
            count = await self._take_over(executor_id)
            log.warning("jobs taken over", extra={"executor_id": executor_id, "jobs": count})
            if not await self._has_unfinished(executor_id):
                await self._rows.remove(executor_id)

    async def _recover_from_loss(self, jobs: _Abandonable) -> None:
        """Begin anew: this process was away for so long that others took it for gone."""
        log.error("lease lost", extra={"executor_id": self._executor_id})
        await jobs.abandon()
        if await self._rows.is_displaced():
            self._displaced()
            return
        await self._rows.acquire()
        await self._take_over(self._executor_id)
