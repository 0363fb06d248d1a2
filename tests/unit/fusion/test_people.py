"""Tracks that continue each other across a segment border are one person."""

from __future__ import annotations

import pytest
from emotionmap_fusion.evidence import Box, Span
from emotionmap_fusion.people import PeopleJoin, Sighting, continuations

S = 1_000_000_000
LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.1, 0.8, 0.3)
NEAR_LEFT = Box(0.12, 0.1, 0.32, 0.3)  # IoU 0.036 / 0.044 = 0.82
HUGE = Box(0.0, 0.0, 0.6, 0.6)


def seen(track, second, *, first=LEFT, last=None, frames=15, confidence=0.9, best=None):
    span = Span(second * S, (second + 1) * S)
    return Sighting(
        track_id=track,
        span=span,
        frames=frames,
        seen_ns=frames * S // 15,
        emotion=4,
        confidence=confidence,
        first_box=first,
        last_box=last or first,
        best_ns=second * S,
        best_box=best or first,
    )


def joined(*seconds, borders=(), max_bytes=100_000):
    """People after these sightings, one list per second."""
    join = PeopleJoin([border * S for border in borders])
    for second, sightings in enumerate(seconds):
        join.add(Span(second * S, (second + 1) * S), sightings)
    return join.people(max_bytes=max_bytes)


def test_overlap_is_intersection_over_union() -> None:
    assert LEFT.overlap(NEAR_LEFT) == pytest.approx(0.036 / 0.044)
    assert LEFT.overlap(RIGHT) == 0
    assert LEFT.overlap(LEFT) == pytest.approx(1)
    assert Box(0, 0, 0, 0).overlap(Box(0, 0, 0, 0)) == 0


def test_a_track_goes_on_across_a_border() -> None:
    [person] = joined([seen("a/t1", 0)], [seen("b/t9", 1, first=NEAR_LEFT)], borders=[1])
    assert [sighting.track_id for sighting in person.sightings] == ["a/t1", "b/t9"]
    assert person.seen_ns == 2 * S


def test_the_last_box_before_meets_the_first_after() -> None:
    [person] = joined(
        [seen("a/t1", 0, first=RIGHT, last=LEFT)],
        [seen("b/t1", 1, first=LEFT, last=RIGHT)],
        borders=[1],
    )
    assert len(person.sightings) == 2


@pytest.mark.parametrize("first", [RIGHT, HUGE], ids=["elsewhere", "of another size"])
def test_another_face_is_another_person(first) -> None:
    assert len(joined([seen("a/t1", 0)], [seen("b/t1", 1, first=first)], borders=[1])) == 2


def test_within_a_segment_nothing_is_joined() -> None:
    assert len(joined([seen("a/t1", 0)], [seen("a/t2", 1)], borders=[])) == 2


def test_a_gap_at_the_border_is_not_bridged() -> None:
    assert len(joined([seen("a/t1", 0)], [], [seen("b/t1", 2)], borders=[1])) == 2


def test_joining_is_one_to_one_best_first() -> None:
    before = [seen("a/t1", 0, first=NEAR_LEFT), seen("a/t2", 0, first=LEFT)]
    after = [seen("b/t1", 1, first=LEFT), seen("b/t2", 1, first=NEAR_LEFT)]
    pairs = {(a.track_id, b.track_id) for a, b in continuations(before, after)}
    assert pairs == {("a/t1", "b/t2"), ("a/t2", "b/t1")}
    assert len(continuations(before, after[:1])) == 1


def test_people_are_ordered_by_time_on_screen() -> None:
    short, long = seen("a/t1", 0, frames=6), [seen("a/t2", s, first=RIGHT) for s in range(2)]
    found = joined([short, long[0]], [long[1]])
    assert [person.sightings[0].track_id for person in found] == ["a/t2", "a/t1"]


@pytest.mark.parametrize(("frames", "seconds", "count"), [(4, 1, 0), (5, 1, 1), (1, 3, 1)])
def test_chance_finds_are_no_people(frames, seconds, count) -> None:
    found = joined(*([seen("a/t1", second, frames=frames)] for second in range(seconds)))
    assert len(found) == count


def test_frames_count_over_the_whole_person() -> None:
    halves = [seen("a/t1", 0, frames=3)], [seen("b/t1", 1, frames=3)]
    assert len(joined(*halves, borders=[1])) == 1
    assert joined(*halves) == []


def test_the_picture_shows_the_largest_surest_face() -> None:
    [person] = joined(
        [seen("a/t1", 0, best=HUGE, confidence=0.2)],
        [seen("a/t1", 1, best=HUGE, confidence=0.9)],
        [seen("a/t1", 2, best=LEFT, confidence=1.0)],
    )
    assert person.best.best_ns == S


def test_the_answer_is_bounded_by_leaving_out_who_is_seen_least() -> None:
    long = [seen("a/t1", second) for second in range(3)]
    first = [long[0], seen("a/t2", 0, first=RIGHT)]
    found = joined(first, [long[1]], [long[2]], max_bytes=200)
    assert [person.sightings[0].track_id for person in found] == ["a/t1"]
