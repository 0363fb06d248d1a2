"""Whole frames are searched when something may be new in them, and not otherwise."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from emotionmap_face.pace import UNHURRIED, Moment, Pace, Schedule

S = 1_000_000_000
FRAME_NS = S // 15
CALM = Moment(time_ns=0, is_cut=False, is_still=False, is_following=True, has_lost=False)


def searched(schedule, moments, *, has_found=True):
    """Return the times, s, of the searches, and of those that were thorough."""
    scans, thorough = [], []
    for now in moments:
        if schedule.is_due(now):
            is_thorough = schedule.is_thorough_due(now)
            schedule.note(now, is_thorough=is_thorough, has_found=has_found)
            scans.append(now.time_ns / S)
            if is_thorough:
                thorough.append(now.time_ns / S)
    return scans, thorough


def moments(seconds, **what):
    return [replace(CALM, time_ns=n * FRAME_NS, **what) for n in range(15 * seconds)]


def gaps(times):
    return [after - before for before, after in pairwise(times)]


def test_the_first_frame_is_searched_thoroughly():
    assert searched(Schedule(Pace()), moments(1)[:1]) == ([0.0], [0.0])


@pytest.mark.parametrize(
    ("is_following", "scan_s", "thorough_s"), [(True, 1, 5), (False, 0.5, 2.5)]
)
def test_searches_keep_their_pace(is_following, scan_s, thorough_s):
    scans, thorough = searched(Schedule(Pace()), moments(16, is_following=is_following))
    # A search waits for the next frame, and a thorough one for the next search.
    assert gaps(scans) == pytest.approx([scan_s] * len(gaps(scans)), abs=0.07)
    assert gaps(thorough) == pytest.approx([thorough_s] * len(gaps(thorough)), abs=scan_s)


def test_an_unhurried_pace_searches_every_frame_for_everything():
    scans, thorough = searched(Schedule(UNHURRIED), moments(1))
    assert len(scans) == len(thorough) == 15


def test_a_cut_is_searched_at_once():
    frames = moments(1)
    frames[4] = replace(frames[4], is_cut=True)
    assert searched(Schedule(Pace()), frames)[0] == pytest.approx([0.0, 4 / 15])


def test_a_shot_that_looks_empty_is_searched_thoroughly_next():
    frames = moments(2, is_following=False)
    frames[3] = replace(frames[3], is_cut=True)
    scans, thorough = searched(Schedule(Pace()), frames, has_found=False)
    assert thorough[1] == scans[2]
    assert thorough[1] - 3 / 15 == pytest.approx(0.5, abs=0.07)


def test_a_lost_face_is_searched_for_but_not_in_every_frame():
    frames = [
        frames if n == 0 else replace(frames, has_lost=True) for n, frames in enumerate(moments(1))
    ]
    assert gaps(searched(Schedule(Pace()), frames)[0]) == pytest.approx([3 / 15] * 4)


def test_a_still_picture_is_left_alone_for_a_while():
    scans, _ = searched(Schedule(Pace()), moments(12, is_still=True))
    assert gaps(scans) == pytest.approx([5, 5], abs=0.07)


def test_a_still_picture_of_an_unknown_shot_is_searched():
    frames = moments(3, is_still=True)
    frames[1] = replace(frames[1], is_cut=True, is_still=False)
    assert len(searched(Schedule(Pace()), frames)[0]) >= 3
