"""Pictures of one moment of a video, rendered by the media service on demand."""

from __future__ import annotations

import asyncio
import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import emotion_pb2, media_service_pb2
from emotionmap_runtime.channel import call_metadata
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import NS_PER_S
from emotionmap_gateway.storage import keys

if TYPE_CHECKING:
    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.storage.analysis_rows import Record

AT_ONCE = 4
"""Pictures rendered at once for all clients: a page full of faces must not hold up analyses."""

CROP_EDGES = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """Which picture. `crop` is left, top, right, bottom in [0, 1], or None for the whole."""

    time_s: float
    width_px: int
    crop: tuple[float, ...] | None

    def etag(self, record: Record) -> str:
        """Return what names the picture of this video for ever."""
        text = f"{record.sha256} {self.time_s} {self.width_px} {self.crop}"
        return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def read_crop(text: str | None) -> tuple[float, ...] | None:
    """Return the crop that "left,top,right,bottom" stands for.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`.
    """
    if text is None:
        return None
    try:
        edges = tuple(float(part) for part in text.split(","))
    except ValueError:
        edges = ()
    if len(edges) == CROP_EDGES and all(math.isfinite(edge) for edge in edges):
        left, top, right, bottom = edges
        if 0 <= left < right <= 1 and 0 <= top < bottom <= 1:
            return edges
    raise ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.REQUEST_INVALID,
        "crop must be left,top,right,bottom, each from 0 to 1.",
        metadata={"field": "crop"},
    )


class Thumbnails:
    """Renders pictures."""

    def __init__(self, backends: Backends, *, timeout_s: float) -> None:
        self._backends = backends
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def render(self, analysis_id: str, picture: Picture) -> bytes:
        """Return a picture as JPEG.

        Raises:
            grpc.aio.AioRpcError: Of the media service.
        """
        spec = media_service_pb2.ThumbnailSpec()
        spec.time_offset.FromNanoseconds(round(picture.time_s * NS_PER_S))
        if picture.crop is not None:
            left, top, right, bottom = picture.crop
            spec.crop.CopyFrom(
                emotion_pb2.BoundingBox(left=left, top=top, right=right, bottom=bottom)
            )
        request = media_service_pb2.RenderThumbnailsRequest(
            media_key=keys.media(analysis_id), thumbnails=[spec], width_px=picture.width_px
        )
        async with self._slots:
            call = self._backends.media.RenderThumbnails(
                request, timeout=self._timeout_s, metadata=call_metadata()
            )
            async for response in call:
                jpeg: bytes = response.jpeg
                return jpeg
        raise ServiceError(
            grpc.StatusCode.INTERNAL, reasons.INTERNAL, "The media service sent no picture."
        )
