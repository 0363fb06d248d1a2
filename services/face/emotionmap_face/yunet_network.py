"""Runs YuNet's graph with onnxruntime and decodes what comes out.

Not for choosing what part of a frame to search, nor for what a face's box is; see `yunet.py`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from emotionmap_face.manifest import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

STRIDES_PX = (8, 16, 32)
"""Distances of the grid points, from each of which the graph tells of one face."""
PAD_PX = STRIDES_PX[-1]
"""Inputs are padded with black to a multiple of this, as cv2.FaceDetectorYN does."""
POINTS = 5
SUPPRESSION = 0.3
"""Of two boxes that share this much of their union, only the surer one stays."""
MOST_CANDIDATES = 500

FIXED_SHAPE = b"\x0a\x03\x08\x80\x05\x0a\x03\x08\x80\x05"
"""The input's height and width in the file: two ONNX dimensions of the value 640."""
FREE_SHAPE = b"\x0a\x03\x12\x01h\x0a\x03\x12\x01w"
"""The same dimensions by name. All layers take any size; only these two numbers forbid it."""
ERRORS_ONLY = 3
"""The outputs' declared sizes are those of 640 x 640, of which onnxruntime would warn each time."""


class YuNetNetwork:
    """YuNet's graph; safe for any thread.

    Args:
        data: Bytes of face_detection_yunet_2023mar.onnx.

    Raises:
        WeightsError: It is no such graph.

    Source: `FaceDetectorYN` of OpenCV 4.14, whose results a test compares with these.
    """

    def __init__(self, data: bytes) -> None:
        # onnxruntime >= 1.29 reports usage unless told not to.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime  # noqa: PLC0415 - after the line above, and no heavy import before use

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # streams run side by side
        options.log_severity_level = ERRORS_ONLY
        try:
            self._session: Any = onnxruntime.InferenceSession(
                data.replace(FIXED_SHAPE, FREE_SHAPE), options, providers=["CPUExecutionProvider"]
            )
            self._names = [output.name for output in self._session.get_outputs()]
            self.find(np.zeros((PAD_PX, PAD_PX), np.uint8), least_score=1)
        except Exception as error:  # onnxruntime's errors share no base but Exception
            raise WeightsError(f"The weights are not YuNet's: {error}") from error

    def find(self, gray: NDArray[np.uint8], *, least_score: float) -> NDArray[np.float32]:
        """Search an image.

        Args:
            gray: uint8 [H, W].
            least_score: Faces of a lower score are left out, in (0, 1].

        Returns:
            float32 [N, 15], the surest first, in px: left, top, width, height, then x and y of
            right eye, left eye, nose, right and left corner of the mouth (of the person), then the
            score. Boxes may end outside the image.
        """
        height, width = (-(-edge // PAD_PX) * PAD_PX for edge in gray.shape)
        pixels = np.zeros((1, 3, height, width), np.float32)
        pixels[:, :, : gray.shape[0], : gray.shape[1]] = gray
        outputs = dict(zip(self._names, self._session.run(None, {"input": pixels}), strict=True))
        rows = [_rows(outputs, stride, width // stride, least_score) for stride in STRIDES_PX]
        return _suppressed(np.concatenate(rows))


def _rows(
    outputs: Mapping[str, NDArray[np.float32]], stride_px: int, columns: int, least_score: float
) -> NDArray[np.float32]:
    """Decode the faces of one grid; see `YuNetNetwork.find` for the rows."""
    part = {name: outputs[f"{name}_{stride_px}"][0] for name in ("cls", "obj", "bbox", "kps")}
    scores = np.sqrt(part["cls"][:, 0].clip(0, 1) * part["obj"][:, 0].clip(0, 1))
    [sure] = np.nonzero(scores >= least_score)
    at = np.stack((sure % columns, sure // columns), axis=1)
    box = part["bbox"][sure]
    middle, size = (at + box[:, :2]) * stride_px, np.exp(box[:, 2:]) * stride_px
    points = (np.tile(at, POINTS) + part["kps"][sure]) * stride_px
    rows = np.concatenate((middle - size / 2, size, points, scores[sure, np.newaxis]), axis=1)
    return rows.astype(np.float32)


def _suppressed(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keep the surest of the rows that are of one face; the surest first."""
    rows = rows[np.argsort(-rows[:, -1], kind="stable")[:MOST_CANDIDATES]]
    start, end = rows[:, 0:2], rows[:, 0:2] + rows[:, 2:4]
    area = rows[:, 2] * rows[:, 3]
    kept: list[int] = []
    left = np.arange(len(rows))
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        shared = np.minimum(end[best], end[left]) - np.maximum(start[best], start[left])
        both = shared.clip(0).prod(axis=1)
        left = left[both <= SUPPRESSION * (area[best] + area[left] - both)]
    return rows[kept]
