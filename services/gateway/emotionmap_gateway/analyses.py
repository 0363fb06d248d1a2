"""What can be done with analyses. HTTP and gRPC both do it through this and nothing else."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.draft import outside
from emotionmap_gateway.intake import Intake, IntakeParts
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_rows import FINAL_STATES, Event, Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.export_store import ExportStore
    from emotionmap_gateway.storage.growth_rows import GrowthRows
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.upload_sources import CompleteUpload
    from emotionmap_gateway.uploads import Uploads
    from emotionmap_gateway.work.jobs import Jobs
    from emotionmap_gateway.work.timelines import Timelines

DEFAULT_PAGE = 20
MAX_PAGE = 100
MAX_QUERY_CHARS = 255

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """Analyses, newest first, and the token of the next page; empty on the last."""

    analyses: list[pb.Analysis]
    next_token: str


class Analyses:
    """The analyses of this gateway."""

    def __init__(
        self,
        *,
        intake: IntakeParts,
        store: AnalysisStore,
        exports: ExportStore,
        objects: Objects,
        timelines: Timelines,
        jobs: Jobs,
        changes: Changes,
        stopping: asyncio.Event,
        uploads: Uploads,
        growth: GrowthRows,
        early_at_once: int,
    ) -> None:
        self._intake = intake
        self._store = store
        self._exports = exports
        self._objects = objects
        self._timelines = timelines
        self._jobs = jobs
        self._changes = changes
        self._stopping = stopping
        self._uploads = uploads
        self._growth = growth
        self._early_at_once = early_at_once

    def intake(self, upload: CompleteUpload | None = None) -> Intake:
        """Return what takes in one video; `upload`, if it is not to be sent."""
        return Intake(self._intake, upload)

    async def may_begin_early(self) -> bool:
        """Tell whether one more may be begun of an upload that still runs."""
        return await self._growth.count() < self._early_at_once

    @property
    def max_media_bytes(self) -> int:
        """Largest video that is taken."""
        return self._intake.max_media_bytes

    async def get(self, analysis_id: str) -> Record:
        """Return one analysis.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        return await self._arrived(await self._store.get(analysis_id))

    async def page(self, *, size: int, token: str, query: str = "") -> Page:
        """Return one page of analyses.

        Args:
            size: At most this many, 1-100; 0 means 20, more means 100.
            token: Of the page before; empty for the first.
            query: Only those whose title contains this, whatever the case; empty for all. A token
                is a place in the list, so it holds for any.

        Raises:
            ServiceError: INVALID_ARGUMENT `PAGE_TOKEN_INVALID`, or `OPTIONS_INVALID`: the query is
                too long.
        """
        if len(query) > MAX_QUERY_CHARS:
            raise ServiceError(
                grpc.StatusCode.INVALID_ARGUMENT,
                reasons.OPTIONS_INVALID,
                f"A query may have at most {MAX_QUERY_CHARS} characters.",
                metadata={"key": "query"},
            )
        wanted = min(size, MAX_PAGE) if size > 0 else DEFAULT_PAGE
        before = _read_token(token) if token else None
        # One more than wanted tells whether there is a next page.
        records = await self._store.page(limit=wanted + 1, before=before, text=query)
        shown = [await self._arrived(record) for record in records[:wanted]]
        next_token = _write_token(shown[-1]) if len(records) > wanted else ""
        return Page([record.analysis for record in shown], next_token)

    async def watch(
        self, analysis_id: str, *, after: int, idle_s: float
    ) -> AsyncIterator[Event | None]:
        """Give the events after a number, then those that come, up to the final state.

        Gives None when nothing has come for `idle_s`.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`, also once it is deleted; UNAVAILABLE
                `SERVICE_UNAVAILABLE`: this process stops; go on from the last event elsewhere.
        """
        loop = asyncio.get_running_loop()
        heard_s = loop.time()
        with self._changes.listening(analysis_id) as bell:
            while True:
                record = await self.get(analysis_id)
                events = await self._store.events(analysis_id, after=after)
                for event in events:
                    after = event.number
                    if event.analysis is not None:  # as many as there are now
                        event.analysis.received_bytes = record.analysis.received_bytes
                    yield event
                if events:
                    heard_s = loop.time()
                elif record.is_final:
                    return
                elif self._stopping.is_set():
                    _refuse_stopping()
                else:
                    await bell.rung(at_most_s=max(0, heard_s + idle_s - loop.time()))
                    if loop.time() - heard_s >= idle_s:
                        heard_s = loop.time()
                        yield None

    async def intervals(self, analysis_id: str, event: Event) -> pb.IntervalBatch:
        """Return the intervals that an event stands for.

        Those of a draft only where no segment was finished before it.
        """
        assert event.segment is not None
        try:
            if not event.is_draft:
                return await self._timelines.intervals(analysis_id, event.segment)
            draft = await self._timelines.draft(analysis_id)
            segments = (await self._store.get(analysis_id)).probe.segments
            numbers = await self._store.segments_before(analysis_id, event.number)
            rest = outside(draft.intervals, [segments[number] for number in numbers])
            return pb.IntervalBatch(intervals=rest)
        except FileNotFoundError:
            await self._store.get(analysis_id)  # says so if it was deleted meanwhile
            raise

    async def cancel(self, analysis_id: str) -> pb.Analysis:
        """Stop an analysis; one that is cancelled is left as it is.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; FAILED_PRECONDITION `ANALYSIS_FINISHED`.
        """
        record = await self._store.finish(analysis_id, pb.JOB_STATE_CANCELLED)
        if record is None:
            record = await self._store.get(analysis_id)
        if record.analysis.state != pb.JOB_STATE_CANCELLED:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.ANALYSIS_FINISHED,
                "The analysis is finished already.",
            )
        log.info("analysis cancelled", extra={"analysis_id": analysis_id})
        return (await self._arrived(record)).analysis

    async def delete(self, analysis_id: str) -> None:
        """Remove an analysis with its video, timeline and exports; stops it first if it runs.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        await self._store.get(analysis_id)
        exports = await self._exports.of_analysis(analysis_id)
        upload_id = await self._uploads.upload_of(analysis_id)
        await self._store.delete(analysis_id)
        for job_id in (analysis_id, *exports):
            self._changes.ring(job_id)
            await self._jobs.forget(job_id)
        await self._objects.delete_prefix(keys.prefix(analysis_id))
        if upload_id is not None:  # begun early: its bytes are still coming, or were not fetched
            with suppress(ServiceError):
                await self._uploads.delete(upload_id)
        log.info("analysis deleted", extra={"analysis_id": analysis_id})

    async def timeline(self, analysis_id: str) -> timeline_pb2.Timeline:
        """Return a finished timeline.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; FAILED_PRECONDITION
                `ANALYSIS_NOT_FINISHED`.
        """
        record = await self.finished(analysis_id)
        return await self._timelines.read(analysis_id, run=record.timeline_run)

    async def finished(self, analysis_id: str) -> Record:
        """Return an analysis that has a timeline.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; FAILED_PRECONDITION
                `ANALYSIS_NOT_FINISHED`.
        """
        record = await self._store.get(analysis_id)
        if record.analysis.state != pb.JOB_STATE_SUCCEEDED:
            has_ended = record.analysis.state in FINAL_STATES
            message = "has no timeline" if has_ended else "is not finished yet"
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.ANALYSIS_NOT_FINISHED,
                f"The analysis {message}.",
            )
        return record

    async def _arrived(self, record: Record) -> Record:
        """Note on an analysis how many bytes of its video are here; return it."""
        if not record.sha256:
            with suppress(FileNotFoundError):  # deleted meanwhile
                media = await self._objects.stat(keys.media(record.analysis.id))
                record.analysis.received_bytes = media.size_bytes
        return record


def _refuse_stopping() -> NoReturn:
    raise ServiceError(
        grpc.StatusCode.UNAVAILABLE,
        reasons.SERVICE_UNAVAILABLE,
        "The gateway is being stopped; go on from the last event.",
    )


def _write_token(record: Record) -> str:
    text = f"{record.created_us}:{record.analysis.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, str]:
    try:
        padded = token + "=" * (-len(token) % 4)
        created_us, _, analysis_id = (
            base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
        )
        # SQLite holds 64 bits.
        if analysis_id and 0 <= int(created_us) < 2**63:
            return int(created_us), analysis_id
    except (binascii.Error, ValueError):
        pass
    raise ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.PAGE_TOKEN_INVALID,
        "This page token was not given by this gateway.",
    )
