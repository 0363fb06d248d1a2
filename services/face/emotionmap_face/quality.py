"""Tells whether a face is fit for scoring: large enough, lit well enough, sharp enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emotionmap_face.detect import Box

MEASURE_SIDE_PX = 48
"""Faces are measured at the size of the model, so that sharpness does not depend on theirs."""
CORE = (slice(6, 42), slice(8, 40))
"""The face without hair and background, in a crop of that size."""

DARKEST, BRIGHTEST = 30.0, 235.0
"""Limits of the mean of gray 0-255. Of 3,170 crops of FER2013 the extremes are 34 and 235."""
DIM, GLARING = 70.0, 200.0
"""Light between these is as good as any: the 2nd and 98th percentile there."""
LEAST_CONTRAST = 8.0
"""Standard deviation of gray. The lowest of FER2013 is 10.6, the 1st percentile 21."""
LEAST_SHARPNESS = 0.03
"""Variance of the Laplacian over that of gray.

FER2013 1.1 (1-99 %: 0.3-3.2); signers' soft faces of 80 px 0.18-0.36; faces of 20 px enlarged 0.10
(1 %: 0.034); faces blurred with sigma = 3 % of their width 0.03-0.09, 6 % 0.01-0.025.
"""
FULL_SHARPNESS = 0.5
FULL_SIDE_PX = 96
"""Sides from here on do not gain: twice the model's input."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a face looks.

    Attributes:
        side_px: Smaller side of its box, px.
        brightness: Mean of gray, in [0, 255].
        contrast: Standard deviation of gray.
        sharpness: Variance of the Laplacian over that of gray.
    """

    side_px: int
    brightness: float
    contrast: float
    sharpness: float

    def is_valid(self, *, min_face_px: int) -> bool:
        """Tell whether the face may be scored."""
        return (
            self.side_px >= min_face_px
            and DARKEST <= self.brightness <= BRIGHTEST
            and self.contrast >= LEAST_CONTRAST
            and self.sharpness >= LEAST_SHARPNESS
        )

    @property
    def quality(self) -> float:
        """Fitness for scoring, in [0, 1]: geometric mean of marks for size, light, sharpness."""
        size = min(1.0, self.side_px / FULL_SIDE_PX)
        dim = (self.brightness - DARKEST) / (DIM - DARKEST)
        glaring = (BRIGHTEST - self.brightness) / (BRIGHTEST - GLARING)
        light = min(max(min(dim, glaring), 0.0), 1.0)
        ratio = max(self.sharpness, LEAST_SHARPNESS) / LEAST_SHARPNESS
        sharp = min(1.0, math.log(ratio) / math.log(FULL_SHARPNESS / LEAST_SHARPNESS))
        return math.cbrt(size * light * sharp)


def look_at(gray: NDArray[np.uint8], box: Box) -> Appearance:
    """Measure the face at `box` in a frame, uint8 [H, W]."""
    crop = gray[box.top : box.bottom, box.left : box.right]
    how = cv2.INTER_AREA if box.side > MEASURE_SIDE_PX else cv2.INTER_LINEAR
    side = (MEASURE_SIDE_PX, MEASURE_SIDE_PX)
    pixels = np.asarray(cv2.resize(crop, side, interpolation=how), np.float32)
    core = pixels[CORE]
    edges = np.asarray(cv2.Laplacian(pixels, cv2.CV_32F), np.float32)[CORE]
    return Appearance(
        side_px=box.side,
        brightness=float(core.mean()),
        contrast=float(core.std()),
        sharpness=float(edges.var() / max(float(core.var()), 1.0)),
    )
