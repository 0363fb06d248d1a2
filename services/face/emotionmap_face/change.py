"""Tells cuts from motion, and a still picture from either, by small copies of the frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


class Changes:
    """Compares each frame of a stream with the one before and with a marked one."""

    def __init__(self) -> None:
        self._thumbnail: NDArray[np.float32] | None = None
        self._marked: NDArray[np.float32] | None = None
        self._shape: tuple[int, ...] = ()
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

    def mark(self) -> None:
        """Remember the frame just taken."""
        self._marked = self._thumbnail

    @property
    def is_still(self) -> bool:
        """Whether the frame just taken looks like the marked one."""
        if self._marked is None or self._thumbnail is None:
            return False
        return float(np.abs(self._thumbnail - self._marked).max()) < STILL_DIFFERENCE


def _thumbnail(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = gray.shape
    columns, rows = THUMBNAIL_PX
    step = max(1, min(width // columns, height // rows) // SAMPLES_PER_CELL)
    small = cv2.resize(gray[::step, ::step], THUMBNAIL_PX, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
