"""Segments are contiguous, about as long as wanted, and begin where decoding is cheap."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from emotionmap_media.plan import NOTHING, RAMP_S, SoFar, plan_segments, plan_surely


def plan(duration, *, interval=1, segment=12, keys=()):
    return plan_segments(
        Fraction(duration),
        interval=Fraction(interval),
        segment=None if segment is None else Fraction(segment),
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
    assert all(span.end - span.start >= length / 2 for span in spans[len(RAMP_S) : -1])


@pytest.mark.parametrize(
    ("duration", "length"),
    [(60, 16), (3600, 16), (7200, 30), (10_800, 45), (36_000, 60)],
)
def test_segments_of_long_videos_are_longer(duration, length):
    spans = plan(duration, segment=None)
    assert spans[len(RAMP_S)].end - spans[len(RAMP_S)].start == length
    assert (spans[0].start, spans[0].end) == (0, 2)


def test_the_first_segments_are_short():
    assert [span.end for span in plan(62)] == [2, 6, 14, 26, 38, 50, 62]
    assert [span.end for span in plan(62, interval=10)] == [10, 20, 30, 40, 50, 62]
    assert [span.end for span in plan(10, segment=2)] == [2, 4, 6, 8, 10]


def test_a_clip_of_a_few_seconds_is_not_cut_up():
    assert [span.end for span in plan("2.9")] == [Fraction("2.9")]
    assert [span.end for span in plan(5)] == [2, 5]


def test_a_short_remainder_joins_the_segment_before():
    assert [span.end for span in plan(31)] == [2, 6, 14, 31]
    assert [span.end for span in plan(32)] == [2, 6, 14, 26, 32]


def test_borders_move_to_key_frames():
    keys = [0, "9.96", "19.92", "29.88", "39.84"]
    assert [span.start for span in plan(50, keys=keys)] == [0, 1, 10, 20, 30, 40]


def test_a_key_frame_just_behind_a_border_does_not_count():
    spans = plan(30, keys=[0, "2", "6", "14.02", "14.5"])
    assert spans[3].start == 15


@pytest.mark.parametrize("apart", ["0.5", "1", "2", "5", "25/3", "10"])
def test_short_segments_hardly_decode_more(apart):
    """Little of an hour is decoded twice, and hardly more for the first results' sake."""
    keys = [Fraction(apart) * number for number in range(int(3600 / Fraction(apart)))]
    spans = plan(3600, keys=keys)
    waste = [span.start - max(key for key in keys if key <= span.start) for span in spans]
    assert sum(waste[:4]) <= 2
    assert sum(waste) <= 3600 * 0.015


def surely(there, keys, so_far=NOTHING, interval=1):
    known = [key for key in keys if key <= there]
    return plan_surely(
        there, interval=Fraction(interval), segment=None, key_frames=known, so_far=so_far
    )


def scattered(seed):
    """Return times of key frames, some far apart."""
    rng, at, keys = random.Random(seed), Fraction(0), []
    while at < 400:
        keys.append(at)
        at += Fraction(rng.choice([1, 2, 10, 40, 250]), rng.choice([1, 2, 5, 25]))
    return keys


@pytest.mark.parametrize("interval", ["0.2", "1", "7"])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_planned_surely_is_how_every_longer_plan_begins(seed, interval):
    keys, told = scattered(seed), []
    for there in range(0, 300, 7):
        spans = surely(Fraction(there), keys, interval=interval)
        assert spans[: len(told)] == told
        for duration in (there, there + Fraction(1, 3), there + 17):
            if duration > 0:
                known = [key for key in keys if key <= duration]
                whole = plan(duration, segment=None, keys=known, interval=interval)
                assert whole[: len(spans)] == spans
        told = spans
    assert told[-1].end > 200


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_can_be_gone_on_with_anywhere(seed):
    keys = scattered(seed)
    whole = plan(400, segment=None, keys=keys)
    for count in range(len(whole)):
        so_far = SoFar(count, whole[count].start)
        since = [key for key in keys if key >= max(k for k in keys if k <= so_far.end)]
        rest = plan_segments(
            Fraction(400), interval=Fraction(1), segment=None, key_frames=since, so_far=so_far
        )
        assert rest == whole[count:]
        later = surely(Fraction(350), since, so_far)
        assert later == whole[count : count + len(later)]


def test_segments_of_a_video_without_end_become_longer_as_it_goes_on():
    spans = surely(Fraction(20_000), [Fraction(second) for second in range(20_000)])
    lengths = [span.end - span.start for span in spans]
    assert lengths[3] == 16
    assert lengths[3:] == sorted(lengths[3:])
    assert lengths[-1] == 60
