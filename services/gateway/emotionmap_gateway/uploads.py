"""What can be done with uploads that come in pieces, until they become analyses or expire."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emotionmap_gateway import upload_refusals as refusals
from emotionmap_gateway.intake import check_size
from emotionmap_gateway.storage.database import now_us
from emotionmap_gateway.storage.upload_rows import Upload
from emotionmap_gateway.upload_holds import Holds
from emotionmap_gateway.upload_sources import CompleteUpload, GrowingUpload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from emotionmap_gateway.storage.upload_files import UploadAppender, UploadFiles
    from emotionmap_gateway.storage.upload_rows import UploadRows
    from emotionmap_gateway.upload_holds import Hold

TAKE_OVER_S = 0.9
"""How long a request waits for the one before it to let go."""

USE_S = 120.0
"""How long a request waits for another that makes an analysis of the same upload."""

TOUCH_S = 600.0
"""How often at least the end of an upload is put off while its bytes come."""

ORPHAN_S = 60.0
"""How long bytes may lie without a row: it is written right after the file is made."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a chunk must come to, by an algorithm that hashlib knows."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that are sent for an upload. `length_bytes` is None if the client did not say."""

    offset: int
    length_bytes: int | None
    checksum: Checksum | None
    read: Callable[[], Awaitable[bytes]]
    """Gives the next bytes; empty at the end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An upload, and how many of its bytes are stored for good."""

    upload: Upload
    offset: int


class Uploads:
    """The uploads of this gateway."""

    def __init__(
        self, *, rows: UploadRows, files: UploadFiles, max_bytes: int, kept_s: float
    ) -> None:
        self._rows = rows
        self._files = files
        self.max_bytes = max_bytes
        self._kept_us = round(kept_s * 1e6)
        self._touch_s = min(TOUCH_S, kept_s / 4)
        self._holds = Holds()
        self._is_stopping = False

    async def create(self, *, length_bytes: int, title: str, metadata: str) -> Upload:
        """Begin an upload.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `MEDIA_TOO_LARGE` or `STORAGE_FULL`.
        """
        check_size(length_bytes, self.max_bytes)
        upload = Upload(secrets.token_hex(16), length_bytes, title, metadata, self._expires_us())
        # In this order: bytes without a row are swept, a row without bytes would be a lie.
        await self._files.create(upload.id)
        await self._rows.insert(upload)
        return upload

    async def look(self, upload_id: str) -> Progress:
        """Return how far an upload is; ends a request that sends bytes for it, so that this holds.

        Raises:
            ServiceError: NOT_FOUND `UPLOAD_NOT_FOUND` or `UPLOAD_EXPIRED`; ABORTED `UPLOAD_BUSY`.
        """
        progress = await self._progress(upload_id)
        if progress.offset == progress.upload.length_bytes:
            return progress
        async with self._holds.take(upload_id, patience_s=TAKE_OVER_S):
            return await self._progress(upload_id)

    async def append(self, upload_id: str, chunk: Chunk) -> Progress:
        """Store the next bytes of an upload; what came of a chunk that breaks off is kept.

        Raises:
            ServiceError: As `look`, and: ABORTED `UPLOAD_OFFSET_MISMATCH`; RESOURCE_EXHAUSTED
                `UPLOAD_TOO_LONG` or `STORAGE_FULL`; INVALID_ARGUMENT `UPLOAD_CHECKSUM_MISMATCH`;
                FAILED_PRECONDITION `UPLOAD_TAKEN_OVER`; UNAVAILABLE `SERVICE_UNAVAILABLE`: this
                process stops; what `chunk.read` raises.
        """
        # Nobody is asked to let go for a chunk that is refused anyway.
        progress = await self._progress(upload_id)
        _check(chunk, progress, is_held=self._holds.is_held(upload_id))
        async with self._holds.take(upload_id, patience_s=TAKE_OVER_S) as hold:
            progress = await self._progress(upload_id)
            _check(chunk, progress, is_held=False)
            if self._is_stopping:
                raise refusals.stopping()
            return await self._store(progress.upload, chunk, hold)

    async def delete(self, upload_id: str) -> None:
        """Remove an upload; ends a request that sends bytes for it.

        Raises:
            ServiceError: NOT_FOUND `UPLOAD_NOT_FOUND` or `UPLOAD_EXPIRED`; ABORTED `UPLOAD_BUSY`.
        """
        await self._kept(upload_id)
        async with self._holds.take(upload_id, patience_s=TAKE_OVER_S):
            await self._kept(upload_id)
            await self._remove(upload_id)

    @asynccontextmanager
    async def using(self, upload_id: str) -> AsyncIterator[CompleteUpload]:
        """Keep others from a complete upload; it is gone when the block has ended without error.

        Raises:
            ServiceError: As `look`, and FAILED_PRECONDITION `UPLOAD_NOT_FINISHED`.
        """
        _check_finished(await self._progress(upload_id))
        async with self._holds.take(upload_id, patience_s=USE_S):
            progress = await self._progress(upload_id)
            _check_finished(progress)
            yield CompleteUpload(progress.upload, self._files)
            await self._remove(upload_id)

    async def growing(self, upload_id: str) -> GrowingUpload | None:
        """Return an upload that may still grow, as it is now; None if it is complete.

        Raises:
            ServiceError: NOT_FOUND `UPLOAD_NOT_FOUND` or `UPLOAD_EXPIRED`.
        """
        progress = await self._progress(upload_id)
        if progress.offset == progress.upload.length_bytes:
            return None
        return GrowingUpload(progress.upload, self._files, readable_bytes=progress.offset)

    async def upload_of(self, analysis_id: str) -> str | None:
        """Return the id of the upload that an analysis was made of; None if of none."""
        return await self._rows.of_analysis(analysis_id)

    async def analysis_of(self, upload_id: str) -> str | None:
        """Return the id of the analysis that an upload became; None if there is none."""
        return await self._rows.analysis_id(upload_id)

    async def sweep(self) -> None:
        """Remove what was kept long enough, and bytes that belong to nothing."""
        for upload_id in await self._rows.expired_ids(now_us()):
            if not self._holds.is_held(upload_id):
                await self._remove(upload_id)
                log.info("upload expired", extra={"upload_id": upload_id})
        old = await self._files.ids_untouched_since(now_us() / 1e6 - ORPHAN_S)
        known = await self._rows.ids() if old else set()
        for upload_id in set(old) - known:
            await self._files.delete(upload_id)

    def stop(self) -> None:
        """Let nobody send bytes any more; what came stays."""
        self._is_stopping = True
        self._holds.ask_all()

    async def _store(self, upload: Upload, chunk: Chunk, hold: Hold) -> Progress:
        """Store a chunk that starts where the stored bytes end."""
        is_cut = upload.checked_bytes is not None
        algorithm = None if chunk.checksum is None else chunk.checksum.algorithm
        async with self._files.appender(
            upload.id, offset=chunk.offset, cut=is_cut, algorithm=algorithm
        ) as appender:
            if is_cut or chunk.checksum is not None:
                checked_bytes = None if chunk.checksum is None else chunk.offset
                await self._rows.update(upload.id, checked_bytes=checked_bytes)
            try:
                await self._copy(upload, chunk, hold, appender)
            except BaseException as error:
                await asyncio.shield(self._settle(upload, chunk, appender, error))
                raise
            return await self._settle(upload, chunk, appender, None)

    async def _copy(
        self, upload: Upload, chunk: Chunk, hold: Hold, appender: UploadAppender
    ) -> None:
        """Move bytes from the client to the disk until the chunk ends or the hold is asked for."""
        loop = asyncio.get_running_loop()
        touched_s = loop.time()
        scope = asyncio.timeout(None)
        try:
            async with scope:
                hold.when_asked(lambda: scope.reschedule(0))
                received = chunk.offset
                while data := await chunk.read():
                    received += len(data)
                    if received > upload.length_bytes:
                        raise refusals.too_long(upload.length_bytes)
                    await appender.write(data)
                    if loop.time() - touched_s >= self._touch_s:
                        touched_s = loop.time()
                        await self._rows.update(upload.id, expires_us=self._expires_us())
                await appender.sync()
        except TimeoutError:
            if not scope.expired():
                raise
            raise (refusals.stopping() if self._is_stopping else refusals.taken_over()) from None
        finally:
            hold.when_asked(lambda: None)
        if chunk.checksum is not None and appender.digest() != chunk.checksum.digest:
            raise refusals.checksum_mismatch()

    async def _settle(
        self,
        upload: Upload,
        chunk: Chunk,
        appender: UploadAppender,
        error: BaseException | None,
    ) -> Progress:
        """Keep what came, or discard it if that is how the chunk ended."""
        if error is not None and (chunk.checksum is not None or refusals.is_too_long(error)):
            await appender.rewind()
        else:
            await appender.sync()
        values: dict[str, int | None] = {}
        if chunk.checksum is not None:
            values["checked_bytes"] = None
        if appender.size_bytes > chunk.offset:
            values["expires_us"] = self._expires_us()
        if values:
            await self._rows.update(upload.id, **values)
        return Progress(replace(upload, **values), appender.size_bytes)  # type: ignore[arg-type]

    async def _progress(self, upload_id: str) -> Progress:
        upload = await self._kept(upload_id)
        try:
            stored = await self._files.size_bytes(upload_id)
        except FileNotFoundError:
            raise refusals.not_found() from None
        checked = upload.checked_bytes
        return Progress(upload, stored if checked is None else min(stored, checked))

    async def _kept(self, upload_id: str) -> Upload:
        upload = await self._rows.get(upload_id)
        if upload.expires_us <= now_us():
            raise refusals.expired()
        return upload

    async def _remove(self, upload_id: str) -> None:
        await self._rows.delete(upload_id)
        await self._files.delete(upload_id)

    def _expires_us(self) -> int:
        return now_us() + self._kept_us


def _check(chunk: Chunk, progress: Progress, *, is_held: bool) -> None:
    """Refuse a chunk that does not go on where the upload is, or is longer than its rest.

    Args:
        chunk: What is offered.
        progress: How far the upload is.
        is_held: Whether that may still grow, so that only what lies before it is surely wrong.
    """
    length = progress.upload.length_bytes
    is_behind = chunk.offset < progress.offset
    if is_behind or chunk.offset > (length if is_held else progress.offset):
        raise refusals.offset_mismatch(progress.offset)
    if chunk.length_bytes is not None and chunk.offset + chunk.length_bytes > length:
        raise refusals.too_long(length)


def _check_finished(progress: Progress) -> None:
    if progress.offset < progress.upload.length_bytes:
        raise refusals.not_finished()
