"""Rows of analyses and what they mean; each function works inside a caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import sqlalchemy as sa
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import duration_ns
from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.tables import ANALYSES, EVENTS, SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

DRAFT = -1
"""Stands in an event where the number of a segment would: its intervals are the draft."""
FINAL_STATES = frozenset({pb.JOB_STATE_SUCCEEDED, pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED})
OPEN_STATES = (pb.JOB_STATE_QUEUED, pb.JOB_STATE_RUNNING)


@dataclass(frozen=True, slots=True)
class NewAnalysis:
    """What is needed to make an analysis."""

    id: str
    title: str
    size_bytes: int
    sha256: str
    """Empty while bytes are still to come."""
    options: pb.AnalysisOptions
    probe: media_service_pb2.ProbeMediaResponse
    traceparent: str = ""

    def values(self) -> Mapping[str, Any]:
        """Return the columns of its row."""
        moment_us = now_us()
        return {
            "id": self.id,
            "state": pb.JOB_STATE_QUEUED,
            "title": self.title,
            "created_us": moment_us,
            "updated_us": moment_us,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "options": self.options.SerializeToString(),
            "probe": self.probe.SerializeToString(),
            "segments_total": len(self.probe.segments),
            "traceparent": self.traceparent,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """An analysis with what only the gateway knows of it."""

    analysis: pb.Analysis
    created_us: int
    sha256: str
    probe: media_service_pb2.ProbeMediaResponse
    fruitless_starts: int
    run: int
    """Number of the newest run; what an older one does no longer counts."""
    timeline_run: int
    """Number of the run that wrote the timeline, if there is one."""
    traceparent: str
    """Where its trace goes on; empty if it has none."""

    @property
    def is_final(self) -> bool:
        """Whether its state can no longer change."""
        return self.analysis.state in FINAL_STATES


@dataclass(frozen=True, slots=True)
class Segment:
    """What is known of a finished segment besides its intervals.

    `read_until_ns` is up to where media could be read, from time zero; models are serialised; `run`
    is the run that it was finished in.
    """

    number: int
    truncated: bool
    read_until_ns: int
    face_model: bytes | None
    voice_model: bytes | None
    run: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event: either a new state of the analysis, or a finished segment, or the draft."""

    number: int
    analysis: pb.Analysis | None
    segment: int | None

    @property
    def is_draft(self) -> bool:
        """Whether its intervals are those of the draft."""
        return self.segment == DRAFT


def find_row(
    connection: sa.Connection, analysis_id: str, *, lock: bool = False
) -> sa.Row[Any] | None:
    """Return the row of an analysis, None if there is none.

    Args:
        connection: Where to look.
        analysis_id: Which.
        lock: Keep others from changing it until the transaction ends.
    """
    query = sa.select(ANALYSES).where(ANALYSES.c.id == analysis_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def get_row(connection: sa.Connection, analysis_id: str) -> sa.Row[Any]:
    """Return the row of an analysis.

    Raises:
        ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
    """
    row = find_row(connection, analysis_id)
    if row is None:
        raise ServiceError(
            grpc.StatusCode.NOT_FOUND, reasons.ANALYSIS_NOT_FOUND, "There is no such analysis."
        )
    return row


def update(connection: sa.Connection, analysis_id: str, **values: Any) -> None:
    """Change columns of an analysis."""
    connection.execute(sa.update(ANALYSES).where(ANALYSES.c.id == analysis_id).values(**values))


def has_segment(connection: sa.Connection, analysis_id: str, number: int) -> bool:
    """Tell whether a segment is finished."""
    query = sa.select(SEGMENTS.c.number).where(
        SEGMENTS.c.analysis_id == analysis_id, SEGMENTS.c.number == number
    )
    return connection.execute(query).one_or_none() is not None


def append_state(connection: sa.Connection, analysis_id: str) -> None:
    """Add an event that carries the analysis as it now is."""
    analysis = to_analysis(get_row(connection, analysis_id))
    _append(connection, analysis_id, analysis=analysis.SerializeToString())


def has_draft(connection: sa.Connection, analysis_id: str) -> bool:
    """Tell whether there is an event for the draft."""
    query = sa.select(EVENTS.c.number).where(
        EVENTS.c.analysis_id == analysis_id, EVENTS.c.segment == DRAFT
    )
    return connection.execute(query).first() is not None


def append_segment(connection: sa.Connection, analysis_id: str, number: int) -> None:
    """Add an event that stands for the intervals of a segment, or `DRAFT` for those of it."""
    _append(connection, analysis_id, segment=number)


def _append(connection: sa.Connection, analysis_id: str, **payload: Any) -> None:
    query = sa.select(sa.func.coalesce(sa.func.max(EVENTS.c.number), 0)).where(
        EVENTS.c.analysis_id == analysis_id
    )
    number = connection.execute(query).scalar_one() + 1
    connection.execute(sa.insert(EVENTS).values(analysis_id=analysis_id, number=number, **payload))


def to_record(row: sa.Row[Any]) -> Record:
    """Return what a row says."""
    return Record(
        analysis=to_analysis(row),
        created_us=row.created_us,
        sha256=row.sha256,
        probe=media_service_pb2.ProbeMediaResponse.FromString(row.probe),
        fruitless_starts=row.fruitless_starts,
        run=row.run,
        timeline_run=row.timeline_run,
        traceparent=row.traceparent,
    )


def to_analysis(row: sa.Row[Any]) -> pb.Analysis:
    """Return the analysis as the API shows it."""
    probe = media_service_pb2.ProbeMediaResponse.FromString(row.probe)
    analysis = pb.Analysis(
        id=row.id,
        state=row.state,
        title=row.title,
        progress=_progress(probe, row.segments_done, row.size_bytes),
        media=probe.info,
        options=pb.AnalysisOptions.FromString(row.options),
        size_bytes=row.size_bytes,
        received_bytes=row.size_bytes if row.sha256 else 0,  # the file itself would tell
    )
    analysis.create_time.FromMicroseconds(row.created_us)
    analysis.update_time.FromMicroseconds(row.updated_us)
    if row.failure is not None:
        analysis.failure.ParseFromString(row.failure)
    return analysis


def _progress(probe: media_service_pb2.ProbeMediaResponse, done: int, size_bytes: int) -> float:
    """Return the share of the video that so many segments are; they end about in order.

    Where nobody knew how long it would be, that is the share of its bytes.
    """
    if not 0 < done <= len(probe.segments):
        return float(done > 0)
    if probe.grows:
        return min(1.0, probe.segment_end_bytes[done - 1] / size_bytes)
    end_ns = [duration_ns(probe.segments[last].end_offset) for last in (done - 1, -1)]
    return end_ns[0] / end_ns[1]


def to_event(row: sa.Row[Any]) -> Event:
    """Return what a row says."""
    analysis = None if row.analysis is None else pb.Analysis.FromString(row.analysis)
    return Event(row.number, analysis, row.segment)
