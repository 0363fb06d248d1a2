"""Boxes and parts of frames: geometry that all detectors share."""

from __future__ import annotations

import numpy as np
from emotionmap_face.detect import Box, Detection, Surroundings, clipped, distinct


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
