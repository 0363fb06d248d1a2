"""Segments are contiguous, about as long as wanted, and begin where decoding is cheap."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from emotionmap_media.plan import plan_segments


def plan(duration, *, interval=1, segment=12, keys=()):
    return plan_segments(
        Fraction(duration),
        interval=Fraction(interval),
        segment=Fraction(segment),
        key_frames=[Fraction(k) for k in keys],
    )


@pytest.mark.parametrize("duration", ["0.04", "1", "11.9", "12", "17.99", "18", "30.5", "3600.25"])
@pytest.mark.parametrize("interval", ["0.2", "1", "1.5", "10"])
@pytest.mark.parametrize("segment", ["2", "12", "60"])
def test_segments_are_contiguous_and_whole_intervals(duration, interval, segment):
    spans = plan(duration, interval=interval, segment=segment)
    assert spans[0].start == 0
    assert spans[-1].end == Fraction(duration)
    for one, following in pairwise(spans):
        assert one.end == following.start
        assert (one.end / Fraction(interval)).denominator == 1
    length = max(Fraction(segment), Fraction(interval))
    assert all(span.end - span.start <= length * 3 / 2 for span in spans)
    assert all(span.end - span.start >= length / 2 for span in spans[:-1])


def test_a_short_remainder_joins_the_segment_before():
    assert [span.end for span in plan(29)] == [12, 29]
    assert [span.end for span in plan(30)] == [12, 24, 30]


def test_borders_move_to_key_frames():
    keys = [0, "9.96", "19.92", "29.88", "39.84"]
    assert [span.start for span in plan(50, keys=keys)] == [0, 10, 20, 30, 40]


def test_a_key_frame_just_behind_a_border_does_not_count():
    spans = plan(24, keys=[0, "12.02", "12.5"])
    assert spans[1].start == 13
