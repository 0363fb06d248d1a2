"""Keeps viewers' own labels. Those of one analysis never overlap: the newest one wins."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.storage.analysis_rows import find_row, get_row
from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.tables import CORRECTIONS

if TYPE_CHECKING:
    from emotionmap_gateway.storage.database import Database

MAX_CORRECTIONS: Final = 10_000


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One label for [start_ms, end_ms), milliseconds from time zero."""

    id: str
    start_ms: int
    end_ms: int
    emotion: int
    created_us: int


class CorrectionStore:
    """Corrections in the database."""

    def __init__(self, database: Database, *, most: int = MAX_CORRECTIONS) -> None:
        self._database = database
        self._most = most

    async def insert(
        self, analysis_id: str, *, start_ms: int, end_ms: int, emotion: int
    ) -> CorrectionRow:
        """Add a correction; older ones give way where it lies.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; RESOURCE_EXHAUSTED `CORRECTIONS_FULL`.
        """
        new = CorrectionRow(_new_id(), start_ms, end_ms, emotion, now_us())

        def work(connection: sa.Connection) -> CorrectionRow:
            # Locked: of two at the same time, the second sees what the first has left.
            find_row(connection, analysis_id, lock=True)
            get_row(connection, analysis_id)
            _give_way(connection, analysis_id, new)
            _add(connection, analysis_id, new)
            self._check_room(connection, analysis_id)
            return new

        return await self._database.write(work)

    async def of_analysis(self, analysis_id: str) -> list[CorrectionRow]:
        """Return the corrections of an analysis by time.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        query = _of(analysis_id).order_by(CORRECTIONS.c.start_ms)

        def work(connection: sa.Connection) -> list[CorrectionRow]:
            get_row(connection, analysis_id)
            return [_to_row(row) for row in connection.execute(query)]

        return await self._database.read(work)

    async def delete(self, analysis_id: str, correction_id: str) -> None:
        """Take a correction back.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND` or `CORRECTION_NOT_FOUND`.
        """
        change = sa.delete(CORRECTIONS).where(
            CORRECTIONS.c.analysis_id == analysis_id, CORRECTIONS.c.id == correction_id
        )

        def work(connection: sa.Connection) -> None:
            get_row(connection, analysis_id)
            if connection.execute(change).rowcount == 0:
                raise ServiceError(
                    grpc.StatusCode.NOT_FOUND,
                    reasons.CORRECTION_NOT_FOUND,
                    "There is no such correction.",
                )

        await self._database.write(work)

    def _check_room(self, connection: sa.Connection, analysis_id: str) -> None:
        query = sa.select(sa.func.count()).where(CORRECTIONS.c.analysis_id == analysis_id)
        if connection.execute(query).scalar_one() > self._most:
            raise ServiceError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                reasons.CORRECTIONS_FULL,
                f"An analysis may have at most {self._most} corrections.",
            )


def _give_way(connection: sa.Connection, analysis_id: str, new: CorrectionRow) -> None:
    """Cut back what a new correction overlaps; what lies under it whole is removed."""
    overlapped = _of(analysis_id).where(
        CORRECTIONS.c.start_ms < new.end_ms, CORRECTIONS.c.end_ms > new.start_ms
    )
    for old in [_to_row(row) for row in connection.execute(overlapped)]:
        connection.execute(sa.delete(CORRECTIONS).where(CORRECTIONS.c.id == old.id))
        # What sticks out before keeps the id, what sticks out after only if that is all.
        rest_id = old.id
        if old.start_ms < new.start_ms:
            _add(connection, analysis_id, _part(old, old.id, old.start_ms, new.start_ms))
            rest_id = _new_id()
        if old.end_ms > new.end_ms:
            _add(connection, analysis_id, _part(old, rest_id, new.end_ms, old.end_ms))


def _part(old: CorrectionRow, part_id: str, start_ms: int, end_ms: int) -> CorrectionRow:
    return CorrectionRow(part_id, start_ms, end_ms, old.emotion, old.created_us)


def _add(connection: sa.Connection, analysis_id: str, row: CorrectionRow) -> None:
    connection.execute(
        sa.insert(CORRECTIONS).values(
            id=row.id,
            analysis_id=analysis_id,
            start_ms=row.start_ms,
            end_ms=row.end_ms,
            emotion=row.emotion,
            created_us=row.created_us,
        )
    )


def _of(analysis_id: str) -> sa.Select[Any]:
    return sa.select(CORRECTIONS).where(CORRECTIONS.c.analysis_id == analysis_id)


def _to_row(row: sa.Row[Any]) -> CorrectionRow:
    return CorrectionRow(row.id, row.start_ms, row.end_ms, row.emotion, row.created_us)


def _new_id() -> str:
    return secrets.token_hex(12)
