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
from emotionmap_runtime.tracing import current_traceparent

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import duration_ns
from emotionmap_gateway.storage.analysis_rows import FINAL_STATES, OPEN_STATES, get_row
from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.idempotency import Idempotency, find_earlier, remember
from emotionmap_gateway.storage.tables import EXPORT_SUMMARIES, EXPORTS

if TYPE_CHECKING:
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.database import Database

FILE_NAME = "EmotionMap_Highlights.mp4"


@dataclass(frozen=True, slots=True)
class CutFile:
    """A file that was cut."""

    size_bytes: int
    summary: media_service_pb2.CutSummary | None
    """None if the media service tells none."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """An export with what only the gateway knows of it."""

    export: pb.Export
    request: media_service_pb2.CutHighlightsRequest
    fruitless_starts: int
    run: int
    """Number of the newest run; what an older one does no longer counts."""
    traceparent: str
    """Where its trace goes on; empty if it has none."""

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
        export_id, traceparent = secrets.token_hex(12), current_traceparent()

        def work(connection: sa.Connection) -> str:
            get_row(connection, analysis_id)
            if idempotency is not None:
                earlier = find_earlier(connection, analysis_id, idempotency)
                if earlier is not None:
                    return str(earlier.export_id)
            values = {
                "state": pb.JOB_STATE_QUEUED,
                "created_us": now_us(),
                "traceparent": traceparent,
            }
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
        """Mark an export as running, in a new run; None if it is gone or finished."""
        counts = {"fruitless_starts": EXPORTS.c.fruitless_starts + 1, "run": EXPORTS.c.run + 1}
        return await self._update(export_id, {"state": pb.JOB_STATE_RUNNING, **counts})

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
        file: CutFile | None = None,
        run: int | None = None,
    ) -> bool:
        """Give an export its final state; False if it is gone, has one, or is run anew."""
        values: dict[str, Any] = {"state": state}
        newest = () if run is None else (EXPORTS.c.run == run,)
        if file is not None:
            values |= {"size_bytes": file.size_bytes, "progress": 1.0}
        if failure is not None:
            values["failure"] = failure.SerializeToString()
        summary = file.summary if file is not None else None
        return await self._update(export_id, values, *newest, summary=summary) is not None

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
        self,
        export_id: str,
        values: dict[str, Any],
        *conditions: sa.ColumnElement[bool],
        summary: media_service_pb2.CutSummary | None = None,
    ) -> ExportRecord | None:
        def work(connection: sa.Connection) -> ExportRecord | None:
            unfinished = EXPORTS.c.state.in_(OPEN_STATES)
            change = sa.update(EXPORTS).where(EXPORTS.c.id == export_id, unfinished, *conditions)
            if connection.execute(change.values(**values)).rowcount == 0:
                return None
            if summary is not None:
                blob = summary.SerializeToString()
                connection.execute(
                    sa.insert(EXPORT_SUMMARIES).values(export_id=export_id, summary=blob)
                )
            return to_record(_get_row(connection, export_id))

        record = await self._database.write(work, told=export_id)
        self._changes.ring(export_id)
        return record


def _get_row(connection: sa.Connection, export_id: str) -> sa.Row[Any]:
    query = sa.select(EXPORTS, EXPORT_SUMMARIES.c.summary).outerjoin(EXPORT_SUMMARIES)
    row = connection.execute(query.where(EXPORTS.c.id == export_id)).one_or_none()
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
        style=request.style or media_service_pb2.HIGHLIGHTS_STYLE_FAST,
    )
    export.create_time.FromMicroseconds(row.created_us)
    if row.summary is not None:
        export.summary.ParseFromString(row.summary)
        export.duration.CopyFrom(export.summary.duration)
    else:
        lengths_ns = (
            duration_ns(piece.end_offset) - duration_ns(piece.start_offset)
            for piece in request.ranges
        )
        export.duration.FromNanoseconds(sum(lengths_ns))
    if row.failure is not None:
        export.failure.ParseFromString(row.failure)
    return ExportRecord(export, request, row.fruitless_starts, row.run, row.traceparent)
