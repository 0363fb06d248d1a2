"""What can be done with exports. HTTP and gRPC both do it through this and nothing else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.highlights import cut_request, to_wish
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.idempotency import idempotency_of
from emotionmap_gateway.work.kinds import EXPORT_JOBS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.storage.export_store import ExportStore
    from emotionmap_gateway.work.jobs import Jobs

MergedPeople: TypeAlias = "Callable[[str], Awaitable[Mapping[str, str]]]"
"""Gives, of an analysis, the person that each merged person is part of."""

log = logging.getLogger(__name__)


class Exports:
    """The exports of this gateway.

    Args:
        analyses: What exports are made of.
        store: Where they are kept.
        jobs: What has them made.
        merged: Which people a viewer merged.
    """

    def __init__(
        self,
        *,
        analyses: Analyses,
        store: ExportStore,
        jobs: Jobs,
        merged: MergedPeople,
    ) -> None:
        self._analyses, self._merged = analyses, merged
        self._store = store
        self._jobs = jobs

    async def create_highlights(self, request: pb.CreateHighlightsRequest) -> pb.Export:
        """Queue the cutting of a highlights video.

        Raises:
            ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`; NOT_FOUND `ANALYSIS_NOT_FOUND`;
                FAILED_PRECONDITION `ANALYSIS_NOT_FINISHED` or `HIGHLIGHTS_EMPTY`; ALREADY_EXISTS
                `IDEMPOTENCY_KEY_REUSED`.
        """
        wish = to_wish(request)
        analysis_id = request.analysis_id
        timeline = await self._analyses.timeline(analysis_id)
        merged = await self._merged(analysis_id)
        cut = cut_request(keys.media(analysis_id), timeline, wish, merged=merged)
        idempotency = idempotency_of(request.idempotency_key, wish.to_message())
        export_id = await self._store.insert(analysis_id, cut, idempotency)
        await self._jobs.submit(EXPORT_JOBS, export_id)
        return await self.get(export_id)

    async def get(self, export_id: str) -> pb.Export:
        """Return one export.

        Raises:
            ServiceError: NOT_FOUND `EXPORT_NOT_FOUND`.
        """
        return (await self._store.get(export_id)).export

    async def cancel(self, export_id: str) -> pb.Export:
        """Stop an export; one that is cancelled is left as it is.

        Raises:
            ServiceError: NOT_FOUND `EXPORT_NOT_FOUND`; FAILED_PRECONDITION `EXPORT_FINISHED`.
        """
        # Whoever works on it, here or elsewhere, sees that and removes what was written.
        is_ended = await self._store.finish(export_id, pb.JOB_STATE_CANCELLED)
        export = await self.get(export_id)
        if export.state != pb.JOB_STATE_CANCELLED:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.EXPORT_FINISHED,
                "The export is finished already.",
            )
        if is_ended:
            ids = {"analysis_id": export.analysis_id, "export_id": export_id}
            log.info("highlights cancelled", extra=ids)
        return export

    async def finished(self, export_id: str) -> tuple[pb.Export, str]:
        """Return an export that has a file, and the key of that.

        Raises:
            ServiceError: NOT_FOUND `EXPORT_NOT_FOUND`; FAILED_PRECONDITION `EXPORT_NOT_FINISHED`.
        """
        record = await self._store.get(export_id)
        export = record.export
        if export.state != pb.JOB_STATE_SUCCEEDED:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.EXPORT_NOT_FINISHED,
                "The export has no file (yet).",
            )
        return export, keys.export(export.analysis_id, export.id, run=record.run)
