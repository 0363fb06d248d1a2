"""Hears what other processes on the same PostgreSQL changed, and rings for it here.

Whoever watches an analysis looks again for himself now and then, in case something was not heard: a
pooler between may swallow what is told. Thousands who watch would be most of the load of the
database; so they look seldom while this process hears what it tells itself.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import psycopg
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway.storage.changes import LOOK_AGAIN_S
from emotionmap_gateway.storage.database import CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.database import Database

UNSURE_LOOK_AGAIN_S: Final = 2.0
"""How soon a change is seen that is not heard of, while there is a connection."""
SURE_LOOK_AGAIN_S: Final = 15.0
"""Likewise, while this process hears itself."""
ECHO_S: Final = 2.0
"""How long it waits to hear itself; it speaks again after as long as `UNSURE_LOOK_AGAIN_S`."""
TRY_AGAIN_S: Final = 1.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def hearing(url: str, changes: Changes, database: Database) -> AsyncIterator[None]:
    """Ring for the changes of others while the block runs, as long as there is a connection.

    Args:
        url: Of the database, for a connection of its own.
        changes: What rings.
        database: What changes are told by; here the echo.
    """
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    task = asyncio.create_task(_hear(address, changes, database))
    try:
        yield
    finally:
        await _ended(task)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _hear(address: str, changes: Changes, database: Database) -> None:
    while True:
        try:
            await _hear_once(address, changes, database)
        except psycopg.Error as error:
            log.warning("changes of others are not heard", extra={"reason": type(error).__name__})
        changes.look_again_s = LOOK_AGAIN_S
        await asyncio.sleep(TRY_AGAIN_S)


async def _hear_once(address: str, changes: Changes, database: Database) -> None:
    connecting = psycopg.AsyncConnection.connect(address, autocommit=True, connect_timeout=5)
    async with await connecting as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        changes.look_again_s = UNSURE_LOOK_AGAIN_S
        changes.ring_all()  # what was told before
        own, echo = secrets.token_hex(16), asyncio.Event()
        speaking = asyncio.create_task(_speak(own, echo, changes, database))
        try:
            async for told in connection.notifies():
                if told.payload == own:
                    echo.set()
                else:
                    changes.ring(told.payload)
        finally:
            await _ended(speaking)


async def _speak(own: str, echo: asyncio.Event, changes: Changes, database: Database) -> None:
    """Let those who wait rely on what is heard only while this process hears itself."""
    while True:
        echo.clear()
        with suppress(ServiceError, sa.exc.SQLAlchemyError, TimeoutError):
            await database.write(lambda _: None, told=own)
            async with asyncio.timeout(ECHO_S):
                await echo.wait()
        changes.look_again_s = SURE_LOOK_AGAIN_S if echo.is_set() else UNSURE_LOOK_AGAIN_S
        await asyncio.sleep(UNSURE_LOOK_AGAIN_S)
