"""Finds faces with one of DeepFace's own detectors, where DeepFace is installed.

The only file that imports deepface. Not for its emotion model: that is a file of weights here.
"""

from __future__ import annotations

import os
import threading
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import cv2

from emotionmap_face.detect import Box, Detection, Surroundings, distinct, nearest
from emotionmap_face.manifest import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

Backend: TypeAlias = Literal["opencv", "ssd", "yunet", "centerface"]
"""DeepFace's detectors that need neither torch nor TensorFlow nor a package of their own."""

FILES: Mapping[Backend, tuple[str, ...]] = MappingProxyType(
    {
        "opencv": (),
        "ssd": ("deploy.prototxt", "res10_300x300_ssd_iter_140000.caffemodel"),
        "yunet": ("face_detection_yunet_2023mar.onnx",),
        "centerface": ("centerface.onnx",),
    }
)
"""What DeepFace would download into its folder of weights; here it must lie there already."""

SCAN_SIDE_PX = 640
"""Longer side of a frame when it is searched, at most."""
SMALLEST_SIDE_PX = 20
"""Images of a smaller side are not searched: no face fits in, and some detectors fail on them."""
FOLLOW_SIDES, FOLLOW_FACE_PX = 2.0, 80

HIGHEST_WEIGHT = 12.0
"""Sum of the last stage of the `opencv` cascade: 4.6-12.5 on faces, half above 8.2."""
SIDE_OF_HEIGHT, MIDDLE_Y = 0.947, -0.03
"""The Haar cascade's square in a network's box: its side by the box's height, and how far its
middle lies from the box's, in sides (YuNet's boxes of 105 faces; the spread is 4 % and 2 %).
"""


def is_installed() -> bool:
    """Tell whether DeepFace can be imported."""
    return find_spec("deepface") is not None


class DeepFaceDetector:
    """One of DeepFace's detectors; fulfils `FaceDetector`.

    Args:
        backend: Which, by DeepFace's name.

    Raises:
        WeightsError: It needs a file that does not lie in DeepFace's folder.

    Source: deepface 0.0.103, `deepface/models/face_detection`.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._client_class = _client_class(backend)
        self._per_thread = threading.local()  # most of them keep a cascade or an input size
        self._client()

    def scan(
        self,
        gray: NDArray[np.uint8],
        *,
        min_face_px: int,
        is_thorough: bool,  # noqa: ARG002 - one search finds all sizes
    ) -> list[Detection]:
        """Search a whole frame; see `FaceDetector.scan`."""
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        longer_px = max(gray.shape)
        image = Surroundings.of(gray, whole, sides=1, face_px=min(longer_px, SCAN_SIDE_PX))
        return [d for d in distinct(self._search(image, gray)) if d.box.side >= min_face_px]

    def follow(self, gray: NDArray[np.uint8], box: Box) -> Detection | None:
        """Search around a face; see `FaceDetector.follow`."""
        around = Surroundings.of(gray, box, sides=FOLLOW_SIDES, face_px=FOLLOW_FACE_PX)
        return nearest(self._search(around, gray), box)

    def confirms(self, gray: NDArray[np.uint8], detection: Detection) -> bool:  # noqa: ARG002
        """Agree: DeepFace has one opinion."""
        return True

    def _search(self, image: Surroundings, gray: NDArray[np.uint8]) -> list[Detection]:
        if min(image.pixels.shape) < SMALLEST_SIDE_PX:
            return []
        areas = self._client().detect_faces(cv2.cvtColor(image.pixels, cv2.COLOR_GRAY2BGR))
        return [
            Detection(
                image.to_frame(self._square(area), gray), _score(self._backend, area.confidence)
            )
            for area in areas
            if area.w > 0 and area.h > 0
        ]

    def _square(self, area: Any) -> Sequence[float]:
        """Return left, top, width, height of a DeepFace area as the Haar cascade would lay it."""
        if self._backend == "opencv":
            return float(area.x), float(area.y), float(area.w), float(area.h)
        side = SIDE_OF_HEIGHT * area.h
        left = area.x + (area.w - side) / 2
        return left, area.y + (area.h - side) / 2 + MIDDLE_Y * side, side, side

    def _client(self) -> Any:
        clients = self._per_thread.__dict__
        if "client" not in clients:
            clients["client"] = self._client_class()
        return clients["client"]


def _score(backend: Backend, confidence: float | None) -> float:
    """Return how sure a detection is, in [0, 1].

    Of `opencv` DeepFace gives 1 minus a hundredth of the cascade's weight: less where it is surer.
    """
    given = float(confidence or 0.0)
    score = 100 * (1 - given) / HIGHEST_WEIGHT if backend == "opencv" else given
    return min(max(score, 0.0), 1.0)


def _client_class(backend: Backend) -> Any:
    """Import DeepFace's class of a detector, which downloads nothing.

    Raises:
        WeightsError: It would download.
    """
    os.environ.setdefault("DEEPFACE_BACKEND_ENGINE", "onnx")  # else it looks for TensorFlow
    os.environ.setdefault("DEEPFACE_LOG_LEVEL", "40")  # it prints to stdout, where our log goes
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from deepface.commons import folder_utils  # type: ignore[import-not-found] # noqa: PLC0415
    from deepface.modules import modeling  # type: ignore[import-not-found] # noqa: PLC0415

    folder = Path(folder_utils.get_deepface_home()) / ".deepface" / "weights"
    for name in FILES[backend]:
        if not (folder / name).is_file():
            raise WeightsError(f"DeepFace's detector {backend} needs {name} in {folder}.")
    return modeling.get_model_class(task="face_detector", model_name=backend)
