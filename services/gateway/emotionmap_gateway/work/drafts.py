"""Publishes a draft of the timeline of a long video, while its first segments are worked on.

Best effort: an analysis never fails, nor waits, for its draft. Nothing of it enters the timeline.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from emotionmap.v1 import analysis_service_pb2 as pb

from emotionmap_gateway.documents.draft import stretched
from emotionmap_gateway.documents.words import NS_PER_S, duration_ns
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.objects import write_all
from emotionmap_gateway.work.failures import cause_of
from emotionmap_gateway.work.sketch import SketchWork, sketch

if TYPE_CHECKING:
    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.analysis_rows import Record
    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.work.turns import Turn

LEAST_NS = 120 * NS_PER_S
"""Of shorter videos the timeline itself is there soon enough."""
APART_NS = 5 * NS_PER_S
"""Key frames nearer to each other than this on average are not worth their cost."""
MOST_FRAMES = 120
"""A minute apart in two hours; about 3 CPU-seconds."""
FRAME_SIZE_S = 0.25
"""Seconds of video whose analysis costs as much as a key frame's."""
TIMEOUT_S = 60.0
"""Behind this it is not early any more."""

log = logging.getLogger(__name__)


class Drafts:
    """Makes drafts."""

    def __init__(self, *, store: AnalysisStore, objects: Objects, backends: Backends) -> None:
        self._store = store
        self._objects = objects
        self._backends = backends

    async def publish(self, record: Record, turn: Turn) -> None:
        """Publish the draft of an analysis unless it has one, needs none, or it cannot be made.

        Args:
            record: Of which analysis.
            turn: Gives the analysis a turn to work; a draft counts as a segment.
        """
        media = record.probe.info
        if not media.has_video or duration_ns(media.duration) < LEAST_NS:
            return
        start_s = time.monotonic()
        try:
            async with turn(_frames(record) * FRAME_SIZE_S), asyncio.timeout(TIMEOUT_S):
                if await self._store.has_draft(record.analysis.id):
                    return
                count = await self._make(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, the analysis goes on
            cause = cause_of(error)
            reason = cause.reason if cause is not None else type(error).__name__
            log.warning("no draft", extra={"reason": reason})
        else:
            seconds = round(time.monotonic() - start_s, 3)
            log.info("draft published", extra={"intervals": count, "seconds": seconds})

    async def _make(self, record: Record) -> int:
        """Make and keep a draft; return how many intervals it has."""
        analysis_id, options = record.analysis.id, record.analysis.options
        length_ns = duration_ns(record.probe.info.duration)
        work = SketchWork(
            media_key=keys.media(analysis_id),
            segment_id=f"{analysis_id}/draft",
            options=options,
            count=_frames(record),
        )
        looks = await sketch(work, self._backends, timeout_s=TIMEOUT_S)
        intervals = stretched(looks, end_ns=length_ns, interval_ns=duration_ns(options.interval))
        if intervals:
            await self._keep(analysis_id, pb.IntervalBatch(intervals=intervals))
        return len(intervals)

    async def _keep(self, analysis_id: str, draft: pb.IntervalBatch) -> None:
        key = keys.draft(analysis_id)
        await write_all(self._objects, key, draft.SerializeToString())
        is_kept = await self._store.add_draft(analysis_id)
        if not is_kept and not await self._store.has_draft(analysis_id):
            # It was deleted or stopped meanwhile, and no other run has made one: leave nothing
            # that no one would delete.
            await self._objects.delete(key)


def _frames(record: Record) -> int:
    """Return how many key frames a draft looks at."""
    return min(MOST_FRAMES, duration_ns(record.probe.info.duration) // APART_NS)
