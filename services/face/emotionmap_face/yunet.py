"""Finds faces with OpenCV Zoo's YuNet, where its weights are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emotionmap_face.detect import Box, Detection, Surroundings, clipped, distinct, nearest
from emotionmap_face.manifest import WeightsError, verify_digest
from emotionmap_face.yunet_network import YuNetNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""Of face_detection_yunet_2023mar.onnx, the only weights that are accepted (MIT licence)."""

LEAST_CONFIDENCE = 0.6
"""What YuNet gives less is not reported; half-way from here to 1 is `detect.CERTAIN_SCORE`."""
SCAN_SIDE_PX, THOROUGH_SIDE_PX = 320, 640
"""Longer side of a frame when it is searched, and when small faces matter, at 4 times the cost.

Of 69 faces of 30-44 px in frames of 640 px the larger finds all, the smaller 45 %; of larger faces
both find all.
"""
COARSE_FACE_PX = 48
"""Faces from here on, in a frame of 640 px, are found at the smaller size."""
FOLLOW_SIDES, FOLLOW_FACE_PX = 2.0, 60

EYES_Y, MOUTH_Y, MIDDLE_X, EYES_APART = 0.387, 0.763, 0.495, 0.372
"""Where eyes and mouth lie in the square that the Haar cascade gives (median of 83 faces).

The same within 0.005 in crops of FER2013, so the emotion model sees what it was trained on.
"""


class YuNetDetector:
    """YuNet by onnxruntime; fulfils `FaceDetector`.

    Args:
        weights: face_detection_yunet_2023mar.onnx.

    Raises:
        WeightsError: The file cannot be read or is another.

    Source: https://github.com/opencv/opencv_zoo/tree/main/models/face_detection_yunet
    """

    def __init__(self, weights: Path) -> None:
        try:
            data = weights.read_bytes()
        except OSError as error:
            raise WeightsError(f"Cannot read the weights: {error}.") from error
        verify_digest(weights, data, sha256=SHA256)
        self._network = YuNetNetwork(data)

    def scan(
        self,
        gray: NDArray[np.uint8],
        *,
        min_face_px: int,
        is_thorough: bool,
    ) -> list[Detection]:
        """Search a whole frame; see `FaceDetector.scan`."""
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        side_px = THOROUGH_SIDE_PX if is_thorough and min_face_px < COARSE_FACE_PX else SCAN_SIDE_PX
        reduced = Surroundings.of(gray, whole, sides=1, face_px=side_px)
        found = self._search(reduced, gray)
        return [d for d in distinct(found) if d.box.side >= min_face_px]

    def follow(self, gray: NDArray[np.uint8], box: Box) -> Detection | None:
        """Search around a face; see `FaceDetector.follow`."""
        around = Surroundings.of(gray, box, sides=FOLLOW_SIDES, face_px=FOLLOW_FACE_PX)
        return nearest(self._search(around, gray), box)

    def confirms(self, gray: NDArray[np.uint8], detection: Detection) -> bool:  # noqa: ARG002
        """Agree: YuNet's own confidence is the opinion."""
        return True

    def _search(self, image: Surroundings, gray: NDArray[np.uint8]) -> list[Detection]:
        rows = self._network.find(image.pixels, least_score=LEAST_CONFIDENCE)
        return [_to_detection(row, image, gray) for row in rows]


def _to_detection(
    row: NDArray[np.float32], image: Surroundings, gray: NDArray[np.uint8]
) -> Detection:
    """Translate a row of YuNet: box (4), five landmarks (x, y), confidence.

    The box is laid anew around eyes and mouth, as the Haar cascade would; the larger of both
    measures stands for the size, since one shrinks when a head turns and the other when it nods.
    """
    points = row[4:14].reshape(5, 2) / image.scale + (image.left, image.top)
    eyes, mouth = points[0:2].mean(axis=0), points[3:5].mean(axis=0)
    apart = float(np.hypot(*(points[0] - points[1])))
    side = max((float(mouth[1] - eyes[1])) / (MOUTH_Y - EYES_Y), apart / EYES_APART)
    left = (float(eyes[0] + mouth[0])) / 2 - MIDDLE_X * side
    box = clipped(left, float(eyes[1]) - EYES_Y * side, side, side, gray=gray)
    score = (float(row[14]) - LEAST_CONFIDENCE) / (1 - LEAST_CONFIDENCE)
    return Detection(box, min(max(score, 0.0), 1.0))
