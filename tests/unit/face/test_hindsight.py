"""A face that is found late is told of the frames before, too, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face import hindsight
from emotionmap_face.detect import Box, Detection
from emotionmap_face.hindsight import Hindsight
from emotionmap_face.pace import UNHURRIED, Pace
from emotionmap_face.track import FaceTracker

FRAME_NS = 1_000_000_000 // 15
RARE = Pace(20 * FRAME_NS, 20 * FRAME_NS, follow_every_ns=3 * FRAME_NS)
"""While nobody is followed every tenth frame is searched."""
SHAPE = (120, 200)
RNG = np.random.default_rng(0)
SCENE, OTHER_SCENE = (
    np.kron(RNG.integers(0, 256, (12, 20)), np.ones((10, 10))).astype(np.uint8) for _ in range(2)
)
FACE = RNG.integers(0, 256, (40, 40)).astype(np.uint8)


class Walker:
    """Draws a face that comes in at frame `first` and moves 2 px a frame; finds it if asked."""

    def __init__(self, first, *, score=0.9, scene_at=lambda _: SCENE):
        self.first, self.score, self.scene_at = first, score, scene_at
        self.scans, self.now = [], {}

    def box(self, number):
        return Box(20 + 2 * number, 40, 60 + 2 * number, 80)

    def frame(self, number):
        gray = self.scene_at(number).copy()
        gray[100:, :40] = number * 37 % 256
        if number >= self.first:
            box = self.box(number)
            gray[box.top : box.bottom, box.left : box.right] = FACE
            self.now[gray.tobytes()] = box
        return gray

    def scan(self, gray, *, min_face_px, is_thorough):
        self.scans.append(gray)
        return self._found(gray)

    def follow(self, gray, box):
        return next((d for d in self._found(gray) if d.box.overlap(box)), None)

    def confirms(self, gray, detection):
        return True

    def _found(self, gray):
        box = self.now.get(gray.tobytes())
        return [] if box is None else [Detection(box, self.score)]


def shown(walker, frames, *, pace=RARE, min_face_px=20):
    """Return what comes after each frame, and what is left at the end."""
    finder = Hindsight(FaceTracker(walker, min_face_px=min_face_px, pace=pace))
    taken = [finder.take(walker.frame(n), time_ns=n * FRAME_NS) for n in range(frames)]
    return taken, finder.rest()


def told(walker, frames, **how):
    """Return the number of each frame in the order told, and its boxes."""
    taken, rest = shown(walker, frames, **how)
    every = [searched for each in [*taken, rest] for searched in each]
    assert [searched.time_ns for searched in every] == [n * FRAME_NS for n in range(frames)]
    return [[face.box for face in searched.sightings.faces] for searched in every]


def test_a_face_found_late_is_told_from_where_it_came_in():
    walker = Walker(3)
    faces = told(walker, 16)
    assert [len(found) for found in faces] == [0] * 3 + [1] * 13
    assert all(abs(faces[n][0].left - walker.box(n).left) <= 1 for n in range(3, 16))
    assert len(walker.scans) == 2  # following it back costs no search


def test_an_unsure_face_counts_from_its_first_sighting_once_it_is_trusted():
    assert [len(found) for found in told(Walker(0, score=0.1), 5)] == [1] * 5


def test_what_was_not_trusted_then_is_not_rejected_any_more():
    taken, _ = shown(Walker(0, score=0.1), 3)
    assert [searched.sightings.rejected for each in taken for searched in each] == [0, 0, 0]


def test_frames_with_a_face_never_wait():
    taken, rest = shown(Walker(0), 20)
    assert [len(each) for each in taken] == [1] * 20
    assert rest == []


def test_nothing_is_followed_back_across_a_cut():
    walker = Walker(0, scene_at=lambda n: SCENE if n < 5 else OTHER_SCENE)
    walker.now = Blind(until=8)
    faces = told(walker, 30)
    assert [len(found) for found in faces[:5]] == [0] * 5
    assert all(faces[n] for n in range(8, 30))


class Blind(dict):
    """Forgets what is written to it at first."""

    def __init__(self, *, until):
        super().__init__()
        self.left = until

    def __setitem__(self, key, value):
        self.left -= 1
        if self.left < 0:
            super().__setitem__(key, value)


def test_a_cut_settles_the_frames_before_it():
    taken, _ = shown(Walker(99, scene_at=lambda n: SCENE if n < 5 else OTHER_SCENE), 7)
    assert [len(each) for each in taken] == [0] * 5 + [5, 0]


def test_frames_wait_until_the_next_thorough_search_and_a_little_longer():
    taken, rest = shown(Walker(99), 60)
    waited = [n for n, each in enumerate(taken) if each]
    assert waited[0] == 30
    assert len(rest) == 30


def test_no_more_is_kept_than_memory_allows(monkeypatch):
    monkeypatch.setattr(hindsight, "MOST_KEPT_BYTES", 4 * SHAPE[0] * SHAPE[1])
    taken, rest = shown(Walker(99), 10)
    assert [len(each) for each in taken] == [0] * 4 + [1] * 6
    assert len(rest) == 4


@pytest.mark.parametrize("min_face_px", [20, 41])
def test_what_is_too_small_is_never_told(min_face_px):
    faces = told(Walker(3), 16, min_face_px=min_face_px)
    assert any(faces) == (min_face_px == 20)


def test_an_unhurried_way_keeps_nothing():
    taken, rest = shown(Walker(3, score=0.1), 10, pace=UNHURRIED)
    assert [len(each) for each in taken] == [1] * 10
    assert [len(each[0].sightings.faces) for each in taken] == [0] * 5 + [1] * 5
    assert rest == []
