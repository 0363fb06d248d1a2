"""Tells which analyses have begun while their uploads still run: those without a SHA-256.

The plans of some of them grow as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from emotionmap_gateway.documents.plans import extended
from emotionmap_gateway.storage.analysis_rows import (
    FINAL_STATES,
    OPEN_STATES,
    Record,
    append_state,
    find_row,
    get_row,
    to_record,
    update,
)
from emotionmap_gateway.storage.tables import ANALYSES

if TYPE_CHECKING:
    from emotionmap.v1 import media_service_pb2

    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.database import Database

UNKNOWN = ""
"""Stands for the SHA-256 of bytes that have not all come."""


class GrowthRows:
    """Analyses whose bytes are still to come."""

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

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

    async def extend(
        self, analysis_id: str, more: media_service_pb2.ProbeMediaResponse, *, after: int, run: int
    ) -> Record | None:
        """Add to the plan of an analysis what was planned after its first segments.

        What another has added meanwhile stays.

        Args:
            analysis_id: Which.
            more: The segments, and what the video is as far as it is there.
            after: How many segments come before these.
            run: The run that adds them.

        Returns:
            The analysis as it is then; None if it is gone, finished or run anew.
        """

        def work(connection: sa.Connection) -> Record | None:
            row = find_row(connection, analysis_id, lock=True)
            if row is None or row.state in FINAL_STATES or row.run != run:
                return None
            record = to_record(row)
            if len(record.probe.segments) == after and record.probe.info.open_ended:
                plan = extended(record.probe, more, size_bytes=row.size_bytes)
                update(
                    connection,
                    analysis_id,
                    probe=plan.SerializeToString(),
                    segments_total=len(plan.segments),
                )
                append_state(connection, analysis_id)
            return to_record(get_row(connection, analysis_id))

        record = await self._database.write(work, told=analysis_id)
        self._changes.ring(analysis_id)
        return record
