"""MediaService over gRPC: reads requests, hands work to threads, writes responses."""

from __future__ import annotations

import logging
import time
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import emotion_pb2, media_service_pb2, media_service_pb2_grpc, timeline_pb2

from emotionmap_media import objects, requests
from emotionmap_media.budget import Budget
from emotionmap_media.clock import to_duration
from emotionmap_media.decode import SoundChunk, decode_segment
from emotionmap_media.growing import incomplete
from emotionmap_media.highlights import FileChunk, Progress, cut_highlights
from emotionmap_media.key_frames import sample_key_frames
from emotionmap_media.prospect import look_ahead
from emotionmap_media.sharing import Cores
from emotionmap_media.stored import StoredMedia, open_store
from emotionmap_media.streams import Limits
from emotionmap_media.thumbnails import render_thumbnails
from emotionmap_media.together import FrameGroup, together

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    import grpc

    from emotionmap_media.clock import Span
    from emotionmap_media.highlights import Output
    from emotionmap_media.objects import Source
    from emotionmap_media.probe import Description
    from emotionmap_media.settings import Settings
    from emotionmap_media.together import Parcel
    from emotionmap_media.workers import Workers

    Context = grpc.aio.ServicerContext[Any, Any]
    _MaybeGrowing = media_service_pb2.ProbeMediaRequest | media_service_pb2.DecodeSegmentRequest

MAX_ID_CHARS = 128

log = logging.getLogger(__name__)


class MediaServicer(media_service_pb2_grpc.MediaServiceServicer):
    """Answers from the files of one object store.

    Args:
        settings: Limits, and where the objects lie.
        workers: Threads for segments and cuts.
        quick_workers: Threads for probes and thumbnails, for which a person waits.
        scratch: Where cuts are made.
    """

    def __init__(
        self, settings: Settings, workers: Workers, quick_workers: Workers, scratch: Path
    ) -> None:
        self._settings, self._workers, self._quick_workers = settings, workers, quick_workers
        self._limits = Limits(
            max_duration_s=settings.max_duration_s,
            max_pixels=settings.max_pixels,
            decode_threads=settings.decode_threads,
        )
        self._cores = Cores(settings.decode_threads)
        self._scratch = scratch
        url = settings.object_store_url
        self._store = None if url is None else open_store(url)

    async def ProbeMedia(
        self, request: media_service_pb2.ProbeMediaRequest, context: Context
    ) -> media_service_pb2.ProbeMediaResponse:
        wish = requests.to_plan_wish(request)
        path = await self._find(request)
        budget = _budget(self._settings.probe_timeout_s, context)
        start_s = time.monotonic()
        # The plan as well: half a second for a long film in short intervals.
        work = partial(look_ahead, path, wish, limits=self._limits, budget=budget)
        prospect = await self._quick_workers.run(work, budget)
        found = prospect.found
        log.info(
            "media probed",
            extra={
                "duration_s": float(found.duration),
                "container": found.container,
                "segments": len(prospect.spans),
                "seconds": round(time.monotonic() - start_s, 3),
                **_reads(path),
            },
        )
        return media_service_pb2.ProbeMediaResponse(
            info=_to_info(found),
            segments=[_to_range(span) for span in prospect.spans],
            segment_end_bytes=prospect.end_bytes,
            grows=prospect.grows,
        )

    async def DecodeSegment(
        self, request: media_service_pb2.DecodeSegmentRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.DecodeSegmentResponse]:
        spec = requests.to_segment_spec(request)
        path = await self._find(request)
        budget = _budget(self._settings.decode_timeout_s, context)

        def make() -> Generator[Parcel, None, None]:
            pieces = decode_segment(
                path, spec, limits=self._limits, budget=budget, cores=self._cores
            )
            return together(pieces)

        start_s = time.monotonic()
        async with aclosing(self._workers.stream(make, budget)) as parcels:
            async for parcel in parcels:
                yield _to_response(parcel)
        log.info(
            "segment decoded",
            extra={
                "segment_id": request.segment_id[:MAX_ID_CHARS],
                "seconds": round(time.monotonic() - start_s, 3),
                **_reads(path),
            },
        )

    async def SampleKeyFrames(
        self, request: media_service_pb2.SampleKeyFramesRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.SampleKeyFramesResponse]:
        spec = requests.to_glance_spec(request)
        path = await self._find_whole(request.media_key)
        budget = _budget(self._settings.probe_timeout_s, context)
        make = partial(sample_key_frames, path, spec, limits=self._limits, budget=budget)
        start_s, count = time.monotonic(), 0
        async with aclosing(self._workers.stream(make, budget)) as groups:
            async for group in groups:
                count += len(group.frames)
                response = media_service_pb2.SampleKeyFramesResponse()
                _add_frames(response.frames, group)
                yield response
        seconds = round(time.monotonic() - start_s, 3)
        log.info("key frames sampled", extra={"frames": count, "seconds": seconds})

    async def CutHighlights(
        self, request: media_service_pb2.CutHighlightsRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.CutHighlightsResponse]:
        ranges, polish = requests.to_ranges(request), requests.to_polish(request)
        path = await self._find_whole(request.media_key)
        budget = _budget(self._settings.cut_timeout_s, context)
        make = partial(
            cut_highlights,
            path,
            ranges,
            limits=self._limits,
            budget=budget,
            polish=polish,
            folder=self._scratch,
        )
        start_s = time.monotonic()
        async with aclosing(self._workers.stream(make, budget)) as outputs:
            async for output in outputs:
                yield _to_output(output)
        log.info(
            "highlights cut",
            extra={
                "ranges": len(ranges),
                "seconds": round(time.monotonic() - start_s, 3),
                **_reads(path),
            },
        )

    async def RenderThumbnails(
        self, request: media_service_pb2.RenderThumbnailsRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.RenderThumbnailsResponse]:
        specs, width_px = requests.to_thumbnail_specs(request)
        path = await self._find_whole(request.media_key)
        budget = _budget(self._settings.decode_timeout_s, context)
        make = partial(
            render_thumbnails, path, specs, width_px=width_px, limits=self._limits, budget=budget
        )
        async with aclosing(self._quick_workers.stream(make, budget)) as thumbnails:
            async for thumbnail in thumbnails:
                yield media_service_pb2.RenderThumbnailsResponse(
                    time_offset=to_duration(thumbnail.spec.time), jpeg=thumbnail.jpeg
                )

    async def _find(self, request: _MaybeGrowing) -> Source:
        """Return what a request names, complete or not; a store holds complete objects alone."""
        source = await self._find_whole(request.media_key)
        if request.HasField("growing"):
            if not isinstance(source, Path):
                raise incomplete()
            return requests.to_growing(source, request.growing)
        return source

    async def _find_whole(self, media_key: str) -> Source:
        most = self._settings.max_media_bytes
        if self._store is not None:
            return await objects.find(media_key, store=self._store, max_bytes=most)
        return objects.resolve(media_key, root=self._settings.data_dir / "objects", max_bytes=most)


