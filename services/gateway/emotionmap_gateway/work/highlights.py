"""The job that has highlights videos cut. What they hold is decided in documents/highlights.py."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.channel import begin_call
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.telemetry import call_context
from emotionmap_runtime.tracing import continuing, span

from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.export_store import CutFile
from emotionmap_gateway.work.job_metrics import EXPORT
from emotionmap_gateway.work.retries import Patience, retried
from emotionmap_gateway.work.steps import check_starts, failure_of, first_failure
from emotionmap_gateway.work.withdrawal import until_final

if TYPE_CHECKING:
    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.changes import Changes
    from emotionmap_gateway.storage.export_store import ExportRecord, ExportStore
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.work.job_metrics import JobMetrics
    from emotionmap_gateway.work.steps import Steps

PROGRESS_STEP = 0.02
"""Smallest progress that is worth a write to the database."""

log = logging.getLogger(__name__)


class HighlightsJob:
    """Has highlights videos cut. May be run again at any time."""

    def __init__(
        self,
        *,
        store: ExportStore,
        objects: Objects,
        backends: Backends,
        changes: Changes,
        patience: Patience,
        timeout_s: float,
        metrics: JobMetrics,
    ) -> None:
        self._store = store
        self._changes = changes
        self._objects = objects
        self._backends = backends
        self._patience = patience
        self._timeout_s = timeout_s
        self._metrics = metrics
        self._runs: dict[str, int] = {}

    async def run(self, export_id: str, _steps: Steps) -> None:
        """Bring an export to its end; returns at once if it is gone or finished."""
        record = await self._store.start(export_id)
        if record is None:
            return
        self._runs[export_id] = record.run
        call_context.set({**call_context.get(), "analysis_id": record.export.analysis_id})
        if record.run == 1:
            created_us = record.export.create_time.ToMicroseconds()
            self._metrics.started(EXPORT, created_us=created_us)
        ids = {
            "emotionmap.analysis_id": record.export.analysis_id,
            "emotionmap.export_id": export_id,
        }
        with continuing(record.traceparent), span("highlights", ids):
            await self._bring_to_end(record)

    async def _bring_to_end(self, record: ExportRecord) -> None:
        export_id = record.export.id
        created_us = record.export.create_time.ToMicroseconds()
        try:
            check_starts(record.fruitless_starts)
            file = await retried(partial(self._cut, record), self._patience)
        except asyncio.CancelledError:
            with suppress(ServiceError, OSError):  # then it goes with its analysis
                await self._discard(record)
            await self._store.forgive_start(export_id)
            raise
        except Exception as error:  # noqa: BLE001 - as for a segment; logged or typed
            failure = first_failure(error) or failure_of(error)
            log.warning("highlights failed", extra={"reason": failure.reason})
            state = pb.JOB_STATE_FAILED
            if await self._store.finish(export_id, state, failure=failure, run=record.run):
                reason = failure.reason
                self._metrics.finished(EXPORT, state, created_us=created_us, reason=reason)
        else:
            state = pb.JOB_STATE_SUCCEEDED
            if await self._store.finish(export_id, state, file=file, run=record.run):
                self._metrics.finished(EXPORT, state, created_us=created_us)
                log.info("highlights cut", extra={"bytes": file.size_bytes})
            else:  # deleted or taken over meanwhile: leave nothing that no one would delete
                await self._discard(record)
        finally:
            if self._runs.get(export_id) == record.run:
                del self._runs[export_id]

    async def _discard(self, record: ExportRecord) -> None:
        """Remove the file of a run that came to nothing, if it got that far."""
        key = keys.export(record.export.analysis_id, record.export.id, run=record.run)
        await asyncio.shield(self._objects.delete(key))

    async def until_unwanted(self, export_id: str) -> None:
        """Return once no work should be done on an export."""
        run = partial(self._runs.get, export_id)
        await until_final(self._store.get, export_id, self._changes, run=run)

    async def _cut(self, record: ExportRecord) -> CutFile:
        """Have the file made."""
        export = record.export
        method = self._backends.media.CutHighlights
        call = begin_call("cut", method, record.request, timeout=self._timeout_s)
        try:
            key = keys.export(export.analysis_id, export.id, run=record.run)
            written, summary = export.progress, None
            async with self._objects.writer(key) as writer:
                async for response in call:
                    if response.WhichOneof("payload") == "chunk":
                        await writer.write(response.chunk)
                    elif response.WhichOneof("payload") == "summary":
                        summary = response.summary
                    elif response.progress >= written + PROGRESS_STEP:
                        written = response.progress
                        await self._store.advance(export.id, written)
                return CutFile((await writer.commit()).size_bytes, summary)
        finally:
            call.cancel()
