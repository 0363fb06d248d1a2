"""Which moments a highlights video holds."""

from __future__ import annotations

import pytest
from emotionmap.v1 import emotion_pb2, timeline_pb2
from emotionmap_gateway.documents.words import duration_ms
from emotionmap_gateway.work.highlights import check_highlights, matching_ranges
from emotionmap_runtime.errors import ServiceError

HAPPY, SADNESS, UNSURE = (
    emotion_pb2.EMOTION_HAPPY,
    emotion_pb2.EMOTION_SADNESS,
    emotion_pb2.EMOTION_UNSPECIFIED,
)


def timeline(*moods):
    """One interval a second, each an emotion or (emotion, confidence)."""
    intervals = []
    for second, mood in enumerate(moods):
        emotion, confidence = mood if isinstance(mood, tuple) else (mood, 0.9)
        interval = timeline_pb2.Interval(emotion=emotion, confidence=confidence)
        interval.range.start_offset.seconds = second
        interval.range.end_offset.seconds = second + 1
        intervals.append(interval)
    return intervals


def ranges(intervals, *emotions, min_confidence=0.0):
    found = matching_ranges(intervals, emotions=emotions, min_confidence=min_confidence)
    return [(duration_ms(r.start_offset) // 1000, duration_ms(r.end_offset) // 1000) for r in found]


def test_neighbouring_moments_become_one_range():
    film = timeline(HAPPY, HAPPY, SADNESS, HAPPY)
    assert ranges(film, HAPPY) == [(0, 2), (3, 4)]


def test_neighbours_of_different_wanted_emotions_are_joined():
    film = timeline(HAPPY, SADNESS, UNSURE, HAPPY)
    assert ranges(film, HAPPY, SADNESS) == [(0, 2), (3, 4)]


def test_unsure_can_be_wanted():
    assert ranges(timeline(UNSURE, HAPPY), UNSURE) == [(0, 1)]


def test_unsure_enough_is_left_out():
    film = timeline((HAPPY, 0.5), (HAPPY, 0.4), (HAPPY, 0.5))
    assert ranges(film, HAPPY, min_confidence=0.45) == [(0, 1), (2, 3)]


def test_intervals_are_not_changed():
    film = timeline(HAPPY, HAPPY)
    before = [interval.SerializeToString() for interval in film]
    ranges(film, HAPPY)
    assert [interval.SerializeToString() for interval in film] == before


def test_no_match_is_an_error():
    with pytest.raises(ServiceError) as caught:
        ranges(timeline(SADNESS), HAPPY)
    assert caught.value.reason == "HIGHLIGHTS_EMPTY"


def test_too_many_moments_are_refused():
    with pytest.raises(ServiceError) as caught:
        ranges(timeline(*[HAPPY, SADNESS] * 10_001), HAPPY)
    assert caught.value.reason == "OPTIONS_INVALID"


@pytest.mark.parametrize(
    ("emotions", "min_confidence", "key"),
    [
        ([], 0.0, "emotions"),
        ([8], 0.0, "emotions"),
        ([HAPPY], -0.1, "min_confidence"),
        ([HAPPY], 1.1, "min_confidence"),
        ([HAPPY], float("nan"), "min_confidence"),
    ],
)
def test_bad_wishes_are_refused_naming_the_key(emotions, min_confidence, key):
    with pytest.raises(ServiceError) as caught:
        check_highlights(emotions, min_confidence)
    assert caught.value.metadata == {"key": key}
