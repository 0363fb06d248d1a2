"""Whole numbers give the times that fractions give."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from emotionmap_media.clock import NS_PER_S, TickClock, from_duration, to_duration
from emotionmap_media.sampling import Grid


@pytest.mark.parametrize("time", [
    Fraction(0), Fraction(1, 15), Fraction(2, 3), Fraction(7), Fraction(10**10 - 1, 10**10),
    Fraction(3, 2 * NS_PER_S), Fraction(5, 2 * NS_PER_S), Fraction(-1, 3), Fraction(14399, 7),
])  # fmt: skip
def test_durations_are_rounded_to_the_nearest_nanosecond(time):
    seconds, nanos = divmod(round(time * NS_PER_S), NS_PER_S)
    duration = to_duration(time)
    assert (duration.seconds, duration.nanos) == (seconds, nanos)
    assert abs(from_duration(duration) - time) <= Fraction(1, 2 * NS_PER_S)


@pytest.mark.parametrize("tick", [Fraction(1, 90_000), Fraction(1001, 30_000), Fraction(1, 1000)])
@pytest.mark.parametrize("zero", [Fraction(0), Fraction(-1, 15), Fraction(10**6, 90_001)])
def test_a_clock_counts_from_time_zero(tick, zero):
    clock = TickClock.of(tick, zero)
    for ticks in (-7, 0, 1, 12_345_678):
        time = ticks * tick - zero
        assert clock.time(ticks) == time
        assert clock.first_at(time) == ticks
        assert clock.first_at(time + tick / 3) == ticks + 1


@pytest.mark.parametrize("rate", [Fraction(15), Fraction(30_000, 1001), Fraction(1, 10)])
@pytest.mark.parametrize("tolerance", [Fraction(0), Fraction(1, 2000)])
def test_a_grid_finds_the_first_sample_time(rate, tolerance):
    grid = Grid(0, rate, tolerance)
    for time in (Fraction(0), Fraction(1, 3), Fraction(12_345, 1001), Fraction(2, 15)):
        assert grid.index_at(time) == ceil((time - tolerance) * rate)
