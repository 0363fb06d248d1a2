"""Looks at a video become intervals that cover it, but for what is known already."""

from __future__ import annotations

from itertools import pairwise

import pytest
from emotionmap.v1 import emotion_pb2, timeline_pb2
from emotionmap_gateway.documents.draft import outside, stretched

NS = 1_000_000_000


def look(at_s, confidence=0.5):
    seen = timeline_pb2.Interval(emotion=emotion_pb2.EMOTION_HAPPY, confidence=confidence)
    seen.tracks.add()
    return round(at_s * NS), seen


def span(start_s, end_s):
    one = emotion_pb2.TimeRange()
    one.start_offset.FromNanoseconds(round(start_s * NS))
    one.end_offset.FromNanoseconds(round(end_s * NS))
    return one


def spans_of(intervals):
    edges = [(one.range.start_offset, one.range.end_offset) for one in intervals]
    return [(start.ToNanoseconds() / NS, end.ToNanoseconds() / NS) for start, end in edges]


def stretch(*times_s, end_s=60.0, interval_s=1.0):
    looks = [look(at_s) for at_s in times_s]
    return stretched(looks, end_ns=round(end_s * NS), interval_ns=round(interval_s * NS))


def test_borders_lie_half_way_at_whole_intervals():
    assert spans_of(stretch(10, 20, 50)) == [(0, 15), (15, 35), (35, 60)]
    assert spans_of(stretch(10, 20.9, end_s=60.5)) == [(0, 15), (15, 60.5)]
    assert spans_of(stretch(10, 20, interval_s=10)) == [(0, 20), (20, 60)]


def test_looks_too_near_to_each_other_count_once():
    assert spans_of(stretch(0, 0.1, 0.2, 30)) == [(0, 15), (15, 60)]
    assert spans_of(stretch(59.9, 59.95)) == [(0, 60)]


def test_nothing_seen_is_no_draft():
    assert stretch() == []


def test_what_was_seen_stays_without_whose_face_it_was():
    [interval] = stretch(3)
    assert (interval.emotion, interval.confidence) == (emotion_pb2.EMOTION_HAPPY, 0.5)
    assert not interval.tracks


@pytest.mark.parametrize("interval_s", [0.2, 1, 7])
def test_a_draft_is_contiguous(interval_s):
    spans = spans_of(stretch(*(0.37 * number for number in range(160)), interval_s=interval_s))
    assert (spans[0][0], spans[-1][1]) == (0, 60)
    assert all(one[1] == after[0] for one, after in pairwise(spans))


@pytest.mark.parametrize(
    ("known", "left"),
    [
        ([], [(0, 15), (15, 60)]),
        ([(0, 2)], [(2, 15), (15, 60)]),
        ([(2, 6), (0, 2)], [(6, 15), (15, 60)]),
        ([(6, 14)], [(0, 6), (14, 15), (15, 60)]),
        ([(14, 26)], [(0, 14), (26, 60)]),
        ([(0, 15), (50, 60)], [(15, 50)]),
        ([(20, 22), (30, 31)], [(0, 15), (15, 20), (22, 30), (31, 60)]),
        ([(0, 60)], []),
    ],
)
def test_a_draft_leaves_out_what_is_known(known, left):
    draft = stretch(10, 20)
    assert spans_of(outside(draft, [span(*one) for one in known])) == left
