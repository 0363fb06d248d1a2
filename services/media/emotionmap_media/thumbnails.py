"""Renders the picture on screen at a time as a JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.clock import Span
from emotionmap_media.container import open_media
from emotionmap_media.decode import past_end
from emotionmap_media.excerpt import Wanted
from emotionmap_media.geometry import to_bgr
from emotionmap_media.reading import Picture, Reading

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from fractions import Fraction

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.geometry import Image
    from emotionmap_media.objects import Source
    from emotionmap_media.streams import Limits

MAX_JPEG_BYTES = 2**20
MAX_HEIGHT_PX = 4096
QUALITIES = (85, 60, 30, 10)


@dataclass(frozen=True, slots=True)
class Box:
    """Part of a picture, in fractions of its width and height."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0


@dataclass(frozen=True, slots=True)
class ThumbnailSpec:
    """Which picture, and which part of it."""

    time: Fraction
    crop: Box


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A rendered picture."""

    spec: ThumbnailSpec
    jpeg: bytes


def render_thumbnails(
    path: Source, specs: Sequence[ThumbnailSpec], *, width_px: int, limits: Limits, budget: Budget
) -> Generator[Thumbnail, None, None]:
    """Yield one thumbnail per spec, in order.

    Before the first picture the first is shown, behind the last one the last.

    Raises:
        ServiceError: As in the comment of RenderThumbnails.
    """
    times = [spec.time for spec in specs]
    wanted = Wanted.around(Span(min(times), max(times)))
    with open_media(path, limits=limits, wanted=wanted) as media:
        if media.video is None:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.MEDIA_NO_VIDEO,
                "The file has no pictures.",
            )
        for spec in specs:
            picture = _picture_at(media, spec.time, budget)
            image = to_bgr(picture.frame, pixel_aspect=media.video.sample_aspect_ratio)
            yield Thumbnail(spec, _jpeg(_fit(_cut(image, spec.crop), width_px)))


def _picture_at(media: Media, time: Fraction, budget: Budget) -> Picture:
    # Whatever comes behind the time, by however little, ends the search.
    span = Span(time, time + media.tolerance)
    reading = Reading(media, pictures=span, sound=None, budget=budget)
    shown: Picture | None = None
    for event in reading.events():
        if isinstance(event, Picture) and (shown is None or event.time <= time + media.tolerance):
            shown = event
    if reading.is_at_end and reading.end <= time:
        raise past_end()
    if shown is None:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_UNREADABLE,
            "No picture of the file can be decoded.",
        )
    return shown


def _cut(image: Image, crop: Box) -> Image:
    """Return the part of a picture, at least one pixel: uint8 [H, W, 3]."""
    height, width = image.shape[:2]
    left, top = (int(crop.left * width), int(crop.top * height))
    left, top = min(left, width - 1), min(top, height - 1)
    right, bottom = max(left + 1, round(crop.right * width)), round(crop.bottom * height)
    return image[top : max(top + 1, bottom), left:right]


def _fit(image: Image, width_px: int) -> Image:
    height, width = image.shape[:2]
    height_px = min(MAX_HEIGHT_PX, max(1, round(height * width_px / width)))
    shrinks = width_px < width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized: Any = cv2.resize(image, (width_px, height_px), interpolation=method)
    fitted: Image = resized
    return fitted


def _jpeg(image: Image) -> bytes:
    data = b""
    for quality in QUALITIES:
        _, encoded = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
        data = encoded.tobytes()
        if len(data) <= MAX_JPEG_BYTES:
            break
    return data
