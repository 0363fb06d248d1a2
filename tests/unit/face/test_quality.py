"""Faces that cannot be scored are told from those that can."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from emotionmap_face.detect import Box
from emotionmap_face.quality import look_at

FACE = Box(170, 65, 280, 175)


@pytest.fixture(scope="module")
def gray():
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)


def is_valid(gray, box=FACE, min_face_px=20):
    return look_at(gray, box).is_valid(min_face_px=min_face_px)


def shrunk(gray, factor):
    return cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def scaled(box, factor):
    edges = (box.left, box.top, box.right, box.bottom)
    return Box(*(round(edge * factor) for edge in edges))


def test_a_clear_face_is_valid_and_good(gray):
    assert is_valid(gray)
    assert look_at(gray, FACE).quality > 0.9


@pytest.mark.parametrize("side_px", [80, 40, 22])
def test_small_soft_faces_are_valid_and_worse(gray, side_px):
    factor = side_px / FACE.side
    look = look_at(shrunk(gray, factor), scaled(FACE, factor))
    assert look.is_valid(min_face_px=20)
    assert look.quality < look_at(gray, FACE).quality


def test_a_face_smaller_than_asked_for_is_not_valid(gray):
    assert not is_valid(gray, min_face_px=FACE.side + 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda gray: gray // 8,
        lambda gray: 255 - (255 - gray) // 16,
        lambda gray: cv2.GaussianBlur(gray, (0, 0), 0.08 * FACE.side),
        lambda gray: np.full_like(gray, 128),
    ],
    ids=["dark", "bright", "blurred", "flat"],
)
def test_spoiled_faces_are_not_valid(gray, spoil):
    assert not is_valid(spoil(gray))


def test_sharpness_does_not_depend_on_contrast(gray):
    pale = (gray // 2 + 60).astype(np.uint8)
    assert look_at(pale, FACE).sharpness == pytest.approx(look_at(gray, FACE).sharpness, rel=0.15)


@pytest.mark.parametrize("level", range(0, 256, 15))
def test_quality_is_a_share(level):
    look = look_at(np.full((64, 64), level, np.uint8), Box(0, 0, 64, 64))
    assert 0 <= look.quality <= 1
