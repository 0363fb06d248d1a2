"""Reads requests: fills in defaults, refuses what is out of range. The only reader of protos in."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import media_service_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.clock import Span, from_duration
from emotionmap_media.decode import SegmentSpec
from emotionmap_media.growing import GrowingMedia, incomplete
from emotionmap_media.key_frames import GlanceSpec
from emotionmap_media.plan import NOTHING, SoFar
from emotionmap_media.polished import Caption, Polish
from emotionmap_media.prospect import PlanWish
from emotionmap_media.thumbnails import Box, ThumbnailSpec

if TYPE_CHECKING:
    from pathlib import Path

    from emotionmap.v1 import emotion_pb2
    from google.protobuf.duration_pb2 import Duration

DEFAULT_INTERVAL_S = Fraction(1)
INTERVAL_S = (Fraction(1, 5), Fraction(10))
SEGMENT_S = (Fraction(2), Fraction(60))
DEFAULT_FPS = Fraction(15)
FPS = (0.1, 60.0)
FPS_DENOMINATOR = 1001 * 1000
"""Enough to give back every usual rate, 30000/1001 among them, from a float."""
DEFAULT_FRAME_WIDTH_PX = 640
FRAME_WIDTH_PX = (64, 1920)
MAX_MARGIN_S = 10
DEFAULT_KEY_FRAMES, MAX_KEY_FRAMES = 120, 500
MAX_RANGES = 10_000
MAX_CAPTIONS = 100_000
MAX_TITLE_CHARS, MAX_CAPTION_CHARS = 200, 100
MAX_COLOR_RGB = 0xFFFFFF
MAX_THUMBNAILS = 1_000
DEFAULT_THUMBNAIL_WIDTH_PX = 160
THUMBNAIL_WIDTH_PX = (16, 1920)


def to_plan_wish(request: media_service_pb2.ProbeMediaRequest) -> PlanWish:
    """Return how to plan a file.

    Raises:
        ServiceError: INTERVAL_INVALID, SEGMENT_INVALID.
    """
    interval, segment = DEFAULT_INTERVAL_S, None
    if request.HasField("interval"):
        interval = from_duration(request.interval)
    if request.HasField("segment"):
        segment = from_duration(request.segment)
    _require(
        INTERVAL_S[0] <= interval <= INTERVAL_S[1],
        reasons.INTERVAL_INVALID,
        "An interval must be 0.2 to 10 s long.",
    )
    _require(
        segment is None or SEGMENT_S[0] <= segment <= SEGMENT_S[1],
        reasons.INTERVAL_INVALID,
        "A segment must be 2 to 60 s long.",
    )
    so_far = SoFar(request.so_far.segments, from_duration(request.so_far.end_offset))
    _require(
        so_far == NOTHING or (so_far.segments > 0 and so_far.end > 0),
        reasons.SEGMENT_INVALID,
        "Segments that were planned before must end behind time zero.",
    )
    return PlanWish(
        interval=interval,
        segment=segment,
        audio_margin=_margin(request.audio_margin),
        so_far=so_far if request.HasField("so_far") else None,
    )


def to_growing(path: Path, growing: media_service_pb2.GrowingMedia) -> GrowingMedia:
    """Return the file at a path as one of which bytes are still to come.

    Raises:
        ServiceError: MEDIA_INCOMPLETE: nothing of it is there.
    """
    if not 0 < growing.readable_bytes <= growing.total_bytes:
        raise incomplete()
    return GrowingMedia(
        path, readable_bytes=growing.readable_bytes, total_bytes=growing.total_bytes
    )


def to_segment_spec(request: media_service_pb2.DecodeSegmentRequest) -> SegmentSpec:
    """Return what to decode.

    Raises:
        ServiceError: SEGMENT_INVALID.
    """
    reason = reasons.SEGMENT_INVALID
    span = _span(request.range)
    _require(0 <= span.start < span.end, reason, "The segment must not be empty.")
    rate = request.frames_per_second
    _require(
        rate == 0 or (isfinite(rate) and FPS[0] <= rate <= FPS[1]),
        reason,
        "0.1 to 60 frames per second can be sampled.",
    )
    width_px = _width(request.frame_width_px)
    margin = _margin(request.audio_margin)
    interval = from_duration(request.interval) if request.HasField("interval") else Fraction(1)
    low, high = INTERVAL_S
    _require(low <= interval <= high, reason, "An interval must be 0.2 to 10 s long.")
    return SegmentSpec(
        span=span,
        frames_per_second=Fraction(rate).limit_denominator(FPS_DENOMINATOR) or DEFAULT_FPS,
        frame_width_px=width_px,
        audio_margin=margin,
        interval=interval,
        with_video=not request.skip_video,
        with_audio=not request.skip_audio,
    )


def to_glance_spec(request: media_service_pb2.SampleKeyFramesRequest) -> GlanceSpec:
    """Return which key frames to decode.

    Raises:
        ServiceError: SEGMENT_INVALID.
    """
    reason, count = reasons.SEGMENT_INVALID, request.count or DEFAULT_KEY_FRAMES
    _require(1 <= count <= MAX_KEY_FRAMES, reason, "1 to 500 key frames can be decoded.")
    return GlanceSpec(count, _width(request.frame_width_px))


def to_ranges(request: media_service_pb2.CutHighlightsRequest) -> list[Span]:
    """Return the ranges to cut, in playing order.

    Raises:
        ServiceError: RANGES_INVALID.
    """
    reason = reasons.RANGES_INVALID
    _require(0 < len(request.ranges) <= MAX_RANGES, reason, "1 to 10,000 ranges can be cut.")
    spans = [_span(one) for one in request.ranges]
    end = Fraction(0)
    for span in sorted(spans, key=lambda one: one.start):
        _require(end <= span.start < span.end, reason, "Ranges must not be empty and not overlap.")
        end = span.end
    return spans


def to_polish(request: media_service_pb2.CutHighlightsRequest) -> Polish | None:
    """Return what a polished cut has more; None for a fast one.

    Raises:
        ServiceError: RANGES_INVALID.
    """
    if request.style != media_service_pb2.HIGHLIGHTS_STYLE_POLISHED:
        return None
    reason, captions = reasons.RANGES_INVALID, [_caption(one) for one in request.captions]
    _require(len(request.title) <= MAX_TITLE_CHARS, reason, "A title has at most 200 characters.")
    _require(len(captions) <= MAX_CAPTIONS, reason, "At most 100,000 captions can be written.")
    end = Fraction(0)
    for caption in captions:
        _require(
            end <= caption.span.start < caption.span.end,
            reason,
            "Captions must be in order, not empty and not overlapping.",
        )
        end = caption.span.end
    return Polish(request.title, tuple(captions))


def _caption(caption: media_service_pb2.CutCaption) -> Caption:
    text, color = caption.text, caption.color_rgb
    fits = len(text) <= MAX_CAPTION_CHARS and color <= MAX_COLOR_RGB
    _require(fits, reasons.RANGES_INVALID, "A caption has at most 100 characters and a colour.")
    return Caption(_span(caption.range), text, color)


def to_thumbnail_specs(
    request: media_service_pb2.RenderThumbnailsRequest,
) -> tuple[list[ThumbnailSpec], int]:
    """Return which pictures to render, and their width, px.

    Raises:
        ServiceError: THUMBNAILS_INVALID.
    """
    reason = reasons.THUMBNAILS_INVALID
    count = len(request.thumbnails)
    _require(0 < count <= MAX_THUMBNAILS, reason, "1 to 1,000 thumbnails can be rendered.")
    width_px = request.width_px or DEFAULT_THUMBNAIL_WIDTH_PX
    low_px, high_px = THUMBNAIL_WIDTH_PX
    _require(low_px <= width_px <= high_px, reason, "Thumbnails must be 16 to 1920 px wide.")
    specs = [
        ThumbnailSpec(
            from_duration(one.time_offset), _box(one.crop) if one.HasField("crop") else Box()
        )
        for one in request.thumbnails
    ]
    times = [spec.time for spec in specs]
    _require(times[0] >= 0 and times == sorted(times), reason, "Times must be in order from zero.")
    return specs, width_px


def _margin(margin: Duration) -> Fraction:
    """Return a margin of sound, seconds."""
    seconds = from_duration(margin)
    fits = 0 <= seconds <= MAX_MARGIN_S
    _require(fits, reasons.SEGMENT_INVALID, "The audio margin must be 0 to 10 s.")
    return seconds


def _width(width_px: int) -> int:
    """Return the width of frames, px; 0 means the default."""
    low_px, high_px = FRAME_WIDTH_PX
    width_px = width_px or DEFAULT_FRAME_WIDTH_PX
    fits = low_px <= width_px <= high_px
    _require(fits, reasons.SEGMENT_INVALID, "Frames must be 64 to 1920 px wide.")
    return width_px


def _span(time_range: emotion_pb2.TimeRange) -> Span:
    start: Duration = time_range.start_offset
    return Span(from_duration(start), from_duration(time_range.end_offset))


def _box(box: emotion_pb2.BoundingBox) -> Box:
    _require(
        0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1,
        reasons.THUMBNAILS_INVALID,
        "A crop must lie in [0, 1] and must not be empty.",
    )
    return Box(box.left, box.top, box.right, box.bottom)


def _require(fine: bool, reason: str, message: str) -> None:  # noqa: FBT001 - an assertion
    if not fine:
        raise ServiceError(grpc.StatusCode.INVALID_ARGUMENT, reason, message)
