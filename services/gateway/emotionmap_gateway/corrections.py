"""What can be done with corrections. HTTP and gRPC both do it through this and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import EMOTION_WORDS, duration_ms

if TYPE_CHECKING:
    from emotionmap.v1 import emotion_pb2

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.storage.correction_store import CorrectionRow, CorrectionStore

NS_PER_MS = 1_000_000


class Corrections:
    """Viewers' own labels. The timeline stays what the models said; these lie beside it."""

    def __init__(self, *, analyses: Analyses, store: CorrectionStore) -> None:
        self._analyses = analyses
        self._store = store

    async def create(
        self, analysis_id: str, *, stretch: emotion_pb2.TimeRange, emotion: int
    ) -> pb.Correction:
        """Keep a label for a stretch, which is rounded to milliseconds.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`; FAILED_PRECONDITION
                `ANALYSIS_NOT_FINISHED`; INVALID_ARGUMENT `CORRECTION_INVALID`; RESOURCE_EXHAUSTED
                `CORRECTIONS_FULL`.
        """
        record = await self._analyses.finished(analysis_id)
        start_ms, end_ms = duration_ms(stretch.start_offset), duration_ms(stretch.end_offset)
        if emotion not in EMOTION_WORDS:
            raise _invalid("emotion", f"emotion must be of {', '.join(EMOTION_WORDS.values())}.")
        if start_ms >= end_ms:
            raise _invalid("end", "end must be at least a millisecond after start.")
        if start_ms < 0 or end_ms > duration_ms(record.analysis.media.duration):
            raise _invalid("end", "A correction must lie within the timeline.")
        row = await self._store.insert(
            analysis_id, start_ms=start_ms, end_ms=end_ms, emotion=emotion
        )
        return to_message(row)

    async def of_analysis(self, analysis_id: str) -> list[pb.Correction]:
        """Return the corrections of an analysis by time.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
        """
        return [to_message(row) for row in await self._store.of_analysis(analysis_id)]

    async def delete(self, analysis_id: str, correction_id: str) -> None:
        """Take a correction back.

        Raises:
            ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND` or `CORRECTION_NOT_FOUND`.
        """
        await self._store.delete(analysis_id, correction_id)


def to_message(row: CorrectionRow) -> pb.Correction:
    """Return what a row says."""
    correction = pb.Correction(id=row.id, emotion=row.emotion)  # type: ignore[arg-type]
    correction.range.start_offset.FromNanoseconds(row.start_ms * NS_PER_MS)
    correction.range.end_offset.FromNanoseconds(row.end_ms * NS_PER_MS)
    correction.create_time.FromMicroseconds(row.created_us)
    return correction


def _invalid(key: str, message: str) -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT, reasons.CORRECTION_INVALID, message, metadata={"key": key}
    )
