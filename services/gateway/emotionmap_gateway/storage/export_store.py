"""Keeps exports: highlights videos and the work on them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import sqlalchemy as sa
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import duration_ns
from emotionmap_gateway.storage.analysis_rows import FINAL_STATES, OPEN_STATES, get_row
from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.idempotency import Idempotency, find_earlier, remember
from emotionmap_gateway.storage.tables import EXPORTS

if TYPE_CHECKING:
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.database import Database

FILE_NAME = "EmotionMap_Highlights.mp4"


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """An export with what only the gateway knows of it."""

    export: pb.Export
    request: media_service_pb2.CutHighlightsRequest
    fruitless_starts: int

    @property
    def is_final(self) -> bool:
        """Whether its state can no longer change."""
        return self.export.state in FINAL_STATES


class ExportStore:
    """Exports in the database."""

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    async def insert(
        self,
        analysis_id: str,
        request: media_service_pb2.CutHighlightsRequest,
        idempotency: Idempotency | None,
    ) -> str:
        """Add a queued export and return its id, or that of the one the key was used for.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; ALREADY_EXISTS `IDEMPOTENCY_KEY_REUSED`.
        """
        export_id = secrets.token_hex(12)

        def work(connection: sa.Connection) -> str:
            get_row(connection, analysis_id)
            if idempotency is not None:
                earlier = find_earlier(connection, analysis_id, idempotency)
                if earlier is not None:
                    return str(earlier.export_id)
            values = {"state": pb.JOB_STATE_QUEUED, "created_us": now_us()}
            blob = request.SerializeToString()
            connection.execute(
                sa.insert(EXPORTS).values(
                    id=export_id, analysis_id=analysis_id, request=blob, **values
                )
            )
            if idempotency is not None:
                remember(
                    connection,
                    analysis_id,
                    idempotency,
                    analysis_id=analysis_id,
                    export_id=export_id,
                )
            return export_id

        return await self._database.write(work)

    async def get(self, export_id: str) -> ExportRecord:
        """Return one export.

        Raises:
            ServiceError: NOT_FOUND `EXPORT_NOT_FOUND`.
        """
        return to_record(await self._database.read(lambda c: _get_row(c, export_id)))

    async def start(self, export_id: str) -> ExportRecord | None:
        """Mark an export as running; None if it is gone or finished."""
        starts = EXPORTS.c.fruitless_starts + 1
        return await self._update(
            export_id, {"state": pb.JOB_STATE_RUNNING, "fruitless_starts": starts}
        )

    async def forgive_start(self, export_id: str) -> None:
        """Take back a start that ended in good order, without a file and without a crash."""
        starts = EXPORTS.c.fruitless_starts
        await self._update(export_id, {"fruitless_starts": starts - 1}, starts > 0)

    async def advance(self, export_id: str, progress: float) -> None:
        """Record progress in [0, 1]; it never goes back."""
        await self._update(export_id, {"progress": progress}, EXPORTS.c.progress < progress)

    async def finish(
        self,
        export_id: str,
        state: pb.JobState,
        *,
        failure: pb.Failure | None = None,
        size_bytes: int = 0,
    ) -> bool:
        """Give an export its final state; False if it is gone or has one."""
        values: dict[str, Any] = {"state": state, "size_bytes": size_bytes}
        if state == pb.JOB_STATE_SUCCEEDED:
            values["progress"] = 1.0
        if failure is not None:
            values["failure"] = failure.SerializeToString()
        return await self._update(export_id, values) is not None

    async def of_analysis(self, analysis_id: str) -> list[str]:
        """Return the ids of the exports of an analysis."""
        query = sa.select(EXPORTS.c.id).where(EXPORTS.c.analysis_id == analysis_id)
        return list(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def open_ids(self) -> list[str]:
        """Return the ids of the exports that are not finished, oldest first."""
        query = sa.select(EXPORTS.c.id).where(EXPORTS.c.state.in_(OPEN_STATES))
        query = query.order_by(EXPORTS.c.created_us)
        return list(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def _update(
        self, export_id: str, values: dict[str, Any], *conditions: sa.ColumnElement[bool]
    ) -> ExportRecord | None:
        def work(connection: sa.Connection) -> ExportRecord | None:
            unfinished = EXPORTS.c.state.in_(OPEN_STATES)
            change = sa.update(EXPORTS).where(EXPORTS.c.id == export_id, unfinished, *conditions)
            if connection.execute(change.values(**values)).rowcount == 0:
                return None
            return to_record(_get_row(connection, export_id))

        record = await self._database.write(work)
        self._changes.ring(export_id)
        return record


def _get_row(connection: sa.Connection, export_id: str) -> sa.Row[Any]:
    row = connection.execute(sa.select(EXPORTS).where(EXPORTS.c.id == export_id)).one_or_none()
    if row is None:
        raise ServiceError(
            grpc.StatusCode.NOT_FOUND, reasons.EXPORT_NOT_FOUND, "There is no such export."
        )
    return row


def to_record(row: sa.Row[Any]) -> ExportRecord:
    """Return what a row says."""
    request = media_service_pb2.CutHighlightsRequest.FromString(row.request)
    export = pb.Export(
        id=row.id,
        analysis_id=row.analysis_id,
        state=row.state,
        progress=row.progress,
        size_bytes=row.size_bytes,
        file_name=FILE_NAME,
    )
    export.create_time.FromMicroseconds(row.created_us)
    length_ns = sum(
        duration_ns(piece.end_offset) - duration_ns(piece.start_offset) for piece in request.ranges
    )
    export.duration.FromNanoseconds(length_ns)
    if row.failure is not None:
        export.failure.ParseFromString(row.failure)
    return ExportRecord(export, request, row.fruitless_starts)
