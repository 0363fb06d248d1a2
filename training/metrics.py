"""How well labels and probabilities agree with the truth. Pure functions of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALIBRATION_BINS = 15
"""Bins of the calibration error. Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599."""
TEMPERATURES = np.round(np.arange(0.3, 2.005, 0.01), 2)
"""Temperatures that are tried: outside of them a model is broken, not miscalibrated."""

TINY_SHARE = 1e-9
"""Keeps the logarithm of a share finite."""


def confusion(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], *, classes: int
) -> NDArray[np.int64]:
    """Return int64 [classes, classes]: rows are the truth, columns the prediction."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def recalls(counts: NDArray[np.number]) -> NDArray[np.float64]:
    """Return float64 [classes]: recall per class, NaN for a class that is not in the truth.

    Args:
        counts: [classes, classes], a confusion matrix in samples or in seconds.
    """
    totals = counts.sum(axis=1)
    return np.where(totals > 0, np.diag(counts) / np.where(totals > 0, totals, 1), np.nan)


def unweighted_average_recall(counts: NDArray[np.number]) -> float:
    """Return the mean recall over the classes that occur in the truth (UAR)."""
    present = counts.sum(axis=1) > 0
    return float(recalls(counts)[present].mean()) if present.any() else float("nan")


def accuracy(counts: NDArray[np.number]) -> float:
    """Return the share of right predictions.

    On FER+ it is the plurality accuracy: the truth is the class most annotators chose.
    """
    return float(np.trace(counts) / counts.sum()) if counts.sum() else float("nan")


def calibration_error(probabilities: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Return the expected calibration error (ECE) of the top class.

    Args:
        probabilities: float [N, classes], rows summing to 1.
        truth: int64 [N].

    Returns:
        The mean over samples of |confidence - accuracy| of the sample's confidence bin, in [0, 1].
    """
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=confidence - hit, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(truth))


def reliability(
    probabilities: NDArray[np.floating], truth: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return float64 [15, 3]: samples, mean confidence and accuracy of each bin of confidence.

    Args:
        probabilities: float [N, classes], rows summing to 1.
        truth: int64 [N].

    Returns:
        One row per bin, in order of confidence; confidence and accuracy are NaN in empty bins.
    """
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    counts, sure, right = (
        np.bincount(bins, weights=weights, minlength=CALIBRATION_BINS)
        for weights in (None, confidence, hit)
    )
    filled = np.where(counts > 0, counts, np.nan)
    return np.column_stack([counts, sure / filled, right / filled]).astype(np.float64)


def cooled(log_probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Return float64 [N, classes]: the distributions that a temperature makes of log p."""
    scaled = np.asarray(log_probabilities, dtype=np.float64) / temperature
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def fit_temperature(log_probabilities: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Return the temperature T for which softmax(log p / T) is likeliest to give the truth.

    Args:
        log_probabilities: float [N, classes], or logits, of samples that were not learned from.
        truth: int64 [N].

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599.
    """
    losses = []
    for temperature in TEMPERATURES:
        scaled = log_probabilities / temperature
        shifted = scaled - scaled.max(axis=1, keepdims=True)
        chosen = shifted[np.arange(len(truth)), truth]
        losses.append(np.mean(np.log(np.exp(shifted).sum(axis=1)) - chosen))
    return float(TEMPERATURES[int(np.argmin(losses))])


def macro_f1(counts: NDArray[np.number]) -> float:
    """Return the mean F1 over the classes that occur in the truth.

    Args:
        counts: [classes, classes], a confusion matrix with the truth in rows.
    """
    present = counts.sum(axis=1) > 0
    both = counts.sum(axis=1) + counts.sum(axis=0)
    scores = 2 * np.diag(counts)[present] / both[present]
    return float(scores.mean()) if present.any() else float("nan")


def calibration_figures(
    log_probabilities: NDArray[np.floating],
    truth: NDArray[np.int64],
    *,
    temperature: float,
    prefix: str,
) -> dict[str, float | int]:
    """Return how well confidence agrees with accuracy, before and after the temperature.

    Args:
        log_probabilities: float [N, classes], as the model gives them: at temperature 1.
        truth: int64 [N].
        temperature: the one of the model's manifest.
        prefix: first word of every name: `face_ece`, `face_ece_before`, `face_nll`,
            `face_reliability_07_confidence`, `face_reliability_before_07_samples`.
    """
    figures: dict[str, float | int] = {}
    for suffix, used in (("", temperature), ("_before", 1.0)):
        probabilities = cooled(log_probabilities, used)
        chosen = np.maximum(probabilities[np.arange(len(truth)), truth], TINY_SHARE)
        figures[f"{prefix}_ece{suffix}"] = calibration_error(probabilities, truth)
        figures[f"{prefix}_nll{suffix}"] = float(-np.log(chosen).mean())
        for number, (samples, sure, right) in enumerate(reliability(probabilities, truth)):
            if samples:
                name = f"{prefix}_reliability{suffix}_{number:02d}"
                figures[f"{name}_samples"] = int(samples)
                figures[f"{name}_confidence"] = float(sure)
                figures[f"{name}_accuracy"] = float(right)
    return figures


def class_figures(
    probabilities: NDArray[np.floating], truth: NDArray[np.int64], *, prefix: str
) -> dict[str, float | int]:
    """Return every figure of one judged set under flat names.

    Args:
        probabilities: float [N, 7], in the order of `LABELS`.
        truth: int64 [N].
        prefix: first word of every name: `face_accuracy`, `face_recall_anger`,
            `face_confusion_anger_as_fear`.
    """
    counts = confusion(truth, probabilities.argmax(axis=1), classes=len(LABELS))
    figures: dict[str, float | int] = {
        f"{prefix}_samples": len(truth),
        f"{prefix}_accuracy": accuracy(counts),
        f"{prefix}_uar": unweighted_average_recall(counts),
        f"{prefix}_macro_f1": macro_f1(counts),
        f"{prefix}_ece": calibration_error(probabilities, truth),
    }
    for row, (name, recall) in enumerate(zip(LABELS, recalls(counts), strict=True)):
        if not counts[row].any():
            continue
        figures[f"{prefix}_recall_{name.lower()}"] = float(recall)
        for column, label in enumerate(LABELS):
            figures[f"{prefix}_confusion_{name.lower()}_as_{label.lower()}"] = int(
                counts[row, column]
            )
    return figures
