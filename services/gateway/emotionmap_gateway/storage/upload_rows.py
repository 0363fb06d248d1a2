"""Keeps what is known of uploads besides their bytes: their lengths, and how long they stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.storage.idempotency import Idempotency, find_earlier, remember
from emotionmap_gateway.storage.tables import IDEMPOTENCY_KEYS, UPLOADS

if TYPE_CHECKING:
    from emotionmap_gateway.storage.database import Database

SCOPE = "uploads"
"""Scope under which is remembered which analysis an upload became."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload. `expires_us` is in microseconds since 1970 UTC."""

    id: str
    length_bytes: int
    title: str
    metadata: str
    expires_us: int
    checked_bytes: int | None = None
    """Bytes after these, if any, came with a checksum that is not known to hold."""


class UploadRows:
    """Uploads in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, upload: Upload) -> None:
        """Add an upload."""
        values = {column.name: getattr(upload, column.name) for column in UPLOADS.c}
        await self._database.write(lambda c: c.execute(sa.insert(UPLOADS).values(**values)))

    async def get(self, upload_id: str) -> Upload:
        """Return an upload, expired or not.

        Raises:
            ServiceError: NOT_FOUND `UPLOAD_NOT_FOUND`.
        """
        upload = await self.find(upload_id)
        if upload is None:
            raise refusals.not_found()
        return upload

    async def find(self, upload_id: str) -> Upload | None:
        """Return an upload, expired or not; None if there is none."""
        query = sa.select(UPLOADS).where(UPLOADS.c.id == upload_id)
        row = await self._database.read(lambda c: c.execute(query).mappings().one_or_none())
        return None if row is None else Upload(**row)

    async def update(self, upload_id: str, **values: int | None) -> None:
        """Change columns of an upload; nothing happens if it is gone."""
        change = sa.update(UPLOADS).where(UPLOADS.c.id == upload_id).values(**values)
        await self._database.write(lambda c: c.execute(change))

    async def delete(self, upload_id: str) -> None:
        """Remove an upload; nothing happens if it is gone."""
        where = UPLOADS.c.id == upload_id
        await self._database.write(lambda c: c.execute(sa.delete(UPLOADS).where(where)))
        await self._database.scrub()

    async def expired_ids(self, now_us: int) -> list[str]:
        """Return the ids of the uploads that were kept long enough."""
        query = sa.select(UPLOADS.c.id).where(UPLOADS.c.expires_us <= now_us)
        return list(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def ids(self) -> set[str]:
        """Return the ids of all uploads."""
        query = sa.select(UPLOADS.c.id)
        return set(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def analysis_id(self, upload_id: str) -> str | None:
        """Return the analysis that an upload became; None if it did not, or that is deleted."""
        row = await self._database.read(
            lambda c: find_earlier(c, SCOPE, Idempotency(upload_id, ""))
        )
        return None if row is None else str(row.analysis_id)

    async def of_analysis(self, analysis_id: str) -> str | None:
        """Return the upload that an analysis was made of, also if it is gone; None if of none."""
        query = sa.select(IDEMPOTENCY_KEYS.c.key).where(
            IDEMPOTENCY_KEYS.c.scope == SCOPE, IDEMPOTENCY_KEYS.c.analysis_id == analysis_id
        )
        return await self._database.read(lambda c: c.execute(query).scalar_one_or_none())


def use_up(connection: sa.Connection, upload_id: str, *, stays: bool = False) -> str | None:
    """Remove an upload in the transaction that adds its analysis.

    Args:
        connection: Of the transaction.
        upload_id: Which.
        stays: Leave it there: bytes of it are still to come.

    Returns:
        The id of the analysis that it became before, None if it did not.

    Raises:
        ServiceError: NOT_FOUND `UPLOAD_NOT_FOUND`: it was deleted meanwhile.
    """
    # One who comes second waits here for the first, whatever the database.
    query = sa.select(UPLOADS.c.id).where(UPLOADS.c.id == upload_id).with_for_update()
    is_there = connection.execute(query).one_or_none() is not None
    earlier = find_earlier(connection, SCOPE, Idempotency(upload_id, ""))
    if earlier is not None:
        return str(earlier.analysis_id)
    if not is_there:
        raise refusals.not_found()
    if not stays:
        connection.execute(sa.delete(UPLOADS).where(UPLOADS.c.id == upload_id))
    return None


def remember_use(connection: sa.Connection, upload_id: str, analysis_id: str) -> None:
    """Keep which analysis an upload became, so that asking again gives the same."""
    remember(connection, SCOPE, Idempotency(upload_id, ""), analysis_id=analysis_id)
