"""Runs transactions on SQLite or PostgreSQL, off the event loop."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from emotionmap_gateway.storage import search
from emotionmap_gateway.storage.clashes import repeated, told_when_away
from emotionmap_gateway.storage.migrations import upgrade
from emotionmap_gateway.storage.space import told_when_full

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Result = TypeVar("Result")

THREADS = 4
BUSY_TIMEOUT_MS = 30_000
IDLE_TRANSACTION_S = 5.0
"""A process that hangs within a transaction keeps what it locked from all others no longer."""
CHANNEL = "emotionmap_changes"
"""On which processes tell each other what they changed, once that is durable; see hearing.py."""

_ANSWERING: dict[str, Any] = {
    # A connection that broke while it lay still is replaced, not handed out.
    "pool_pre_ping": True,
    "pool_size": THREADS,
    "max_overflow": 0,
    "connect_args": {"connect_timeout": 2},
}


class Database:
    """One database. `work` is called with a connection, in a transaction, on another thread."""

    def __init__(self, engine: sa.Engine, threads: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._readers = engine.execution_options(em_begin="BEGIN")
        if engine.dialect.name == "postgresql":
            self._readers = engine.execution_options(isolation_level="REPEATABLE READ")
        self._threads = threads

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Return what `work` read; it sees one state of the database."""
        return await self._run(self._readers, work)

    @property
    def is_shared(self) -> bool:
        """Whether other processes may change it, too."""
        return self._engine.dialect.name != "sqlite"

    async def write(
        self, work: Callable[[sa.Connection], Result], *, told: str | None = None
    ) -> Result:
        """Return what `work` gave, after what it did is durable; if it raises, nothing is done.

        It is called again if another process did something that it clashes with.

        Args:
            work: What is done.
            told: Id of what it changes, of which other processes on the database are told.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `STORAGE_FULL`; UNAVAILABLE `SERVICE_UNAVAILABLE`.
        """
        if told is None or not self.is_shared:
            return await self._run(self._engine, work)

        def telling(connection: sa.Connection) -> Result:
            result = work(connection)
            connection.execute(sa.select(sa.func.pg_notify(CHANNEL, told)))
            return result

        return await self._run(self._engine, telling)

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

        with told_when_full(), told_when_away():
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, repeated, transaction
            )


@asynccontextmanager
async def opening(url: str) -> AsyncIterator[Database]:
    """Give the database at a SQLAlchemy URL; its tables are made, or upgraded, first."""
    is_sqlite = sa.make_url(url).get_backend_name() == "sqlite"
    engine = sa.create_engine(url, **({} if is_sqlite else _ANSWERING))
    if is_sqlite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        sa.event.listen(engine, "connect", _prepare_postgresql)
    threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="database")
    database = Database(engine, threads)
    try:
        await database.write(upgrade)
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
    search.install(connection)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # What was deleted is overwritten: nothing of a video may be left in the file.
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        timeout_ms = round(IDLE_TRANSACTION_S * 1000)
        cursor.execute(f"SET idle_in_transaction_session_timeout = {timeout_ms}")
    connection.commit()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that read first could not become a writer once another has written.
    begin = connection.get_execution_options().get("em_begin", "BEGIN IMMEDIATE")
    if begin is not None:
        connection.exec_driver_sql(begin)
