"""Cuts, motion and stillness are told apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from emotionmap_face.change import Changes
from emotionmap_face.detect import Box

RNG = np.random.default_rng(0)
WIDE = np.kron(RNG.integers(0, 256, (18, 40)), np.ones((20, 20))).astype(np.uint8)
OTHER = np.kron(RNG.integers(0, 256, (18, 32)), np.ones((20, 20))).astype(np.uint8)


def view(left):
    return WIDE[:, left : left + 640]


def grainy(gray, seed):
    grain = np.random.default_rng(seed).normal(0, 2.5, gray.shape)
    return (gray + grain).clip(0, 255).astype(np.uint8)


def taken(*frames):
    """Return changes that have taken frames, the first of them marked."""
    changes = Changes()
    for i, frame in enumerate(frames):
        changes.take(frame)
        if i == 0:
            changes.mark()
    return changes


def test_the_first_frame_and_another_picture_are_cuts():
    changes = Changes()
    assert [changes.take(frame) for frame in (view(0), view(0), OTHER)] == [True, False, True]


def test_a_pan_is_no_cut():
    changes = Changes()
    soft = cv2.GaussianBlur(WIDE, (0, 0), 12)
    assert not any([changes.take(soft[:, i : i + 640]) for i in range(60)][1:])


def test_grain_is_stillness():
    assert taken(*(grainy(view(0), seed) for seed in range(10))).is_still()


@pytest.mark.parametrize("gray", [view(0)[:, ::-1], view(13), np.zeros((90, 160), np.uint8)])
def test_what_moved_is_not_still(gray):
    assert not taken(view(0), gray).is_still()


def test_the_smallest_face_is_not_stillness():
    wall = np.full((360, 640), 120, np.uint8)
    with_face = wall.copy()
    with_face[100:120, 310:330] = RNG.integers(40, 180, (20, 20))
    assert not taken(wall, with_face).is_still()


@pytest.mark.parametrize(("left", "is_still"), [(300, True), (345, True), (420, False)])
def test_a_followed_face_may_move_in_a_picture_that_stands_still(left, is_still):
    changes, before, now = Changes(), Box(300, 100, 380, 180), Box(left, 100, left + 80, 180)
    for place in (before, now):
        gray = view(0).copy()
        gray[100:180, place.left : place.right] = 255 - gray[100:180, place.left : place.right]
        changes.take(gray)
        if place is before:
            changes.mark(besides=[before])
    assert changes.is_still(besides=[before if left > 400 else now]) is is_still


def test_slow_changes_add_up():
    wall = np.full((360, 640), 100, np.uint8)
    assert taken(wall, wall + 1).is_still()
    assert not taken(wall, *(wall + i for i in range(1, 6))).is_still()


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (17, 31), (1080, 1920)])
def test_frames_of_any_shape_are_taken(shape):
    assert taken(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)).is_still()
