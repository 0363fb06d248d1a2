"""Watches the bytes of videos whose analyses have begun while their uploads still run.

Looks at what is stored and asks nobody: whoever stores the bytes may be another process, or one
that is not there yet, after a crash.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.storage import keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_gateway.storage.analysis_rows import Record
    from emotionmap_gateway.storage.growth_rows import GrowthRows
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.storage.upload_files import UploadFiles
    from emotionmap_gateway.storage.upload_rows import UploadRows

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 2.0
"""Between looks, while bytes come, and while none do."""
LEAST_MORE = 256 * 1024
"""Bytes more for which a segment is tried again that needed more than was thought."""

log = logging.getLogger(__name__)


class Arrival:
    """What of one video is there.

    Args:
        total_bytes: What there will be.
    """

    def __init__(self, total_bytes: int) -> None:
        self._total_bytes = total_bytes
        self.readable_bytes = 0
        self._is_complete = False
        self._failure: ServiceError | None = None
        self._changed = asyncio.Event()

    @property
    def growing(self) -> media_service_pb2.GrowingMedia | None:
        """How much there is, None once it is all there."""
        if self._is_complete:
            return None
        return media_service_pb2.GrowingMedia(
            readable_bytes=self.readable_bytes, total_bytes=self._total_bytes
        )

    def grow(self, readable_bytes: int) -> None:
        """Note how much is there."""
        self.readable_bytes = readable_bytes
        self._ring()

    def complete(self) -> None:
        """Note that everything is there."""
        self._is_complete = True
        self._ring()

    def fail(self, failure: ServiceError) -> None:
        """Note that the rest will never come."""
        self._failure = failure
        self._ring()

    async def until_complete(self) -> None:
        """Return once everything is there.

        Raises:
            ServiceError: FAILED_PRECONDITION `UPLOAD_BROKEN`: the rest will never come.
        """
        await self.until(self._total_bytes)

    async def until(self, wanted_bytes: int) -> None:
        """Return once so many bytes are there.

        Raises:
            ServiceError: As `until_complete`.
        """
        while not self._is_complete and (
            self.readable_bytes < wanted_bytes or wanted_bytes >= self._total_bytes
        ):
            if self._failure is not None:
                raise self._failure
            await self._changed.wait()

    async def until_more(self, tried_bytes: int) -> None:
        """Return once there are so many more bytes than were tried that another try makes sense.

        Raises:
            ServiceError: As `until_complete`.
        """
        await self.until(tried_bytes + max(LEAST_MORE, self._total_bytes // 100))

    def _ring(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Arrivals:
    """Watches videos."""

    def __init__(
        self, *, growth: GrowthRows, rows: UploadRows, files: UploadFiles, objects: Objects
    ) -> None:
        self._growth = growth
        self._rows = rows
        self._files = files
        self._objects = objects

    @asynccontextmanager
    async def watching(self, record: Record) -> AsyncIterator[Arrival]:
        """Give what is there of a video, watched until the block ends."""
        arrival = Arrival(record.analysis.size_bytes)
        if record.sha256:
            arrival.complete()
            yield arrival
            return
        task = asyncio.create_task(self._watch(record.analysis.id, arrival))
        try:
            yield arrival
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self, analysis_id: str, arrival: Arrival) -> None:
        pause_s = SHORTEST_PAUSE_S
        while arrival.growing is not None:
            before = arrival.readable_bytes
            try:
                await self._look(analysis_id, arrival)
            except Exception:  # of the database or the disk; the next look may work
                log.warning("an upload cannot be looked at", exc_info=True)
            has_grown = arrival.readable_bytes > before
            pause_s = SHORTEST_PAUSE_S if has_grown else min(pause_s * 1.5, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def _look(self, analysis_id: str, arrival: Arrival) -> None:
        """Find out how much is there for good: what comes with a checksum may yet be discarded."""
        upload_id = await self._rows.of_analysis(analysis_id)
        before = await self._size_bytes(analysis_id)
        upload = None if upload_id is None else await self._rows.find(upload_id)
        # Twice: what was discarded in between is not counted.
        readable = min(before, await self._size_bytes(analysis_id))
        if upload is not None and upload.checked_bytes is not None:
            readable = min(readable, upload.checked_bytes)
        growing = arrival.growing
        assert growing is not None
        if readable == growing.total_bytes:
            await self._settle(analysis_id, upload_id)
            arrival.complete()
        elif upload is None or readable < arrival.readable_bytes:
            arrival.fail(_broken())
        else:
            arrival.grow(readable)

    async def _settle(self, analysis_id: str, upload_id: str | None) -> None:
        sha256: str | None = None
        if upload_id is not None:
            with suppress(FileNotFoundError):
                await self._files.size_bytes(upload_id)  # which outlive a loss of power from now on
            sha256 = self._files.known_sha256(upload_id)
        if sha256 is None:
            digest = hashlib.sha256()
            async for block in self._objects.read(keys.media(analysis_id)):
                digest.update(block)
            sha256 = digest.hexdigest()
        await self._growth.settle(analysis_id, sha256)
        log.info("upload of an analysis complete", extra={"analysis_id": analysis_id})

    async def _size_bytes(self, analysis_id: str) -> int:
        return (await self._objects.stat(keys.media(analysis_id))).size_bytes


def _broken() -> ServiceError:
    return ServiceError(
        grpc.StatusCode.FAILED_PRECONDITION,
        reasons.UPLOAD_BROKEN,
        "The upload of the video ended before all of it had come.",
    )
