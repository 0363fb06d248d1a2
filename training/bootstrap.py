"""How far chance could move a figure: percentile intervals of resampled rows.

Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 8 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

RESAMPLES = 1000
COVERAGE = 0.95
SEED = 95


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows in groups, such as the clips of each speaker of one set.

    Attributes:
        rows: int [N], the rows, group by group.
        starts: int [groups], where each group starts in `rows`.
        sizes: int [groups], how many rows each has.
    """

    rows: Rows
    starts: Rows
    sizes: Rows

    def resample(self, rng: np.random.Generator) -> Rows:
        """Return the rows of one resample.

        As many groups as there are, drawn with replacement; then of each drawn group as many rows
        as it has, with replacement: with two or four speakers, drawing speakers alone would give
        a handful of values.
        """
        drawn = rng.integers(len(self.sizes), size=len(self.sizes))
        sizes = self.sizes[drawn]
        place = np.floor(rng.random(sizes.sum()) * np.repeat(sizes, sizes)).astype(np.intp)
        return np.asarray(self.rows[np.repeat(self.starts[drawn], sizes) + place], dtype=np.intp)


def stratum(rows: Rows, groups: NDArray[np.str_] | NDArray[np.int64]) -> Stratum:
    """Return the stratum of rows whose groups are named by a column of the same length."""
    _, place = np.unique(groups, return_inverse=True)
    sizes = np.bincount(place)
    order = np.argsort(place, kind="stable")
    return Stratum(rows[order], np.cumsum(sizes) - sizes, sizes)


def ungrouped(count: int) -> list[Stratum]:
    """Return the strata of the plain bootstrap over so many independent rows."""
    rows = np.arange(count)
    return [Stratum(rows, rows, np.ones(count, dtype=np.intp))]


def interval(
    statistic: Callable[[Rows], float], strata: Sequence[Stratum], *, resamples: int = RESAMPLES
) -> tuple[float, float]:
    """Return low and high end of the 95 % interval of a statistic of rows.

    Args:
        statistic: the figure of the rows that are given to it, repeated ones included.
        strata: each is resampled by itself: speakers are drawn within their set.
        resamples: how many times to draw.
    """
    rng = np.random.default_rng(SEED)
    values = [
        statistic(np.concatenate([part.resample(rng) for part in strata])) for _ in range(resamples)
    ]
    tail = (1 - COVERAGE) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)


def interval_figures(
    name: str, statistic: Callable[[Rows], float], strata: Sequence[Stratum]
) -> dict[str, float]:
    """Return `NAME_low` and `NAME_high`."""
    low, high = interval(statistic, strata)
    return {f"{name}_low": low, f"{name}_high": high}
