"""Tells cuts from motion, and a still picture from either, by small copies of the frames."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from emotionmap_face.detect import Box

THUMBNAIL_PX = (32, 18)
SAMPLES_PER_CELL = 5
"""Rows and columns of pixels that make one of the thumbnail: enough to be rid of grain."""
CUT_RATIO = 5.0
"""A cut changes the picture this many times as much as the motion just before it."""
CUT_LEAST, CUT_MOST = 8.0, 40.0
"""Mean difference of gray between thumbnails: below never a cut, above always.

Within shots of a still camera at most 6, of a moving one 10; between unrelated pictures 11-146.
"""
MOTION_MEMORY = 0.7
STILL_DIFFERENCE = 3.5
"""Largest difference of gray of one pixel of the thumbnail in a picture that stands still.

Camera grain and coding make up to 3; the smallest face in front of a wall 5 and more.
"""
FACE_MARGIN = 0.5
"""How much around a followed face, in its sides, moves with it and is not looked at."""


class Changes:
    """Compares each frame of a stream with the one before and with a marked one."""

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._thumbnail: NDArray[np.float32] | None = None
        self._marked: NDArray[np.float32] | None = None
        self._covered = self._cells_of(())
        self._motion = CUT_LEAST / CUT_RATIO

    def take(self, gray: NDArray[np.uint8]) -> bool:
        """Tell whether a frame has little to do with the one before; true for the first."""
        before, self._thumbnail = self._thumbnail, _thumbnail(gray)
        has_other_size, self._shape = gray.shape != self._shape, gray.shape
        if before is None or has_other_size:
            self._marked = None
            return True
        difference = float(np.abs(self._thumbnail - before).mean())
        if difference > min(max(CUT_RATIO * self._motion, CUT_LEAST), CUT_MOST):
            return True
        self._motion = MOTION_MEMORY * self._motion + (1 - MOTION_MEMORY) * difference
        return False

    def mark(self, besides: Iterable[Box] = ()) -> None:
        """Remember the frame just taken, but for what it shows around some faces."""
        self._marked, self._covered = self._thumbnail, self._cells_of(besides)

    def is_still(self, besides: Iterable[Box] = ()) -> bool:
        """Tell whether the frame just taken looks like the marked one, but for around faces."""
        if self._marked is None or self._thumbnail is None:
            return False
        differences = np.abs(self._thumbnail - self._marked)
        differences[self._covered | self._cells_of(besides)] = 0
        return float(differences.max()) < STILL_DIFFERENCE

    def _cells_of(self, faces: Iterable[Box]) -> NDArray[np.bool_]:
        """Return which pixels of the thumbnail show faces and what is around them."""
        columns, rows = THUMBNAIL_PX
        covered = np.zeros((rows, columns), np.bool_)
        if self._shape:
            height, width = self._shape
            for face in faces:
                x, y = FACE_MARGIN * face.width, FACE_MARGIN * face.height
                left, right = (face.left - x) * columns / width, (face.right + x) * columns / width
                top, bottom = (face.top - y) * rows / height, (face.bottom + y) * rows / height
                covered[max(0, int(top)) : ceil(bottom), max(0, int(left)) : ceil(right)] = True
        return covered


def _thumbnail(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = gray.shape
    columns, rows = THUMBNAIL_PX
    step = max(1, min(width // columns, height // rows) // SAMPLES_PER_CELL)
    small = cv2.resize(gray[::step, ::step], THUMBNAIL_PX, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
