"""Finds faces with OpenCV's Haar cascades: frontal ones, and profiles where those are silent."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np

from emotionmap_face.detect import CERTAIN_SCORE, Box, Detection, Surroundings, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

Edges: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height, px."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """One of the files of `cv2.data`.

    Attributes:
        file: Its name.
        weight_floor: Sum of its last stage at which a face has the score 0.
        weight_span: How much more of it is a score of 1.
        is_profile: Whether it finds faces seen from the side, and those of one side only.
    """

    file: str
    weight_floor: float = 0.0
    weight_span: float = 1.0
    is_profile: bool = False

    def score(self, weight: float) -> float:
        """Return how sure a detection is, in [0, 1]."""
        return min(max((weight - self.weight_floor) / self.weight_span, 0.0), 1.0)


FRONTAL = Cascade("haarcascade_frontalface_alt2.xml", weight_floor=54.0, weight_span=3.8)
"""Measured: the one of the three frontal cascades with few false alarms and full recall.

Sum of its last stage: 54.2-55.9 on false alarms, 55.9-57.6 (5-100 %) on faces.
"""
FRONTAL_OPINION = Cascade("haarcascade_frontalface_alt.xml")
"""Trained otherwise; agreed with 100 % of true faces and 8 % of the first one's false alarms."""
PROFILE = Cascade("haarcascade_profileface.xml", weight_span=6.4, is_profile=True)
"""Found 116 of 600 crops of FER2013 that the frontal one missed, turned heads nearly all.

On 145 pictures it found one thing, a man seen from the side. Its boxes lie as the crops do: 1.05
times their side (half: 0.98-1.14), middle on middle. Sums of 0.2-3.7 (5-95 %), median 2.3.
"""
PROFILE_OPINION = Cascade("haarcascade_frontalface_default.xml")
"""A lenient frontal one; it, or the profile one on a blurred copy, agrees with 69 % of those."""

WINDOW_PX = 20
"""Side of the cascades' window, 24 at most, so of the smallest face they can find."""
COARSE_FACE_PX = 48
"""Faces from here on are always searched for, the costly smaller ones only when thorough."""
HALVED_FACE_PX = 40
"""And from here on in half the frame: in the whole one they would cost as much as the smallest."""
TURNED_FACE_PX = 56
"""Faces seen from the side are searched for from here on: that cascade costs thrice as much."""
OCTAVE = 2
"""Frames are halved for faces twice as large. Left to itself the cascade would look at every pixel
of the larger sizes instead of every second one, which doubles the cost of a coarse search."""
SCAN_STEP, SCAN_NEIGHBOURS, SMALL_NEIGHBOURS, PROFILE_NEIGHBOURS = 1.2, 1, 1, 3
"""Octaves look at half the rows and columns, so that one neighbour there is worth two elsewhere:
of 44 faces of 48-195 px 98 %, as before without octaves; with 2 neighbours 89 %.

Of 248 sightings of faces of 20-48 px in moving pictures 1 finds 95 %, 2 78 %; a step of 1.15 with 2
97 % at half as much again. Tracking trusted none of what either invents, in 1,454 frames searched
every other time: 42 pans over pictures without people, cartoons, and a skull on a shirt.
"""
FOLLOW_STEP, FOLLOW_NEIGHBOURS = 1.1, 2
FOLLOW_SIDES, FOLLOW_FACE_PX = 2.0, 28
"""At this size the cascade looks at every second pixel of all but the largest faces."""
FOLLOW_SMALLEST, FOLLOW_LARGEST = 0.75, 1.35
"""How much a face may shrink or grow between two samples."""
OPINION_FACE_PX, OPINION_BLUR_PX = 40, 1.0


@dataclass(frozen=True, slots=True)
class _Search:
    """How an image is searched; sizes are px of the frame, `most_px` 0 is no limit."""

    least_px: float
    most_px: float = 0
    step: float = SCAN_STEP
    neighbours: int = SCAN_NEIGHBOURS

    @classmethod
    def near(cls, size_px: float, *, neighbours: int = FOLLOW_NEIGHBOURS) -> _Search:
        """Search for a face whose size is about known."""
        least_px, most_px = size_px * FOLLOW_SMALLEST, size_px * FOLLOW_LARGEST
        return cls(least_px, most_px, FOLLOW_STEP, neighbours)


