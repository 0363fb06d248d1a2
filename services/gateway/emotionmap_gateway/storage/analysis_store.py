"""Keeps analyses, their finished segments and their events."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from emotionmap.v1 import analysis_service_pb2 as pb

from emotionmap_gateway.storage.analysis_rows import (
    DRAFT,
    FINAL_STATES,
    OPEN_STATES,
    Event,
    NewAnalysis,
    Record,
    Segment,
    append_segment,
    append_state,
    find_row,
    get_row,
    has_draft,
    has_segment,
    to_event,
    to_record,
    update,
)
from emotionmap_gateway.storage.backlog import Backlog, read_backlog
from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.growth_rows import UNKNOWN
from emotionmap_gateway.storage.idempotency import Idempotency, find_earlier, remember
from emotionmap_gateway.storage.search import contains
from emotionmap_gateway.storage.tables import ANALYSES, EVENTS, SEGMENTS
from emotionmap_gateway.storage.upload_rows import remember_use, use_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.database import Database

SCOPE = "analyses"
"""Scope of the idempotency keys of `CreateAnalysis`."""

EVENTS_AT_ONCE = 100

Result = TypeVar("Result")


class AnalysisStore:
    """Analyses in the database. Each change and its event are one transaction."""

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    async def insert(
        self, new: NewAnalysis, idempotency: Idempotency | None, *, upload_id: str | None = None
    ) -> str:
        """Add a queued analysis and return its id, or that of the one the key was used for.

        Args:
            new: The analysis.
            idempotency: Key of the request, if it has one.
            upload_id: Upload that becomes the analysis, and is no more once it is complete.

        Raises:
            ServiceError: ALREADY_EXISTS `IDEMPOTENCY_KEY_REUSED`; NOT_FOUND `UPLOAD_NOT_FOUND`.
        """

        def work(connection: sa.Connection) -> str:
            if idempotency is not None:
                earlier = find_earlier(connection, SCOPE, idempotency)
                if earlier is not None:
                    return str(earlier.analysis_id)
            if upload_id is not None:
                made = use_up(connection, upload_id, stays=new.sha256 == UNKNOWN)
                if made is not None:
                    return made
            connection.execute(sa.insert(ANALYSES).values(**new.values()))
            if upload_id is not None:
                remember_use(connection, upload_id, new.id)
            if idempotency is not None:
                remember(connection, SCOPE, idempotency, analysis_id=new.id)
            append_state(connection, new.id)
            return new.id

        return await self._database.write(work)

    async def earlier(self, idempotency: Idempotency) -> str | None:
        """Return the id that a key was used for, None if it was not used.

        Raises:
            ServiceError: ALREADY_EXISTS `IDEMPOTENCY_KEY_REUSED`.
        """
        row = await self._database.read(lambda c: find_earlier(c, SCOPE, idempotency))
        return None if row is None else str(row.analysis_id)

    async def get(self, analysis_id: str) -> Record:
        """Return one analysis.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        return to_record(await self._database.read(lambda c: get_row(c, analysis_id)))

    async def page(
        self, *, limit: int, before: tuple[int, str] | None, text: str = ""
    ) -> list[Record]:
        """Return analyses, newest first.

        Args:
            limit: At most this many.
            before: Only those after this one in the list: its creation time in us, its id.
            text: Only those whose title contains this, whatever the case.
        """
        query = sa.select(ANALYSES).order_by(ANALYSES.c.created_us.desc(), ANALYSES.c.id.desc())
        if before is not None:
            created_us, analysis_id = before
            older = ANALYSES.c.created_us < created_us
            same = sa.and_(ANALYSES.c.created_us == created_us, ANALYSES.c.id < analysis_id)
            query = query.where(sa.or_(older, same))

        def work(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
            wanted = query.limit(limit)
            if text:
                dialect = connection.dialect.name
                wanted = wanted.where(contains(ANALYSES.c.title, text, dialect=dialect))
            return connection.execute(wanted).all()

        return [to_record(row) for row in await self._database.read(work)]

    async def start(self, analysis_id: str) -> Record | None:
        """Mark an analysis as running, in a new run; None if it is gone or finished."""

        def work(connection: sa.Connection) -> Record | None:
            row = find_row(connection, analysis_id, lock=True)
            if row is None or row.state in FINAL_STATES:
                return None
            starts = row.fruitless_starts + 1
            update(connection, analysis_id, fruitless_starts=starts, run=row.run + 1)
            if row.state == pb.JOB_STATE_QUEUED:
                update(connection, analysis_id, state=pb.JOB_STATE_RUNNING, updated_us=now_us())
                append_state(connection, analysis_id)
            return to_record(get_row(connection, analysis_id))

        return await self._change(analysis_id, work)

    async def forgive_start(self, analysis_id: str) -> None:
        """Take back a start that ended in good order, without a segment and without a crash."""
        starts = ANALYSES.c.fruitless_starts
        change = sa.update(ANALYSES).where(ANALYSES.c.id == analysis_id, starts > 0)
        await self._database.write(lambda c: c.execute(change.values(fruitless_starts=starts - 1)))

    async def add_segment(self, analysis_id: str, segment: Segment) -> bool:
        """Record a finished segment once; False if the analysis is gone, finished or run anew."""

        def work(connection: sa.Connection) -> bool:
            row = find_row(connection, analysis_id, lock=True)
            if row is None or row.state in FINAL_STATES or row.run != segment.run:
                return False
            if has_segment(connection, analysis_id, segment.number):
                return True
            values = asdict(segment) | {"analysis_id": analysis_id}
            connection.execute(sa.insert(SEGMENTS).values(**values))
            done = row.segments_done + 1
            update(connection, analysis_id, segments_done=done, fruitless_starts=0)
            append_segment(connection, analysis_id, segment.number)
            append_state(connection, analysis_id)
            return True

        return await self._change(analysis_id, work)

    async def add_timeline(self, analysis_id: str, *, run: int) -> bool:
        """Record the run that wrote the timeline; False as for a segment."""
        change = sa.update(ANALYSES).where(
            ANALYSES.c.id == analysis_id, ANALYSES.c.run == run, ANALYSES.c.state.in_(OPEN_STATES)
        )
        write = change.values(timeline_run=run)
        return bool(await self._database.write(lambda c: c.execute(write).rowcount))

    async def add_draft(self, analysis_id: str) -> bool:
        """Record the draft once; False if the analysis is gone or finished."""

        def work(connection: sa.Connection) -> bool:
            row = find_row(connection, analysis_id, lock=True)
            if row is None or row.state in FINAL_STATES:
                return False
            if not has_draft(connection, analysis_id):
                append_segment(connection, analysis_id, DRAFT)
            return True

        return await self._change(analysis_id, work)

    async def has_draft(self, analysis_id: str) -> bool:
        """Tell whether the draft is recorded."""
        return await self._database.read(lambda c: has_draft(c, analysis_id))

    async def segments_before(self, analysis_id: str, event: int) -> list[int]:
        """Return the segments that were finished before an event."""
        query = sa.select(EVENTS.c.segment).where(
            EVENTS.c.analysis_id == analysis_id, EVENTS.c.number < event, EVENTS.c.segment >= 0
        )
        return list(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def has_segment(self, analysis_id: str, number: int) -> bool:
        """Tell whether a segment is finished."""
        return await self._database.read(lambda c: has_segment(c, analysis_id, number))

    async def segment_run(self, analysis_id: str, number: int) -> int:
        """Return the run that a finished segment was finished in; 0 if it is gone."""
        query = sa.select(SEGMENTS.c.run).where(
            SEGMENTS.c.analysis_id == analysis_id, SEGMENTS.c.number == number
        )
        return await self._database.read(lambda c: c.execute(query).scalar_one_or_none()) or 0

    async def segments(self, analysis_id: str) -> list[Segment]:
        """Return the finished segments in order."""
        columns = [column for column in SEGMENTS.c if column.name != "analysis_id"]
        query = sa.select(*columns).where(SEGMENTS.c.analysis_id == analysis_id)
        query = query.order_by(SEGMENTS.c.number)
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return [Segment(**row) for row in rows]

    async def finish(
        self,
        analysis_id: str,
        state: pb.JobState,
        failure: pb.Failure | None = None,
        *,
        run: int | None = None,
    ) -> Record | None:
        """Give an analysis its final state unless it has one; None if it is gone.

        Also None if this is the end of a run, but the analysis is run anew.
        """

        def work(connection: sa.Connection) -> Record | None:
            row = find_row(connection, analysis_id, lock=True)
            if row is None or run not in (None, row.run):
                return None
            if row.state not in FINAL_STATES:
                blob = None if failure is None else failure.SerializeToString()
                update(connection, analysis_id, state=state, failure=blob, updated_us=now_us())
                append_state(connection, analysis_id)
            return to_record(get_row(connection, analysis_id))

        return await self._change(analysis_id, work)

    async def delete(self, analysis_id: str) -> None:
        """Remove an analysis and everything that belongs to it.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """

        def work(connection: sa.Connection) -> None:
            get_row(connection, analysis_id)
            connection.execute(sa.delete(ANALYSES).where(ANALYSES.c.id == analysis_id))

        await self._change(analysis_id, work)
        await self._database.scrub()

    async def events(self, analysis_id: str, *, after: int) -> list[Event]:
        """Return the next events in order, at most `EVENTS_AT_ONCE`.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        query = sa.select(EVENTS).order_by(EVENTS.c.number).limit(EVENTS_AT_ONCE)
        query = query.where(EVENTS.c.analysis_id == analysis_id, EVENTS.c.number > after)

        def work(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
            get_row(connection, analysis_id)
            return connection.execute(query).all()

        return [to_event(row) for row in await self._database.read(work)]

    async def ids(self) -> set[str]:
        """Return the ids of all analyses."""
        query = sa.select(ANALYSES.c.id)
        return set(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def open_ids(self) -> dict[str, bool]:
        """Return the unfinished analyses, oldest first, and whether bytes of each are to come."""
        query = sa.select(ANALYSES.c.id, ANALYSES.c.sha256).where(ANALYSES.c.state.in_(OPEN_STATES))
        query = query.order_by(ANALYSES.c.created_us)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {row.id: row.sha256 == UNKNOWN for row in rows}

    async def backlog(self) -> Backlog:
        """Return how much is not finished, and for how long."""
        return await self._database.read(read_backlog)

    async def _change(self, analysis_id: str, work: Callable[[sa.Connection], Result]) -> Result:
        result = await self._database.write(work, told=analysis_id)
        self._changes.ring(analysis_id)
        return result
