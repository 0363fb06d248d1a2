"""Puts right what a crash left half done.

Jobs that were never queued, jobs that ended without a word, bytes that belong to nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb

from emotionmap_gateway import reasons
from emotionmap_gateway.storage import keys
from emotionmap_gateway.work.kinds import ANALYSIS_JOBS, EARLY_JOBS, EXPORT_JOBS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.export_store import ExportStore
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.work.jobs import Jobs

PERIOD_S = 30.0

log = logging.getLogger(__name__)


class Upkeep:
    """Looks after analyses and exports that no one works on."""

    def __init__(
        self,
        *,
        store: AnalysisStore,
        exports: ExportStore,
        objects: Objects,
        jobs: Jobs,
        chores: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._store = store
        self._exports = exports
        self._objects = objects
        self._jobs = jobs
        self._chores = (self.settle, *chores)

    async def run(self) -> None:
        """Look, again and again, until cancelled."""
        while True:
            for chore in self._chores:
                try:
                    await chore()
                except Exception:  # it must not end; what failed is tried again next time
                    log.exception("upkeep failed")
            await asyncio.sleep(PERIOD_S)

    async def settle(self) -> None:
        """Queue what was never queued; end what can no longer end by itself."""
        for analysis_id, is_growing in (await self._store.open_ids()).items():
            kind = EARLY_JOBS if is_growing else ANALYSIS_JOBS
            if await self._is_lost(kind, analysis_id):
                await self._store.finish(analysis_id, pb.JOB_STATE_FAILED, _lost())
        for export_id in await self._exports.open_ids():
            if await self._is_lost(EXPORT_JOBS, export_id):
                await self._exports.finish(export_id, pb.JOB_STATE_FAILED, failure=_lost())

    async def sweep(self) -> None:
        """Delete the bytes of analyses that there are not; only while nothing is being uploaded."""
        known = await self._store.ids()
        for analysis_id in await self._objects.list_folders(keys.ROOT):
            if analysis_id not in known:
                log.warning("orphan deleted", extra={"analysis_id": analysis_id})
                await self._objects.delete_prefix(keys.prefix(analysis_id))

    async def _is_lost(self, kind: str, job_id: str) -> bool:
        has_ended = await self._jobs.has_ended(job_id)
        if has_ended is None:
            await self._jobs.submit(kind, job_id)
        return bool(has_ended)


def _lost() -> pb.Failure:
    return pb.Failure(
        reason=reasons.INTERNAL,
        message="The work on it ended without a result; see the log.",
        code=grpc.StatusCode.INTERNAL.value[0],
    )