class HaarDetector:
    """OpenCV's Haar cascades; fulfils `FaceDetector`.

    Source: opencv-python-headless 4.14, `cv2.data`; cascades by R. Lienhart (Intel licence), the
    profile one by D. Bradley (BSD).
    """

    def __init__(self) -> None:
        self._per_thread = threading.local()  # a cascade must not be used by two threads at once

    def scan(
        self, gray: NDArray[np.uint8], *, min_face_px: int, is_thorough: bool
    ) -> list[Detection]:
        """Search a whole frame; see `FaceDetector.scan`.

        For profiles only when thorough, and where no face looks this way.
        """
        coarse_px, turned_px = max(min_face_px, COARSE_FACE_PX), max(min_face_px, TURNED_FACE_PX)
        found = self._find_coarse(gray, coarse_px)
        if not is_thorough:
            return distinct(found)
        found += self._find_small(gray, min_face_px, coarse_px)
        if found:
            return distinct(found)
        search = _Search(turned_px, neighbours=PROFILE_NEIGHBOURS)
        return distinct(self._find(PROFILE, _reduced(gray, WINDOW_PX / turned_px), gray, search))

    def _closer(self, gray: NDArray[np.uint8], detection: Detection) -> Detection:
        """Look closer at a face that a coarse search is unsure of."""
        if detection.score >= CERTAIN_SCORE:
            return detection
        closer = self.follow(gray, detection.box)
        if closer is None or closer.is_profile or closer.score < detection.score:
            return detection
        return closer if closer.box.is_same_face(detection.box) else detection

    def _find_small(self, gray: NDArray[np.uint8], least_px: int, most_px: int) -> list[Detection]:
        """Search a whole frame for the frontal faces that a coarse search leaves out."""
        halved_px = max(least_px, HALVED_FACE_PX)
        found = self._find_octave(gray, _Search(halved_px, most_px)) if halved_px < most_px else []
        if least_px < halved_px:
            full = Surroundings(gray, 0, 0, 1.0)
            search = _Search(least_px, halved_px, neighbours=SMALL_NEIGHBOURS)
            found += self._find(FRONTAL, full, gray, search)
        return found

    def _find_coarse(self, gray: NDArray[np.uint8], least_px: float) -> list[Detection]:
        """Search a whole frame for frontal faces from a size on, an octave at a time."""
        found: list[Detection] = []
        while least_px <= min(gray.shape):
            found += self._find_octave(gray, _Search(least_px, OCTAVE * least_px))
            least_px *= OCTAVE
        return found

    def _find_octave(self, gray: NDArray[np.uint8], search: _Search) -> list[Detection]:
        """Search a whole frame, as small as the least of the faces allows."""
        reduced = _reduced(gray, WINDOW_PX / search.least_px)
        found = self._find(FRONTAL, reduced, gray, search)
        return [self._closer(gray, detection) for detection in found]

    def follow(self, gray: NDArray[np.uint8], box: Box) -> Detection | None:
        """Search around a face, for a turned one second; see `FaceDetector.follow`."""
        around = Surroundings.of(gray, box, sides=FOLLOW_SIDES, face_px=FOLLOW_FACE_PX)
        search = _Search.near(max(box.width, box.height))
        for cascade in (FRONTAL, PROFILE):
            if found := self._find(cascade, around, gray, search):
                return max(found, key=lambda d: (box.overlap(d.box), d.score))
        return None

    def confirms(self, gray: NDArray[np.uint8], detection: Detection) -> bool:
        """Ask other cascades; see `FaceDetector.confirms`."""
        around = Surroundings.of(gray, detection.box, sides=FOLLOW_SIDES, face_px=OPINION_FACE_PX)
        search = _Search.near(OPINION_FACE_PX / around.scale)
        if not detection.is_profile:
            return len(self._find(FRONTAL_OPINION, around, gray, search)) > 0
        soft = cv2.GaussianBlur(around.pixels, (0, 0), OPINION_BLUR_PX)
        blurred = Surroundings(np.asarray(soft, np.uint8), around.left, around.top, around.scale)
        if self._find(PROFILE, blurred, gray, search):
            return True
        lenient = _Search.near(OPINION_FACE_PX / around.scale, neighbours=1)
        return len(self._find(PROFILE_OPINION, around, gray, lenient)) > 0

    def _find(
        self, cascade: Cascade, image: Surroundings, gray: NDArray[np.uint8], search: _Search
    ) -> list[Detection]:
        """Run a cascade over an image, and one that knows one side over its mirror image too."""
        edges = self._run(cascade, image.pixels, search, scale=image.scale)
        if cascade.is_profile:
            width = image.pixels.shape[1]
            mirror = np.ascontiguousarray(image.pixels[:, ::-1])
            for (x, y, w, h), weight in self._run(cascade, mirror, search, scale=image.scale):
                edges.append(((width - x - w, y, w, h), weight))
        return [
            Detection(image.to_frame(edge, gray), cascade.score(weight), cascade.is_profile)
            for edge, weight in edges
        ]

    def _run(
        self, cascade: Cascade, pixels: NDArray[np.uint8], search: _Search, *, scale: float
    ) -> list[tuple[Edges, float]]:
        boxes, _, weights = self._classifier(cascade).detectMultiScale3(
            pixels,
            scaleFactor=search.step,
            minNeighbors=search.neighbours,
            minSize=_square(max(WINDOW_PX, search.least_px * scale)),
            maxSize=_square(search.most_px * scale),
            outputRejectLevels=True,
        )
        found = zip(boxes, weights, strict=True)
        return [((x, y, w, h), float(weight)) for (x, y, w, h), weight in found]

    def _classifier(self, cascade: Cascade) -> cv2.CascadeClassifier:
        classifiers: dict[str, cv2.CascadeClassifier] = self._per_thread.__dict__
        if cascade.file not in classifiers:
            folder = Path(cv2.data.haarcascades)  # type: ignore[attr-defined]
            classifiers[cascade.file] = cv2.CascadeClassifier(str(folder / cascade.file))
        return classifiers[cascade.file]


def _reduced(gray: NDArray[np.uint8], scale: float) -> Surroundings:
    """Return the whole frame at a smaller size."""
    longest, halved = max(1, round(max(gray.shape) * scale)), gray
    # To halve costs a twentieth of what any other reduction costs.
    while not (halved.shape[0] % 2 or halved.shape[1] % 2) and max(halved.shape) >= 2 * longest:
        height, width = halved.shape
        smaller = cv2.resize(halved, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        halved = np.asarray(smaller, np.uint8)
    whole = Box(0, 0, halved.shape[1], halved.shape[0])
    reduced = Surroundings.of(halved, whole, sides=1, face_px=longest)
    return replace(reduced, scale=longest / max(gray.shape))


def _square(side_px: float) -> tuple[int, int]:
    return round(side_px), round(side_px)
