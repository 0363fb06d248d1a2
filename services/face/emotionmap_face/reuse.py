"""Spares the emotion model faces that look as they did a moment ago."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emotionmap_face.pace import Pace

LARGEST_DIFFERENCE = 0.03
"""Mean difference of two crops, in [0, 1], up to which the answer to one is that to the other.

Below it probabilities of neighbouring frames of five people differ by 0.001-0.05 at most on
average; from 0.04 on by up to 0.26.
"""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Crop:
    """A face that is to be scored once, however many frames it answers for.

    Attributes:
        pixels: float32 [48, 48, 1], in [0, 1].
        time_ns: When it is on screen.
    """

    pixels: NDArray[np.float32]
    time_ns: int


class Reuse:
    """Tells which faces of one stream are to be scored.

    Args:
        pace: Answers are used again for as long as a face is not detected anew.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._last: dict[int, Crop] = {}

    def crop_for(self, crop: Crop, *, track: int) -> Crop:
        """Return which crop answers for a face: its own, or the one last scored of its track."""
        last = self._last.get(track)
        if last is not None and self._answers(last, crop):
            return last
        self._last[track] = crop
        self._last = {n: c for n, c in self._last.items() if self._is_recent(c, crop.time_ns)}
        return crop

    def _answers(self, last: Crop, crop: Crop) -> bool:
        if not self._is_recent(last, crop.time_ns):
            return False
        return float(np.abs(crop.pixels - last.pixels).mean()) <= LARGEST_DIFFERENCE

    def _is_recent(self, last: Crop, time_ns: int) -> bool:
        return time_ns == last.time_ns or time_ns - last.time_ns < self._pace.follow_every_ns
