"""What a gateway needs more when others work on the same database."""

from __future__ import annotations

import os
import secrets
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from emotionmap_gateway.storage.lease_rows import LeaseRows
from emotionmap_gateway.work.leases import Leases
from emotionmap_gateway.work.takeover import has_unfinished, take_over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from emotionmap_gateway.settings import Settings
    from emotionmap_gateway.storage.database import Database
    from emotionmap_gateway.work.jobs import Jobs


@asynccontextmanager
async def sharing(
    jobs: AbstractAsyncContextManager[Jobs], settings: Settings, database: Database
) -> AsyncIterator[Jobs]:
    """Run jobs as one of several gateways, each of which holds a lease while it lives."""
    rows = LeaseRows(
        database,
        executor_id=settings.executor_id,
        holder=secrets.token_hex(16),
        length_s=settings.lease_s,
    )
    leases = Leases(
        rows,
        executor_id=settings.executor_id,
        length_s=settings.lease_s,
        take_over=take_over,
        has_unfinished=has_unfinished,
        displaced=_end,
    )
    await leases.acquire()
    async with jobs as running, leases.held(running):
        try:
            yield running
        finally:
            await running.abandon()
            await leases.release()


def _end() -> None:
    """End this process in good order: another one of its name has taken its place."""
    os.kill(os.getpid(), signal.SIGTERM)
