"""MediaService over gRPC: reads requests, hands work to threads, writes responses."""

from __future__ import annotations

import logging
import time
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import emotion_pb2, media_service_pb2, media_service_pb2_grpc, timeline_pb2

from emotionmap_media import objects, requests
from emotionmap_media.budget import Budget
from emotionmap_media.clock import to_duration
from emotionmap_media.decode import SoundChunk, decode_segment
from emotionmap_media.highlights import Progress, cut_highlights
from emotionmap_media.plan import plan_segments
from emotionmap_media.probe import describe
from emotionmap_media.sharing import Cores
from emotionmap_media.streams import Limits
from emotionmap_media.thumbnails import render_thumbnails
from emotionmap_media.together import FrameGroup, together

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator
    from pathlib import Path

    import grpc

    from emotionmap_media.highlights import Output
    from emotionmap_media.landing import Span
    from emotionmap_media.probe import Description
    from emotionmap_media.settings import Settings
    from emotionmap_media.together import Parcel
    from emotionmap_media.workers import Workers

    Context = grpc.aio.ServicerContext[Any, Any]

MAX_ID_CHARS = 128

log = logging.getLogger(__name__)


class MediaServicer(media_service_pb2_grpc.MediaServiceServicer):
    """Answers from the files of one object store.

    Args:
        settings: Limits, and where the objects lie.
        workers: Threads for segments and cuts.
        quick_workers: Threads for probes and thumbnails, for which a person waits.
    """

    def __init__(self, settings: Settings, workers: Workers, quick_workers: Workers) -> None:
        self._settings, self._workers, self._quick_workers = settings, workers, quick_workers
        self._limits = Limits(
            max_duration_s=settings.max_duration_s,
            max_pixels=settings.max_pixels,
            decode_threads=settings.decode_threads,
        )
        self._cores = Cores(settings.decode_threads)

    async def ProbeMedia(
        self, request: media_service_pb2.ProbeMediaRequest, context: Context
    ) -> media_service_pb2.ProbeMediaResponse:
        interval, segment = requests.to_interval_and_segment(request)
        path = self._path(request.media_key)
        budget = _budget(self._settings.probe_timeout_s, context)
        start_s = time.monotonic()

        def work() -> tuple[Description, list[Span]]:
            found = describe(path, limits=self._limits, budget=budget)
            # Here as well: half a second for a long film in short intervals.
            return found, plan_segments(
                found.duration, interval=interval, segment=segment, key_frames=found.key_frames
            )

        found, spans = await self._quick_workers.run(work, budget)
        log.info(
            "media probed",
            extra={
                "duration_s": float(found.duration),
                "container": found.container,
                "segments": len(spans),
                "seconds": round(time.monotonic() - start_s, 3),
            },
        )
        return media_service_pb2.ProbeMediaResponse(
            info=_to_info(found), segments=[_to_range(span) for span in spans]
        )

    async def DecodeSegment(
        self, request: media_service_pb2.DecodeSegmentRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.DecodeSegmentResponse]:
        spec = requests.to_segment_spec(request)
        path = self._path(request.media_key)
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
            },
        )

    async def CutHighlights(
        self, request: media_service_pb2.CutHighlightsRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.CutHighlightsResponse]:
        ranges = requests.to_ranges(request)
        path = self._path(request.media_key)
        budget = _budget(self._settings.cut_timeout_s, context)
        make = partial(cut_highlights, path, ranges, limits=self._limits, budget=budget)
        start_s = time.monotonic()
        async with aclosing(self._workers.stream(make, budget)) as outputs:
            async for output in outputs:
                yield _to_output(output)
        log.info(
            "highlights cut",
            extra={"ranges": len(ranges), "seconds": round(time.monotonic() - start_s, 3)},
        )

    async def RenderThumbnails(
        self, request: media_service_pb2.RenderThumbnailsRequest, context: Context
    ) -> AsyncIterator[media_service_pb2.RenderThumbnailsResponse]:
        specs, width_px = requests.to_thumbnail_specs(request)
        path = self._path(request.media_key)
        budget = _budget(self._settings.decode_timeout_s, context)
        make = partial(
            render_thumbnails, path, specs, width_px=width_px, limits=self._limits, budget=budget
        )
        async with aclosing(self._quick_workers.stream(make, budget)) as thumbnails:
            async for thumbnail in thumbnails:
                yield media_service_pb2.RenderThumbnailsResponse(
                    time_offset=to_duration(thumbnail.spec.time), jpeg=thumbnail.jpeg
                )

    def _path(self, media_key: str) -> Path:
        root = self._settings.data_dir / "objects"
        return objects.resolve(media_key, root=root, max_bytes=self._settings.max_media_bytes)


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
    # Added in place: a message given to the constructor of another is serialised for it.
    add = response.frames.frames.add
    for frame in group.frames:
        add(
            time_offset=to_duration(frame.time),
            width_px=frame.width_px,
            height_px=frame.height_px,
            gray=frame.gray,
        )
    return response


def _to_output(output: Output) -> media_service_pb2.CutHighlightsResponse:
    if isinstance(output, Progress):
        return media_service_pb2.CutHighlightsResponse(progress=output.share)
    return media_service_pb2.CutHighlightsResponse(chunk=output.data)
