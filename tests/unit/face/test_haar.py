"""The Haar cascades: small faces, turned ones, and things that look like faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from emotionmap_face.detect import CERTAIN_SCORE, Box
from emotionmap_face.haar import FRONTAL, HaarDetector

from tests.contract.detector_contract import is_hit, scan, scene

CAMERAMAN = Box(184, 92, 284, 192)
"""The head of the man in `skimage.data.camera` (public domain), seen from the side."""


@pytest.fixture(scope="module")
def haar():
    return HaarDetector()


@pytest.mark.parametrize("side_px", [24, 30, 36])
def test_small_faces_are_found_by_a_thorough_scan(haar, side_px):
    gray, truth = scene(side_px)
    [found] = scan(haar, gray)
    assert is_hit(found.box, truth)
    assert haar.scan(gray, min_face_px=20, is_thorough=False) == []


@pytest.mark.parametrize("side_px", [38, 40, 42, 46, 48, 50])
def test_no_size_is_left_out_between_the_searches_for_small_and_large_faces(haar, side_px):
    gray, truth = scene(side_px)
    [found] = scan(haar, gray)
    assert is_hit(found.box, truth)


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_a_face_from_either_side_is_found_when_thorough(haar, is_mirrored):
    picture = skimage.data.camera()
    gray = np.ascontiguousarray(picture[:, ::-1]) if is_mirrored else picture
    truth = Box(512 - 284, 92, 512 - 184, 192) if is_mirrored else CAMERAMAN
    [found] = scan(haar, gray)
    assert found.is_profile
    assert is_hit(found.box, truth)
    assert haar.confirms(gray, found)
    assert haar.scan(gray, min_face_px=20, is_thorough=False) == []


def test_a_face_that_turns_is_followed(haar):
    found = haar.follow(skimage.data.camera(), CAMERAMAN)
    assert found.is_profile
    assert is_hit(found.box, CAMERAMAN)


def test_a_face_that_both_kinds_find_is_not_a_profile(haar):
    gray, truth = scene(96)
    assert [d.is_profile for d in scan(haar, gray)] == [False]
    assert not haar.follow(gray, truth).is_profile


@pytest.mark.parametrize("picture", ["brick", "grass", "gravel", "chelsea", "page", "text", "moon"])
def test_textures_and_animals_are_not_confirmed(haar, picture):
    image = getattr(skimage.data, picture)()
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    found = haar.scan(gray, min_face_px=20, is_thorough=True)
    assert not any(d.score >= CERTAIN_SCORE and haar.confirms(gray, d) for d in found)


@pytest.mark.parametrize(("weight", "score"), [(0, 0), (54, 0), (55.9, 0.5), (57.8, 1), (99, 1)])
def test_scores_are_shares(weight, score):
    assert FRONTAL.score(weight) == pytest.approx(score)
