"""Fairness, percentiles and histograms on numbers that can be checked by hand."""

from __future__ import annotations

import pytest

from tests.bench.spread import gap_points, histogram, jain, percentile


@pytest.mark.parametrize(
    ("rates", "index"), [([3, 3, 3], 1), ([1, 0, 0, 0], 0.25), ([1, 2], 0.9), ([5], 1)]
)
def test_jain(rates, index) -> None:
    assert jain(rates) == pytest.approx(index)


def test_nothing_is_neither_fair_nor_unfair() -> None:
    with pytest.raises(ValueError, match="above 0"):
        jain([0, 0])


@pytest.mark.parametrize(("percent", "value"), [(50, 3), (95, 5), (100, 5), (1, 1), (20, 1)])
def test_percentile_is_one_of_the_values(percent, value) -> None:
    assert percentile([5, 1, 4, 2, 3], percent) == value


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("counts", "gap"), [((50, 50), 0), ((55, 45), 10), ((4, 0), 100), ((0, 0), 100)]
)
def test_gap(counts, gap) -> None:
    assert gap_points(counts) == pytest.approx(gap)


def test_histogram_counts_what_came_meanwhile() -> None:
    before = {1.0: 2, 2.0: 2, 4.0: 7, float("inf"): 7}
    after = {1.0: 2, 2.0: 5, 4.0: 12, float("inf"): 13}
    assert histogram(before, after) == {"<=2": 3, "<=4": 2, "<=inf": 1}
    assert histogram({}, {1.0: 4}) == {"<=1": 4}
