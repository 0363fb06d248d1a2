"""Long rows of whole numbers of which many that follow each other are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Runs:
    """Values of which many that follow each other are alike.

    Attributes:
        starts: Number of the first of each run, and at last how many there are: int64 [R + 1].
        values: Of each run: int64 [R].
    """

    starts: Numbers
    values: Numbers

    @classmethod
    def of(cls, lengths: Numbers, values: Numbers) -> Runs:
        """Return runs of some lengths."""
        return cls(np.concatenate([[0], np.cumsum(lengths)]), values)

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.starts[-1])

    def run(self, numbers: Numbers) -> Numbers:
        """Return in which run each value lies: int64 [T]."""
        return np.searchsorted(self.starts, numbers, side="right") - 1

    def at(self, numbers: Numbers) -> Numbers:
        """Return the values of some numbers: int64 [T]."""
        return self.values[self.run(numbers)]
