"""What the fusion works with: faces, speech and boxes, free of any protocol.

Times are whole nanoseconds on the media clock; nothing here rounds. The dimension letter E stands
for the seven emotions, in the order of `emotionmap.v1.Emotion` without UNSPECIFIED.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EMOTIONS: Final = 7
"""Length of a distribution; entry i belongs to the Emotion numbered i + 1."""

SUM_TOLERANCE: Final = 1e-4 + 1e-6
"""How far a sum may be from 1: what emotion.proto allows, and the rounding of 7 floats."""

Scores: TypeAlias = "NDArray[np.float64]"
"""float64 [E], each in [0, 1], sum 1."""

Mask: TypeAlias = "NDArray[np.bool_]"
"""bool [E]: which emotions a model can express."""


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open stretch of time [start_ns, end_ns)."""

    start_ns: int
    end_ns: int

    @property
    def length_ns(self) -> int:
        """Length, ns."""
        return self.end_ns - self.start_ns


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-aligned box in fractions of width and height, origin top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Share of the picture, in [0, 1]."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def overlap(self, other: Box) -> float:
        """Return intersection over union, in [0, 1]; 0 if both are empty."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, width) * max(0.0, height)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Face:
    """One valid face; track 0 means that it was not tracked."""

    box: Box
    emotions: Scores
    track: int
    quality: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Valid faces of one sampled frame."""

    time_ns: int
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """Speech of one interval; `emotions` is None where none was scored."""

    span: Span
    share: float
    emotions: Scores | None


def is_distribution(values: NDArray[np.float64]) -> bool:
    """Tell whether values are probabilities of all emotions that sum to 1."""
    return bool(
        values.shape == (EMOTIONS,)
        and np.isfinite(values).all()
        and (values >= 0).all()
        and (values <= 1).all()
        and abs(values.sum() - 1) <= SUM_TOLERANCE
    )
