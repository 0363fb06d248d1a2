"""Crops are prepared as DeepFace prepares them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from emotionmap_face.crop import prepare
from emotionmap_face.detect import Box

ROUNDING = 1e-5
"""float32, and the order in which colour becomes gray."""


def as_deepface_does(picture):
    """DeepFace's steps in its own order, on uint8 [h, w, 3], BGR."""
    image = picture.astype(np.float32) / 255
    factor = min(224 / image.shape[0], 224 / image.shape[1])
    image = cv2.resize(image, (int(image.shape[1] * factor), int(image.shape[0] * factor)))
    down, across = 224 - image.shape[0], 224 - image.shape[1]
    margins = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
    image = np.pad(image, margins, "constant")
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.resize(gray, (48, 48))


@pytest.mark.parametrize("size", [(20, 20), (48, 48), (61, 61), (130, 130), (300, 240), (60, 90)])
def test_crops_are_those_of_deepface(size):
    height, width = size
    gray = np.random.default_rng(0).integers(0, 256, (400, 500), np.uint8)
    box = Box(100, 50, 100 + width, 50 + height)
    picture = np.repeat(gray[50 : 50 + height, 100 : 100 + width, None], 3, axis=2)
    crop = prepare(gray, box)
    assert crop.shape == (48, 48, 1)
    assert crop.dtype == np.float32
    assert np.abs(crop[:, :, 0] - as_deepface_does(picture)).max() < ROUNDING
