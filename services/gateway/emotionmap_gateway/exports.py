"""What can be done with exports. HTTP and gRPC both do it through this and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.storage.idempotency import idempotency_of
from emotionmap_gateway.work.highlights import check_highlights, highlights_request, matching_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.storage.export_store import ExportStore
    from emotionmap_gateway.work.jobs import Jobs

EXPORT_JOBS = "exports"
"""Kind of the jobs that work on exports."""


class Exports:
    """The exports of this gateway."""

    def __init__(self, *, analyses: Analyses, store: ExportStore, jobs: Jobs) -> None:
        self._analyses = analyses
        self._store = store
        self._jobs = jobs

    async def create_highlights(
        self,
        analysis_id: str,
        *,
        emotions: Sequence[int],
        min_confidence: float,
        idempotency_key: str | None,
    ) -> pb.Export:
        """Queue the cutting of a highlights video.

        Raises:
            ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`; NOT_FOUND `ANALYSIS_NOT_FOUND`;
                FAILED_PRECONDITION `ANALYSIS_NOT_FINISHED` or `HIGHLIGHTS_EMPTY`; ALREADY_EXISTS
                `IDEMPOTENCY_KEY_REUSED`.
        """
        check_highlights(emotions, min_confidence)
        timeline = await self._analyses.timeline(analysis_id)
        wanted = sorted(set(emotions))
        ranges = matching_ranges(timeline.intervals, emotions=wanted, min_confidence=min_confidence)
        request = highlights_request(analysis_id, ranges)
        idempotency = idempotency_of(idempotency_key, f"{wanted}", f"{min_confidence}")
        export_id = await self._store.insert(analysis_id, request, idempotency)
        await self._jobs.submit(EXPORT_JOBS, export_id)
        return await self.get(export_id)

    async def get(self, export_id: str) -> pb.Export:
        """Return one export.

        Raises:
            ServiceError: NOT_FOUND `EXPORT_NOT_FOUND`.
        """
        return (await self._store.get(export_id)).export

    async def finished(self, export_id: str) -> pb.Export:
        """Return an export that has a file.

        Raises:
            ServiceError: NOT_FOUND `EXPORT_NOT_FOUND`; FAILED_PRECONDITION `EXPORT_NOT_FINISHED`.
        """
        export = await self.get(export_id)
        if export.state != pb.JOB_STATE_SUCCEEDED:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.EXPORT_NOT_FINISHED,
                "The export has no file (yet).",
            )
        return export
