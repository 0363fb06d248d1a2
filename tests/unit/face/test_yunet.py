"""YuNet by onnxruntime gives what OpenCV's own class gives, faster, and takes no other weights."""

from __future__ import annotations

import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from emotionmap_face.manifest import WeightsError
from emotionmap_face.yunet import LEAST_CONFIDENCE, YuNetDetector
from emotionmap_face.yunet_network import (
    FIXED_SHAPE,
    MOST_CANDIDATES,
    SUPPRESSION,
    YuNetNetwork,
)

from tests.contract.detector_contract import astronaut, is_hit, scan, scene

SHARED = Path(__file__).parents[4] / "shared"
YUNET = SHARED / "models/face_detection_yunet_2023mar.onnx"
needs_weights = pytest.mark.skipif(not YUNET.is_file(), reason="YuNet's weights are not here")
EQUAL_PX, EQUAL_SCORE = 0.01, 1e-4
SIZES = [(320, 180), (320, 320), (128, 128), (97, 211), (640, 360), (31, 33)]
"""Widths and heights, some no multiple of the stride."""


@pytest.fixture(scope="module")
def network():
    return YuNetNetwork(YUNET.read_bytes())


def reference(size):
    return cv2.FaceDetectorYN.create(
        str(YUNET), "", size, LEAST_CONFIDENCE, SUPPRESSION, MOST_CANDIDATES
    )


def assert_equal(network, gray):
    _, expected = reference(gray.shape[::-1]).detect(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    found = network.find(gray, least_score=LEAST_CONFIDENCE)
    expected = np.zeros((0, 15), np.float32) if expected is None else expected
    assert found.shape == expected.shape
    assert np.allclose(found[:, :14], expected[:, :14], atol=EQUAL_PX)
    assert np.allclose(found[:, 14], expected[:, 14], atol=EQUAL_SCORE)
    return len(found)


@needs_weights
@pytest.mark.parametrize("size", SIZES)
def test_it_equals_opencv_at_any_size(network, size):
    gray = cv2.resize(astronaut(), size, interpolation=cv2.INTER_AREA)
    assert assert_equal(network, gray) == (min(size) > 40)


@needs_weights
def test_it_equals_opencv_where_there_are_many_faces(network):
    face = cv2.resize(astronaut()[:230, 100:330], (80, 80), interpolation=cv2.INTER_AREA)
    assert assert_equal(network, np.tile(face, (4, 7))) == 28


@needs_weights
@pytest.mark.skipif(not (SHARED / "media").is_dir(), reason="the videos are not here")
def test_it_equals_opencv_on_real_frames(network):
    faces = 0
    for path in sorted((SHARED / "media").glob("*.m[kop]*")):
        with av.open(str(path)) as video:
            for frame in [f for i, f in enumerate(video.decode(video=0)) if i % 30 == 0]:
                gray = frame.reformat(width=320, height=180, format="gray").to_ndarray()
                faces += assert_equal(network, gray)
    assert faces > 20


@needs_weights
def test_it_is_faster_than_opencv(network):
    gray = cv2.resize(astronaut(), (320, 320), interpolation=cv2.INTER_AREA)
    colours, other = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), reference((320, 320))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    ours = fastest(lambda: network.find(gray, least_score=LEAST_CONFIDENCE))
    theirs = fastest(lambda: other.detect(colours))
    cv2.setNumThreads(threads)
    assert ours < theirs


def fastest(work):
    """Return the shortest of several times, s: the one that others disturbed least."""

    def timed():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(timed() for _ in range(15))


@needs_weights
@pytest.mark.parametrize("side_px", [30, 36])
def test_small_faces_are_found_by_a_thorough_scan(side_px):
    gray, truth = scene(side_px)
    [found] = scan(YuNetDetector(YUNET), gray)
    assert is_hit(found.box, truth)


def test_other_weights_are_refused(tmp_path):
    other = tmp_path / "yunet.onnx"
    with pytest.raises(WeightsError, match="Cannot read"):
        YuNetDetector(other)
    other.write_bytes(b"x")
    with pytest.raises(WeightsError, match="SHA-256"):
        YuNetDetector(other)
    with pytest.raises(WeightsError, match="not YuNet's"):
        YuNetNetwork(b"x")


@needs_weights
def test_the_input_of_the_file_has_one_fixed_shape():
    assert YUNET.read_bytes().count(FIXED_SHAPE) == 1
