"""Long rows of whole numbers of which many that follow each other are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Runs:
    """Values of which many that follow each other are alike.

    Attributes:
        starts: Number of the first of each run, and at last how many there are: int64 [R + 1].
        values: Of each run: whole numbers [R].
    """

    starts: Numbers
    values: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, lengths: NDArray[np.integer[Any]], values: NDArray[np.integer[Any]]) -> Runs:
        """Return runs of some lengths."""
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return cls(starts, values)

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.starts[-1])

    def run(self, numbers: Numbers) -> Numbers:
        """Return in which run each value lies: int64 [T]."""
        return np.searchsorted(self.starts, numbers, side="right") - 1

    def at(self, numbers: Numbers) -> Numbers:
        """Return the values of some numbers: int64 [T]."""
        return self.values[self.run(numbers)].astype(np.int64)
