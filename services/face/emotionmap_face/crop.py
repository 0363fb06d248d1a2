"""Prepares a face for the emotion model exactly as DeepFace does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emotionmap_face.detect import Box

CANVAS_SIDE_PX = 224
INPUT_SIDE_PX = 48


def prepare(gray: NDArray[np.uint8], box: Box) -> NDArray[np.float32]:
    """Cut one face out of a frame and bring it to the size of the model.

    The crop is stretched to 224 x 224 keeping its shape, with black bars, and only then shrunk to
    48 x 48. Going straight to 48 x 48 gives visibly other probabilities with DeepFace's weights.

    Args:
        gray: uint8 [H, W], full range.
        box: The face, within the frame.

    Returns:
        float32 [48, 48, 1], in [0, 1].

    Source:
        deepface 0.0.9x: `resize_image` of `modules/preprocessing.py`, and `models/demography`.
        There it is done in colour, and turned to gray between the two steps; both are linear.
    """
    crop = gray[box.top : box.bottom, box.left : box.right].astype(np.float32) / 255
    height, width = crop.shape
    factor = min(CANVAS_SIDE_PX / height, CANVAS_SIDE_PX / width)
    size = (max(1, int(width * factor)), max(1, int(height * factor)))
    scaled = cv2.resize(crop, size, interpolation=cv2.INTER_LINEAR)
    top, left = (CANVAS_SIDE_PX - size[1]) // 2, (CANVAS_SIDE_PX - size[0]) // 2
    canvas = np.zeros((CANVAS_SIDE_PX, CANVAS_SIDE_PX), np.float32)
    canvas[top : top + size[1], left : left + size[0]] = scaled
    small = cv2.resize(canvas, (INPUT_SIDE_PX, INPUT_SIDE_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.float32)[:, :, np.newaxis]
