"""Tells which analyses have begun while their uploads still run: those without a SHA-256."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from emotionmap_gateway.storage.analysis_rows import OPEN_STATES
from emotionmap_gateway.storage.tables import ANALYSES

if TYPE_CHECKING:
    from emotionmap_gateway.storage.database import Database

UNKNOWN = ""
"""Stands for the SHA-256 of bytes that have not all come."""


class GrowthRows:
    """Analyses whose bytes are still to come."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        """Return how many are not finished."""
        query = sa.select(sa.func.count()).where(
            ANALYSES.c.sha256 == UNKNOWN, ANALYSES.c.state.in_(OPEN_STATES)
        )
        return await self._database.read(lambda c: c.execute(query).scalar_one())

    async def settle(self, analysis_id: str, sha256: str) -> None:
        """Note that all bytes of an analysis are there; nothing happens if it is gone."""
        change = sa.update(ANALYSES).where(ANALYSES.c.id == analysis_id).values(sha256=sha256)
        await self._database.write(lambda c: c.execute(change))
