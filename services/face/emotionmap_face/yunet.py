"""Finds faces with OpenCV Zoo's YuNet, where its weights are installed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np

from emotionmap_face.detect import Box, Detection, Surroundings, clipped, distinct
from emotionmap_face.manifest import WeightsError, verify_digest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""Of face_detection_yunet_2023mar.onnx, the only weights that are accepted (MIT licence)."""

LEAST_CONFIDENCE = 0.6
"""What YuNet gives less is not reported; half-way from here to 1 is `detect.CERTAIN_SCORE`."""
SUPPRESSION, MOST_CANDIDATES = 0.3, 500
SCAN_SIDE_PX = 320
"""Longer side of a frame when it is searched: faces from 20 px of 640 are found, in 5 ms."""
FOLLOW_SIDES, FOLLOW_FACE_PX, FOLLOW_SIDE_PX = 2.0, 60, 128

EYES_Y, MOUTH_Y, MIDDLE_X, EYES_APART = 0.387, 0.763, 0.495, 0.372
"""Where eyes and mouth lie in the square that the Haar cascade gives (median of 83 faces).

The same within 0.005 in crops of FER2013, so the emotion model sees what it was trained on.
"""


class YuNetDetector:
    """YuNet by cv2.FaceDetectorYN; fulfils `FaceDetector`.

    Args:
        weights: face_detection_yunet_2023mar.onnx.

    Raises:
        WeightsError: The file cannot be read or is another.

    Source: https://github.com/opencv/opencv_zoo/tree/main/models/face_detection_yunet
    """

    def __init__(self, weights: Path) -> None:
        try:
            verify_digest(weights, weights.read_bytes(), sha256=SHA256)
        except OSError as error:
            raise WeightsError(f"Cannot read the weights: {error}.") from error
        self._weights = weights
        self._per_thread = threading.local()

    def scan(
        self,
        gray: NDArray[np.uint8],
        *,
        min_face_px: int,
        is_thorough: bool,  # noqa: ARG002 - one search finds all sizes
    ) -> list[Detection]:
        """Search a whole frame; see `FaceDetector.scan`."""
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        reduced = Surroundings.of(gray, whole, sides=1, face_px=SCAN_SIDE_PX)
        found = self._search(reduced, gray, side_px=SCAN_SIDE_PX)
        return [d for d in distinct(found) if d.box.side >= min_face_px]

    def follow(self, gray: NDArray[np.uint8], box: Box) -> Detection | None:
        """Search around a face; see `FaceDetector.follow`."""
        around = Surroundings.of(gray, box, sides=FOLLOW_SIDES, face_px=FOLLOW_FACE_PX)
        found = self._search(around, gray, side_px=FOLLOW_SIDE_PX)
        best = max(found, key=lambda d: (box.overlap(d.box), d.score), default=None)
        return best if best is not None and box.overlap(best.box) > 0 else None

    def confirms(self, gray: NDArray[np.uint8], detection: Detection) -> bool:  # noqa: ARG002
        """Agree: YuNet's own confidence is the opinion."""
        return True

    def _search(
        self, image: Surroundings, gray: NDArray[np.uint8], *, side_px: int
    ) -> list[Detection]:
        height, width = image.pixels.shape
        square = np.zeros((side_px, side_px), np.uint8)
        square[:height, :width] = image.pixels[:side_px, :side_px]
        _, rows = self._network(side_px).detect(cv2.cvtColor(square, cv2.COLOR_GRAY2BGR))
        return [_to_detection(row, image, gray) for row in (rows if rows is not None else ())]

    def _network(self, side_px: int) -> cv2.FaceDetectorYN:
        """Return this thread's network of one input size; changing the size costs more."""
        networks: dict[str, cv2.FaceDetectorYN] = self._per_thread.__dict__
        if str(side_px) not in networks:
            networks[str(side_px)] = cv2.FaceDetectorYN.create(
                str(self._weights),
                "",
                (side_px, side_px),
                LEAST_CONFIDENCE,
                SUPPRESSION,
                MOST_CANDIDATES,
            )
        return networks[str(side_px)]


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
