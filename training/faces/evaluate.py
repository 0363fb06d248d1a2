"""Judges a face model's file on labelled crops. Needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS
from training.faces.data import plurality, read_faces
from training.metrics import class_figures

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from training.weights import Weights

BATCH = 256


def face_probabilities(weights: Weights, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return float64 [N, 7] in the order of `LABELS` for uint8 [N, 48, 48] crops."""
    images = (pixels[..., None] / 255).astype(np.float32)
    parts = [
        np.exp(weights.log_probabilities(images[start : start + BATCH]))
        for start in range(0, len(images), BATCH)
    ]
    probabilities = np.zeros((len(images), len(LABELS)))
    probabilities[:, weights.class_index] = np.concatenate(parts)
    return probabilities


def judge_faces(weights: Weights, path: Path) -> dict[str, float | int]:
    """Return the figures of all faces with a clear plurality that are not for training.

    A file without any row of another usage than Training is judged as a whole.
    """
    faces = read_faces(path)
    judged = faces.usage != "Training"
    faces = faces.take(judged) if judged.any() else faces
    truth = plurality(faces)
    clear = truth >= 0
    probabilities = face_probabilities(weights, faces.pixels[clear])
    return class_figures(probabilities, truth[clear], prefix="face")
