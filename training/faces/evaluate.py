"""Judges a face model's file on labelled crops. Needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.bootstrap import interval_figures, ungrouped
from training.emotions import LABELS
from training.faces.data import plurality, read_faces
from training.faces.spoil import SPOILERS, spoiled
from training.metrics import (
    TINY_SHARE,
    accuracy,
    calibration_figures,
    class_figures,
    confusion,
    cooled,
    unweighted_average_recall,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from training.faces.data import FaceSet
    from training.weights import Weights

    Figures = dict[str, float | int]

BATCH = 256


def face_probabilities(
    weights: Weights, pixels: NDArray[np.uint8], *, temperature: float | None = None
) -> NDArray[np.float64]:
    """Return float64 [N, 7] in the order of `LABELS` for uint8 [N, 48, 48] crops.

    The temperature is the manifest's unless another is given.
    """
    parts = []
    for start in range(0, len(pixels), BATCH):
        images = (pixels[start : start + BATCH, :, :, None] / 255).astype(np.float32)
        parts.append(np.exp(weights.log_probabilities(images, temperature=temperature)))
    probabilities = np.zeros((len(pixels), len(LABELS)))
    probabilities[:, weights.class_index] = np.concatenate(parts)
    return probabilities


def held_out_faces(path: Path) -> FaceSet:
    """Return the faces that are not for training, or all of a file that has only such."""
    faces = read_faces(path)
    judged = faces.usage != "Training"
    return faces.take(judged) if judged.any() else faces


def spoiled_figures(weights: Weights, faces: FaceSet, *, name: str) -> Figures:
    """Return accuracy and UAR of clear faces that were spoiled in each way."""
    truth, figures = plurality(faces), dict[str, float | int]()
    for how in SPOILERS:
        found = face_probabilities(weights, spoiled(faces.pixels, how)).argmax(axis=1)
        counts = confusion(truth, found, classes=len(LABELS))
        figures[f"{name}_accuracy_{how}"] = accuracy(counts)
        figures[f"{name}_uar_{how}"] = unweighted_average_recall(counts)
    return figures


def judge_faces(weights: Weights, path: Path, *, name: str = "face") -> Figures:
    """Return the figures of all faces with a clear plurality that are not for training.

    `NAME_fer2013_accuracy` alone is of all of them, against the noisy label of FER2013, as most
    published figures are. A file without any row of another usage than Training is judged as a
    whole. Intervals resample images.
    """
    faces = held_out_faces(path)
    plain_output = face_probabilities(
        weights, faces.pixels, temperature=1 / weights.temperature_in_graph
    )
    clear = plurality(faces) >= 0
    truth = plurality(faces)[clear]
    logs = np.log(np.maximum(plain_output[clear], TINY_SHARE))
    temperature = float(weights.manifest["temperature"]) * weights.temperature_in_graph
    probabilities = cooled(logs, temperature)
    found = probabilities.argmax(axis=1)

    def counts(rows: NDArray[np.intp]) -> NDArray[np.int64]:
        return confusion(truth[rows], found[rows], classes=len(LABELS))

    strata = ungrouped(len(truth))
    return (
        class_figures(probabilities, truth, prefix=name)
        | interval_figures(f"{name}_accuracy", lambda rows: accuracy(counts(rows)), strata)
        | interval_figures(
            f"{name}_uar", lambda rows: unweighted_average_recall(counts(rows)), strata
        )
        | {f"{name}_temperature": temperature}
        | calibration_figures(logs, truth, temperature=temperature, prefix=name)
        | {
            f"{name}_fer2013_samples": len(faces.label),
            f"{name}_fer2013_accuracy": float((plain_output.argmax(axis=1) == faces.label).mean()),
        }
        | spoiled_figures(weights, faces.take(clear), name=name)
    )
