"""Plans a video on while its bytes come, where nobody knows how long it will be.

The plan lies in the database and only ever grows, so whoever goes on with it, after a crash or
elsewhere, finds the same segments.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.channel import begin_call
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.storage import keys
from emotionmap_gateway.work.pipeline import audio_margin
from emotionmap_gateway.work.retries import retried
from emotionmap_gateway.work.steps import UnwantedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.analysis_rows import Record
    from emotionmap_gateway.storage.growth_rows import GrowthRows
    from emotionmap_gateway.work.arrival import Arrival
    from emotionmap_gateway.work.retries import Patience
    from emotionmap_gateway.work.steps import Steps

MEDIA_INCOMPLETE = "MEDIA_INCOMPLETE"
"""Reason of the media service."""

LEAST_NEW = 64 * 1024
"""Bytes more for which another look is taken, or a hundredth of all: so there are 100 at most."""

_LAST = "last"

log = logging.getLogger(__name__)


class Planner:
    """Extends plans."""

    def __init__(
        self, *, growth: GrowthRows, backends: Backends, patience: Patience, timeout_s: float
    ) -> None:
        self._growth = growth
        self._backends = backends
        self._patience = patience
        self._timeout_s = timeout_s

    async def more(self, record: Record, arrival: Arrival) -> Record:
        """Return an analysis with what can be planned of it by now.

        Raises:
            ServiceError: Of the media service.
            UnwantedError: Another run has taken over.
        """
        growing = arrival.growing
        try:
            found = await retried(partial(self._probe, record, growing), self._patience)
        except ServiceError as error:
            if growing is None or error.reason != MEDIA_INCOMPLETE:
                raise
            return record
        if found.info.open_ended and not found.segments:
            return record
        planned = await self._growth.extend(
            record.analysis.id, found, after=len(record.probe.segments), run=record.run
        )
        if planned is None:
            raise UnwantedError
        return planned

    async def _probe(
        self, record: Record, growing: media_service_pb2.GrowingMedia | None
    ) -> media_service_pb2.ProbeMediaResponse:
        segments, options = record.probe.segments, record.analysis.options
        request = media_service_pb2.ProbeMediaRequest(
            media_key=keys.media(record.analysis.id),
            interval=options.interval,
            growing=growing,
            audio_margin=audio_margin(options.voice_context),
            so_far=media_service_pb2.PlanSoFar(
                segments=len(segments), end_offset=segments[-1].end_offset
            ),
        )
        probe: media_service_pb2.ProbeMediaResponse = await begin_call(
            "plan", self._backends.media.ProbeMedia, request, timeout=self._timeout_s
        )
        if not probe.grows:  # a server of an earlier version
            raise ServiceError(
                grpc.StatusCode.UNAVAILABLE,
                reasons.SERVICE_UNAVAILABLE,
                "The media service cannot go on with a plan; try again soon.",
            )
        return probe


class Plan:
    """The plan of one analysis, for one run of it.

    Attributes:
        record: The analysis with what is planned by now.
    """

    def __init__(self, record: Record, planner: Planner) -> None:
        self.record = record
        self._planner = planner
        self._changed = asyncio.Event()

    @property
    def is_complete(self) -> bool:
        """Whether nothing will be added."""
        return not self.record.probe.info.open_ended

    async def follow(self, arrival: Arrival) -> None:
        """Extend it as bytes come, until it is complete.

        Raises:
            ServiceError: As `Planner.more`, and `Arrival.until`.
        """
        tried_bytes = max(self.record.probe.segment_end_bytes, default=0)
        least = max(LEAST_NEW, self.record.analysis.size_bytes // 100)
        while not self.is_complete:
            await arrival.until(tried_bytes + least)
            tried_bytes = arrival.readable_bytes
            before = len(self.record.probe.segments)
            self.record = await self._planner.more(self.record, arrival)
            count = len(self.record.probe.segments)
            if count > before:
                log.info("planned on", extra={"segments": count, "bytes": tried_bytes})
                self._changed.set()
                self._changed = asyncio.Event()

    async def until_complete(self) -> Record:
        """Return the analysis once nothing will be added."""
        while not self.is_complete:
            await self._changed.wait()
        return self.record

    async def rounds(self, steps: Steps) -> AsyncIterator[int]:
        """Give how many segments are planned, again each time that there are more.

        A plan that does not grow has one round and no steps. One that does has a step for each,
        which keeps how many there were: so whoever resumes the job asks for the same steps.
        """
        if not self.record.probe.grows:
            yield len(self.record.probe.segments)
            return
        count, is_last, number = 0, False, 0
        while not is_last:
            await self._until(count + 1)
            kept = await steps.next(f"plan-{number}").run(self._told)
            words = kept.split()
            count, is_last, number = int(words[0]), _LAST in words, number + 1
            await self._until(count)
            yield count

    async def _told(self) -> str:
        """Return how many segments are planned, and whether they are all."""
        count = len(self.record.probe.segments)
        return f"{count} {_LAST}" if self.is_complete else str(count)

    async def _until(self, segments: int) -> None:
        """Return once so many are planned, or there will be no more."""
        while len(self.record.probe.segments) < segments and not self.is_complete:
            await self._changed.wait()