def _reads(source: Source) -> dict[str, int]:
    """Return what a log tells of how an object was read; a file tells nothing."""
    if isinstance(source, StoredMedia):
        return {"bytes_read": source.bytes_read, "reads": source.requests}
    return {}


def _budget(limit_s: float, context: Context) -> Budget:
    """Return a budget that ends with the call: a generator in mid-write is never told."""
    budget = Budget(limit_s)
    # The stubs name the callback's type but forgot to make it a Protocol.
    context.add_done_callback(lambda _: budget.abandon())  # type: ignore[arg-type]
    return budget


def _to_range(span: Span) -> emotion_pb2.TimeRange:
    return emotion_pb2.TimeRange(
        start_offset=to_duration(span.start), end_offset=to_duration(span.end)
    )


def _to_info(found: Description) -> timeline_pb2.MediaInfo:
    info = timeline_pb2.MediaInfo(
        duration=to_duration(found.duration),
        width_px=found.width_px,
        height_px=found.height_px,
        has_video=found.has_video,
        has_audio=found.has_audio,
        container=found.container,
        video_codec=found.video_codec,
        audio_codec=found.audio_codec,
        title=found.title,
        open_ended=found.is_open_ended,
    )
    if found.frame_rate is not None:
        info.frame_rate.numerator = found.frame_rate.numerator
        info.frame_rate.denominator = found.frame_rate.denominator
    return info


def _to_response(parcel: Parcel) -> media_service_pb2.DecodeSegmentResponse:
    if isinstance(parcel, FrameGroup):
        return _to_frames(parcel)
    if isinstance(parcel, SoundChunk):
        audio = media_service_pb2.AudioChunk(time_offset=to_duration(parcel.time), pcm=parcel.pcm)
        return media_service_pb2.DecodeSegmentResponse(audio=audio)
    summary = media_service_pb2.DecodeSummary(
        frames=parcel.frames, samples=parcel.samples, truncated=parcel.is_truncated
    )
    return media_service_pb2.DecodeSegmentResponse(summary=summary)


def _to_frames(group: FrameGroup) -> media_service_pb2.DecodeSegmentResponse:
    response = media_service_pb2.DecodeSegmentResponse()
    _add_frames(response.frames, group)
    return response


def _add_frames(batch: media_service_pb2.FrameBatch, group: FrameGroup) -> None:
    # Added in place: a message given to the constructor of another is serialised for it.
    for frame in group.frames:
        batch.frames.add(
            time_offset=to_duration(frame.time),
            width_px=frame.width_px,
            height_px=frame.height_px,
            gray=frame.gray,
        )


def _to_output(output: Output) -> media_service_pb2.CutHighlightsResponse:
    if isinstance(output, Progress):
        return media_service_pb2.CutHighlightsResponse(progress=output.share)
    if isinstance(output, FileChunk):
        return media_service_pb2.CutHighlightsResponse(chunk=output.data)
    summary = media_service_pb2.CutSummary(
        duration=to_duration(output.duration),
        copied_share=output.copied_share,
        note=output.note,
        pieces=output.pieces,
    )
    return media_service_pb2.CutHighlightsResponse(summary=summary)
