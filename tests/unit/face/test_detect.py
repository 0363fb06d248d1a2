"""Detectors find the face that is there, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from emotionmap_face.detect import (
    CERTAIN_SCORE,
    Box,
    Detection,
    HaarDetector,
    Surroundings,
    clipped,
    distinct,
)
from emotionmap_face.manifest import WeightsError
from emotionmap_face.yunet import YuNetDetector

YUNET = Path(__file__).parents[4] / "shared/models/face_detection_yunet_2023mar.onnx"
FACE = Box(170, 65, 280, 175)
BLANK = np.full((360, 640), 128, np.uint8)


@pytest.fixture(scope="module")
def gray():
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)


@pytest.fixture(scope="module", params=["haar", "yunet"])
def detector(request):
    if request.param == "haar":
        return HaarDetector()
    if not YUNET.is_file():
        pytest.skip("YuNet's weights are not here")
    return YuNetDetector(YUNET)


def is_near(box, other=FACE):
    return box.overlap(other) > 0.6 * max(box.area, other.area)


def test_a_scan_finds_the_face(detector, gray):
    [found] = detector.scan(gray, min_face_px=20, is_thorough=True)
    assert is_near(found.box)
    assert found.score >= CERTAIN_SCORE
    assert detector.confirms(gray, found)


def test_a_face_is_followed(detector, gray):
    moved = Box(FACE.left + 20, FACE.top - 15, FACE.right + 20, FACE.bottom - 15)
    assert is_near(detector.follow(gray, moved).box)


def test_a_face_that_left_is_not_followed(detector):
    assert detector.follow(BLANK, FACE) is None


def test_an_empty_frame_has_no_face(detector):
    assert detector.scan(BLANK, min_face_px=20, is_thorough=True) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (19, 19), (300, 30)])
def test_tiny_and_narrow_frames_are_taken(detector, shape):
    frame = np.zeros(shape, np.uint8)
    assert detector.scan(frame, min_face_px=20, is_thorough=True) == []
    assert detector.follow(frame, Box(0, 0, shape[1], shape[0])) is None


def test_faces_below_the_wanted_size_are_not_searched_for(detector, gray):
    assert detector.scan(gray, min_face_px=200, is_thorough=True) == []


@pytest.mark.parametrize("side_px", [24, 36])
def test_small_faces_are_found_by_a_thorough_scan(detector, gray, side_px):
    small = cv2.resize(gray, None, fx=side_px / 110, fy=side_px / 110, interpolation=cv2.INTER_AREA)
    assert len(detector.scan(small, min_face_px=20, is_thorough=True)) == 1


def test_a_search_gives_the_same_each_time(detector, gray):
    first, second = (detector.scan(gray, min_face_px=20, is_thorough=True) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("picture", ["brick", "grass", "gravel", "chelsea", "page", "text", "moon"])
def test_textures_and_animals_are_not_confirmed(picture):
    image = getattr(skimage.data, picture)()
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    haar = HaarDetector()
    found = haar.scan(gray, min_face_px=20, is_thorough=True)
    assert not any(d.score >= CERTAIN_SCORE and haar.confirms(gray, d) for d in found)


def test_other_weights_for_yunet_are_refused(tmp_path):
    other = tmp_path / "yunet.onnx"
    with pytest.raises(WeightsError, match="Cannot read"):
        YuNetDetector(other)
    other.write_bytes(b"x")
    with pytest.raises(WeightsError, match="SHA-256"):
        YuNetDetector(other)


def test_one_detection_of_each_face_stays():
    large, inner = Detection(Box(0, 0, 100, 100), 0.9), Detection(Box(20, 20, 70, 70), 0.5)
    apart = Detection(Box(200, 0, 250, 50), 0.1)
    assert distinct([apart, inner, large]) == [large, apart]


def test_boxes_end_at_the_frame():
    gray = np.zeros((100, 200), np.uint8)
    assert clipped(-5.2, 90.4, 30, 30, gray=gray) == Box(0, 90, 25, 100)
    assert clipped(500, 500, 10, 10, gray=gray) == Box(199, 99, 200, 100)


def test_surroundings_map_back_to_the_frame():
    gray = np.zeros((360, 640), np.uint8)
    box = Box(300, 100, 380, 180)
    around = Surroundings.of(gray, box, sides=2.0, face_px=40)
    assert around.pixels.shape == (80, 80)
    assert around.to_frame((20, 20, 40, 40), gray) == box
