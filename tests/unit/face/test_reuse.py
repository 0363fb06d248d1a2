"""Faces that look as a moment ago are not scored again."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face.pace import UNHURRIED, Pace
from emotionmap_face.reuse import LARGEST_DIFFERENCE, Crop, Reuse

PACE = Pace()
FRAME_NS = PACE.follow_every_ns // 4


def crop(level, *, frame=0):
    return Crop(np.full((48, 48, 1), level, np.float32), frame * FRAME_NS)


@pytest.mark.parametrize(
    ("later", "is_reused"),
    [
        (crop(0.5, frame=1), True),
        (crop(0.5 + 0.9 * LARGEST_DIFFERENCE, frame=1), True),
        (crop(0.5 + 1.1 * LARGEST_DIFFERENCE, frame=1), False),
        (crop(0.5, frame=4), False),
    ],
    ids=["same", "similar", "other", "too late"],
)
def test_a_crop_answers_for_what_looks_the_same_a_moment_later(later, is_reused):
    reuse, first = Reuse(PACE), crop(0.5)
    assert reuse.crop_for(first, track=1) is first
    assert reuse.crop_for(later, track=1) is (first if is_reused else later)


def test_small_changes_do_not_add_up():
    reuse = Reuse(Pace(follow_every_ns=100 * FRAME_NS))
    crops = [crop(0.3 + 0.4 * LARGEST_DIFFERENCE * i, frame=i) for i in range(9)]
    answers = [reuse.crop_for(each, track=1) for each in crops]
    assert answers == [crops[i // 3 * 3] for i in range(9)]


def test_each_track_answers_for_itself():
    reuse = Reuse(PACE)
    one, two = crop(0.5), crop(0.5)
    assert [reuse.crop_for(one, track=1), reuse.crop_for(two, track=2)] == [one, two]


def test_the_unhurried_way_scores_every_face():
    reuse = Reuse(UNHURRIED)
    crops = [crop(0.5, frame=i) for i in range(3)]
    assert [reuse.crop_for(each, track=1) for each in crops] == crops
