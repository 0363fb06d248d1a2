"""Finds faces in one frame: the detectors' common shape, and OpenCV's Haar cascade.

Not for following faces from frame to frame; `track.py` does that with what is here.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
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
    """

    box: Box
    score: float


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


CASCADE_FILE = "haarcascade_frontalface_alt2.xml"
"""Measured: the one of the three frontal cascades with few false alarms and full recall."""
OPINION_FILE = "haarcascade_frontalface_alt.xml"
"""Trained otherwise; agreed with 100 % of true faces and 8 % of the first one's false alarms."""

WINDOW_PX = 20
"""Side of both cascades' window, so of the smallest face they can find."""
COARSE_FACE_PX = 48
"""Faces from here on are searched at reduced size, the costly smaller ones only when thorough."""
COARSE_WINDOW_PX = 24
"""Size to which the smallest face of a coarse search is reduced."""
SCAN_STEP, SCAN_NEIGHBOURS = 1.2, 3
FOLLOW_STEP, FOLLOW_NEIGHBOURS = 1.1, 2
FOLLOW_SIDES, FOLLOW_FACE_PX = 2.0, 36
FOLLOW_SMALLEST, FOLLOW_LARGEST = 0.75, 1.35
"""How much a face may shrink or grow between two samples."""
OPINION_FACE_PX = 40

WEIGHT_FLOOR, WEIGHT_SPAN = 54.0, 3.8
"""Sum of the last stage of alt2: 54.2-55.9 on false alarms, 55.9-57.6 (5-100 %) on faces."""


class HaarDetector:
    """OpenCV's frontal-face Haar cascades; fulfils `FaceDetector`.

    Source: opencv-python-headless 4.14, `cv2.data`; cascades by R. Lienhart (Intel licence).
    """

    def __init__(self) -> None:
        self._per_thread = threading.local()  # a cascade must not be used by two threads at once

    def scan(
        self, gray: NDArray[np.uint8], *, min_face_px: int, is_thorough: bool
    ) -> list[Detection]:
        """Search a whole frame; see `FaceDetector.scan`."""
        coarse_px = max(min_face_px, COARSE_FACE_PX)
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        scale = COARSE_WINDOW_PX / coarse_px
        reduced = Surroundings.of(
            gray, whole, sides=1, face_px=max(1, round(max(gray.shape) * scale))
        )
        found = self._search(reduced, gray, least_px=coarse_px)
        if is_thorough and min_face_px < COARSE_FACE_PX:
            full = Surroundings(gray, 0, 0, 1.0)
            found += self._search(full, gray, least_px=min_face_px, most_px=COARSE_FACE_PX)
        return distinct(found)

    def follow(self, gray: NDArray[np.uint8], box: Box) -> Detection | None:
        """Search around a face; see `FaceDetector.follow`."""
        around = Surroundings.of(gray, box, sides=FOLLOW_SIDES, face_px=FOLLOW_FACE_PX)
        size = max(box.width, box.height)
        found = self._search(
            around,
            gray,
            least_px=size * FOLLOW_SMALLEST,
            most_px=size * FOLLOW_LARGEST,
            step=FOLLOW_STEP,
            neighbours=FOLLOW_NEIGHBOURS,
        )
        return max(found, key=lambda d: (box.overlap(d.box), d.score), default=None)

    def confirms(self, gray: NDArray[np.uint8], detection: Detection) -> bool:
        """Ask the second cascade; see `FaceDetector.confirms`."""
        around = Surroundings.of(gray, detection.box, sides=FOLLOW_SIDES, face_px=OPINION_FACE_PX)
        found = self._cascade(OPINION_FILE).detectMultiScale(
            around.pixels,
            scaleFactor=FOLLOW_STEP,
            minNeighbors=FOLLOW_NEIGHBOURS,
            minSize=_square(OPINION_FACE_PX * FOLLOW_SMALLEST),
            maxSize=_square(OPINION_FACE_PX * FOLLOW_LARGEST),
        )
        return len(found) > 0

    def _search(
        self,
        image: Surroundings,
        gray: NDArray[np.uint8],
        *,
        least_px: float,
        most_px: float = 0,
        step: float = SCAN_STEP,
        neighbours: int = SCAN_NEIGHBOURS,
    ) -> list[Detection]:
        """Run the cascade over an image; sizes are px of the frame, `most_px` 0 is no limit."""
        boxes, _, weights = self._cascade(CASCADE_FILE).detectMultiScale3(
            image.pixels,
            scaleFactor=step,
            minNeighbors=neighbours,
            minSize=_square(max(WINDOW_PX, least_px * image.scale)),
            maxSize=_square(most_px * image.scale),
            outputRejectLevels=True,
        )
        return [
            Detection(image.to_frame(box, gray), _score(float(weight)))
            for box, weight in zip(boxes, weights, strict=True)
        ]

    def _cascade(self, name: str) -> cv2.CascadeClassifier:
        cascades: dict[str, cv2.CascadeClassifier] = self._per_thread.__dict__
        if name not in cascades:
            folder = Path(cv2.data.haarcascades)  # type: ignore[attr-defined]
            cascades[name] = cv2.CascadeClassifier(str(folder / name))
        return cascades[name]


def _square(side_px: float) -> tuple[int, int]:
    return round(side_px), round(side_px)


def _score(weight: float) -> float:
    return min(max((weight - WEIGHT_FLOOR) / WEIGHT_SPAN, 0.0), 1.0)
