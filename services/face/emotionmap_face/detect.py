"""What detectors of faces have in common: their results, their interface, geometry of frames.

Not for following faces from frame to frame; `track.py` does that with any detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CERTAIN_SCORE = 0.5
"""From here on one look suffices, if `FaceDetector.confirms` agrees."""

DUPLICATE_OVERLAP = 0.6
"""Boxes that share this much of the smaller one are one face."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels: [left, right) x [top, bottom), in px, within the frame."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width, px."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height, px."""
        return self.bottom - self.top

    @property
    def side(self) -> int:
        """The smaller of width and height, px."""
        return min(self.width, self.height)

    @property
    def area(self) -> int:
        """Area, px²."""
        return self.width * self.height

    def overlap(self, other: Box) -> int:
        """Return the area that both cover, px²."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0, width) * max(0, height)

    def is_same_face(self, other: Box) -> bool:
        """Tell whether two detections in one frame are of one face."""
        return self.overlap(other) > DUPLICATE_OVERLAP * min(self.area, other.area)


@dataclass(frozen=True, slots=True)
class Detection:
    """A face, perhaps.

    Attributes:
        box: Where; from above the brows to below the lips, ear to ear, as in FER2013's crops.
        score: How sure the detector is, in [0, 1]; see `CERTAIN_SCORE`.
        is_profile: Whether it was found as a face seen from the side.
    """

    box: Box
    score: float
    is_profile: bool = False


class FaceDetector(Protocol):
    """Finds faces in gray frames, uint8 [H, W], full range. Deterministic; safe for any thread."""

    def scan(
        self, gray: NDArray[np.uint8], *, min_face_px: int, is_thorough: bool
    ) -> list[Detection]:
        """Search a whole frame.

        Args:
            gray: uint8 [H, W].
            min_face_px: Smallest side of a face, px.
            is_thorough: Whether to search for small faces too, where that costs much more.

        Returns:
            One detection per face, largest first.
        """
        ...

    def follow(self, gray: NDArray[np.uint8], box: Box) -> Detection | None:
        """Find the face again that was at `box` a moment ago, by a search of its surroundings."""
        ...

    def confirms(self, gray: NDArray[np.uint8], detection: Detection) -> bool:
        """Give a second opinion, by another method where the detector has one."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The part of a frame around a face, scaled so that the face has a fixed size.

    Attributes:
        pixels: uint8 [h, w].
        left: Left edge in the frame, px.
        top: Top edge in the frame, px.
        scale: Pixels here per pixel of the frame.
    """

    pixels: NDArray[np.uint8]
    left: int
    top: int
    scale: float

    @classmethod
    def of(cls, gray: NDArray[np.uint8], box: Box, *, sides: float, face_px: int) -> Surroundings:
        """Cut out `sides` times the size of a face and scale the face to `face_px`."""
        height, width = gray.shape
        size = max(box.width, box.height)
        margin_x, margin_y = (round((size * sides - edge) / 2) for edge in (box.width, box.height))
        left, top = max(0, box.left - margin_x), max(0, box.top - margin_y)
        right, bottom = min(width, box.right + margin_x), min(height, box.bottom + margin_y)
        part, scale = gray[top:bottom, left:right], face_px / size
        shape = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(part, shape, interpolation=how), np.uint8)
        return cls(pixels=pixels, left=left, top=top, scale=scale)

    def to_frame(self, box: Sequence[float], gray: NDArray[np.uint8]) -> Box:
        """Return (left, top, width, height) here as a box of the frame, cut at its edges."""
        left, top, width, height = (float(edge) / self.scale for edge in box)
        return clipped(left + self.left, top + self.top, width, height, gray=gray)


def clipped(
    left: float, top: float, width: float, height: float, *, gray: NDArray[np.uint8]
) -> Box:
    """Return a box in whole px, at least 1 px wide and high, within the frame."""
    frame_height, frame_width = gray.shape
    x = min(max(0, round(left)), frame_width - 1)
    y = min(max(0, round(top)), frame_height - 1)
    right = min(max(x + 1, round(left + width)), frame_width)
    bottom = min(max(y + 1, round(top + height)), frame_height)
    return Box(x, y, right, bottom)


def distinct(detections: Sequence[Detection]) -> list[Detection]:
    """Keep the best of the detections of each face; largest first."""
    kept: list[Detection] = []
    for found in sorted(detections, key=lambda d: (-d.score, -d.box.area, d.box.left, d.box.top)):
        if not any(found.box.is_same_face(other.box) for other in kept):
            kept.append(found)
    return sorted(kept, key=lambda d: (-d.box.area, d.box.left, d.box.top))


def nearest(detections: Sequence[Detection], box: Box) -> Detection | None:
    """Return what covers most of a face's former place, the surer one of equals, if any does."""
    best = max(detections, key=lambda d: (box.overlap(d.box), d.score), default=None)
    return best if best is not None and box.overlap(best.box) > 0 else None
