"""Hears what other processes on the same PostgreSQL changed, and rings for it here."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import psycopg
import sqlalchemy as sa

from emotionmap_gateway.storage.changes import LOOK_AGAIN_S
from emotionmap_gateway.storage.database import CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_gateway.storage.changes import Changes

HEARING_LOOK_AGAIN_S: Final = 2.0
"""How soon a change is seen that is not heard of: a pooler between may swallow what is told."""
TRY_AGAIN_S: Final = 1.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def hearing(url: str, changes: Changes) -> AsyncIterator[None]:
    """Ring for the changes of others while the block runs, as long as there is a connection."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    task = asyncio.create_task(_hear(address, changes))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _hear(address: str, changes: Changes) -> None:
    while True:
        try:
            await _hear_once(address, changes)
        except psycopg.Error as error:
            log.warning("changes of others are not heard", extra={"reason": type(error).__name__})
        changes.look_again_s = LOOK_AGAIN_S
        await asyncio.sleep(TRY_AGAIN_S)


async def _hear_once(address: str, changes: Changes) -> None:
    connecting = psycopg.AsyncConnection.connect(address, autocommit=True, connect_timeout=5)
    async with await connecting as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        changes.look_again_s = HEARING_LOOK_AGAIN_S
        changes.ring_all()  # what was told before
        async for told in connection.notifies():
            changes.ring(told.payload)
