"""Keeps which gateways are alive: each renews a lease, by the clock of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.tables import LEASES

if TYPE_CHECKING:
    from emotionmap_gateway.storage.database import Database


class LeaseRows:
    """Leases in the database, as one process sees them.

    Args:
        database: Where they are.
        executor_id: Name of this process among its replicas.
        holder: Tells this process from others of the same name, before or after it.
        length_s: How long a lease lasts without being renewed.
    """

    def __init__(
        self, database: Database, *, executor_id: str, holder: str, length_s: float
    ) -> None:
        self._database = database
        self._executor_id = executor_id
        self._holder = holder
        self._length_us = round(length_s * 1e6)

    async def acquire(self) -> None:
        """Take the lease of this name, whoever held it."""

        def work(connection: sa.Connection) -> None:
            own = LEASES.c.executor_id == self._executor_id
            values = {"holder": self._holder, "expires_us": _now_us(connection) + self._length_us}
            if connection.execute(sa.update(LEASES).where(own).values(**values)).rowcount == 0:
                row = {"executor_id": self._executor_id, **values}
                connection.execute(sa.insert(LEASES).values(**row))

        await self._database.write(work)

    async def renew(self) -> bool:
        """Make the lease last longer; False if it is lost."""

        def work(connection: sa.Connection) -> bool:
            expires_us = _now_us(connection) + self._length_us
            own = sa.update(LEASES).where(*self._own())
            return connection.execute(own.values(expires_us=expires_us)).rowcount > 0

        return await self._database.write(work)

    async def is_displaced(self) -> bool:
        """Tell whether another process holds the lease of this name."""
        query = sa.select(LEASES.c.holder).where(LEASES.c.executor_id == self._executor_id)
        holder = await self._database.read(lambda c: c.execute(query).scalar_one_or_none())
        return holder not in (None, self._holder)

    async def release(self) -> None:
        """Let the lease end now, so that others need not wait for that."""
        change = sa.update(LEASES).where(*self._own()).values(expires_us=0)
        await self._database.write(lambda c: c.execute(change))

    async def expired(self) -> list[str]:
        """Return the names of other processes that did not renew in time."""

        def work(connection: sa.Connection) -> list[str]:
            query = sa.select(LEASES.c.executor_id).where(
                LEASES.c.expires_us < _now_us(connection),
                LEASES.c.executor_id != self._executor_id,
            )
            return list(connection.execute(query).scalars())

        return await self._database.read(work)

    async def remove(self, executor_id: str) -> None:
        """Forget a process that is gone; nothing happens if it is back."""

        def work(connection: sa.Connection) -> None:
            change = sa.delete(LEASES).where(
                LEASES.c.executor_id == executor_id, LEASES.c.expires_us < _now_us(connection)
            )
            connection.execute(change)

        await self._database.write(work)

    def _own(self) -> tuple[sa.ColumnElement[bool], ...]:
        return LEASES.c.executor_id == self._executor_id, LEASES.c.holder == self._holder


def _now_us(connection: sa.Connection) -> int:
    """Return the time of the database, microseconds since 1970 UTC."""
    if connection.dialect.name == "sqlite":
        return now_us()
    seconds = sa.extract("epoch", sa.func.clock_timestamp())
    return round(float(connection.execute(sa.select(seconds)).scalar_one()) * 1e6)
