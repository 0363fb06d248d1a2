"""Runs transactions on SQLite or PostgreSQL, off the event loop."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from emotionmap_gateway.storage.space import told_when_full
from emotionmap_gateway.storage.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Result = TypeVar("Result")

THREADS = 4
BUSY_TIMEOUT_MS = 30_000


class Database:
    """One database. `work` is called with a connection, in a transaction, on another thread."""

    def __init__(self, engine: sa.Engine, threads: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._readers = engine.execution_options(em_begin="BEGIN")
        self._threads = threads

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Return what `work` read; it sees one state of the database."""
        return await self._run(self._readers, work)

    async def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Return what `work` gave, after what it did is durable; if it raises, nothing is done.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `STORAGE_FULL`.
        """
        return await self._run(self._engine, work)

    async def scrub(self) -> None:
        """Remove what was deleted from the log of SQLite too, as far as no one is reading it."""
        if self._engine.dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._threads, self._checkpoint)

    def _checkpoint(self) -> None:
        with self._engine.execution_options(em_begin=None).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def _run(self, engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
        def transaction() -> Result:
            with engine.begin() as connection:
                return work(connection)

        with told_when_full():
            return await asyncio.get_running_loop().run_in_executor(self._threads, transaction)


@asynccontextmanager
async def opening(url: str) -> AsyncIterator[Database]:
    """Give the database at a SQLAlchemy URL; its tables are made where they are missing."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="database")
    database = Database(engine, threads)
    try:
        await database.write(METADATA.create_all)
        yield database
    finally:
        threads.shutdown()
        engine.dispose()


def now_us() -> int:
    """Return the time, microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write, after reads).
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # What was deleted is overwritten: nothing of a video may be left in the file.
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that read first could not become a writer once another has written.
    begin = connection.get_execution_options().get("em_begin", "BEGIN IMMEDIATE")
    if begin is not None:
        connection.exec_driver_sql(begin)
