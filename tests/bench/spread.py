"""How things are spread over many: fairness, percentiles, sizes of batches. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def jain(rates: Sequence[float]) -> float:
    """Return Jain's fairness index: 1 if all have the same, 1/n if one has everything.

    R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness, DEC-TR-301, 1984.

    Raises:
        ValueError: There are no rates, or none above 0.
    """
    squares = sum(rate * rate for rate in rates)
    if not squares:
        raise ValueError("Fairness is one of rates above 0.")
    return sum(rates) ** 2 / (len(rates) * squares)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many percent of all do not exceed (nearest rank).

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("Nothing has no percentile.")
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(0, int(rank) - 1)]


def gap_points(counts: Sequence[float]) -> float:
    """Return by how many percent of the sum the largest and the smallest count differ."""
    return 100 * (max(counts) - min(counts)) / sum(counts) if sum(counts) else 100.0


def histogram(before: Mapping[float, float], after: Mapping[float, float]) -> dict[str, int]:
    """Return how many fell into each bucket meanwhile, from counts up to each bound.

    Args:
        before: By bound, how many were at most that, then.
        after: Likewise, now.
    """
    found, below = {}, 0.0
    for bound in sorted(after):
        until = after[bound] - before.get(bound, 0.0)
        if until > below:
            found[f"<={bound:g}"] = round(until - below)
        below = until
    return found
