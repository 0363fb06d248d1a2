"""Finds the parameters of the reliability strategy: a conditional logit on log-probabilities.

z = sum over models of (shared exponent + deviation of the emotion) * log p + offset of the emotion,
p(emotion) = softmax(z). Deviations and offsets are held small, so that what few samples of disgust
say cannot carry far. The loss is convex; Newton's method ends in a few steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED_PENALTY = 1e-3
"""Draws shared exponents to 1, where two models say the same and any share of each would do."""
DEVIATION_PENALTY = 0.1
OFFSET_PENALTY = 0.01
"""Half of each times its sum of squares is added to the mean log-loss. Chosen among 0.003 to 0.3
and 0.003 to 0.1 by leaving out, of the watched parts alone, one set of voices and half of the
faces in turn."""
STEPS = 50
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters for M models.

    Attributes:
        exponents: float64 [M, 7].
        offsets: float64 [7].
    """

    exponents: NDArray[np.float64]
    offsets: NDArray[np.float64]


def fit_pool(logs: NDArray[np.float64], truth: NDArray[np.int64]) -> Fit:
    """Return the parameters that make the truth likeliest.

    Args:
        logs: float64 [M, N, 7], log-probabilities of M models, floored.
        truth: int64 [N]; every sample counts alike, so emotions should be balanced.

    Raises:
        ValueError: an exponent would be negative: a model is worse than none.
    """
    models, classes = len(logs), len(LABELS)
    terms = _terms(logs)
    start = np.zeros(terms.shape[-1])
    start[:models] = 1
    penalty = np.concatenate(
        [
            np.full(models, SHARED_PENALTY),
            np.full(models * classes, DEVIATION_PENALTY),
            np.full(classes, OFFSET_PENALTY),
        ]
    )
    found = _newton(terms, truth, penalty=penalty, start=start)
    deviations = found[models : models + models * classes].reshape(models, classes)
    exponents = found[:models, None] + deviations
    if exponents.min() < 0:
        raise ValueError("an exponent would be negative: a model's answers mislead")
    return Fit(exponents, found[models + models * classes :])


def _terms(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64 [N, 7, K]: what each parameter is multiplied with in each class's z."""
    _, samples, classes = logs.shape
    own = np.broadcast_to(np.eye(classes), (samples, classes, classes))
    return np.concatenate(
        [np.moveaxis(logs, 0, -1), *(own * answers[:, :, None] for answers in logs), own], axis=-1
    )


def _newton(
    terms: NDArray[np.float64],
    truth: NDArray[np.int64],
    *,
    penalty: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    chosen = terms[np.arange(len(truth)), truth].mean(axis=0)

    def loss(at: NDArray[np.float64]) -> float:
        return _log_loss(terms, chosen, at) + float(penalty @ (at - start) ** 2) / 2

    point, least = start, loss(start)
    for _ in range(STEPS):
        shares = _softmax(terms @ point)
        means = np.einsum("nc,nck->nk", shares, terms)
        slope = means.mean(axis=0) - chosen + penalty * (point - start)
        weighted = np.einsum("nc,nck->nck", shares, terms).reshape(-1, terms.shape[-1])
        curve = weighted.T @ terms.reshape(-1, terms.shape[-1]) - means.T @ means
        step = np.linalg.solve(curve / len(truth) + np.diag(penalty), slope)
        size = 1.0
        while loss(point - size * step) > least and size > TOLERANCE:
            size /= 2
        point = point - size * step
        before, least = least, loss(point)
        if before - least < TOLERANCE:
            break
    return point


def _log_loss(
    terms: NDArray[np.float64],
    chosen: NDArray[np.float64],
    point: NDArray[np.float64],
) -> float:
    z = terms @ point
    best = z.max(axis=1)
    normaliser = best + np.log(np.exp(z - best[:, None]).sum(axis=1))
    return float(normaliser.mean() - chosen @ point)


def _softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)
