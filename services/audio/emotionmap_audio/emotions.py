"""The vocabulary's order of emotions, and how a model's outputs become distributions in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EMOTIONS = ("Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral")
"""Entry i is the word for the `Emotion` numbered i + 1."""

SMALLEST_PROBABILITY = 1e-9
"""Stands in for zero before the logarithm; far below what a float32 softmax tells apart."""


def to_distributions(
    outputs: NDArray[np.float32], *, labels: Sequence[str], are_logits: bool, temperature: float
) -> NDArray[np.float32]:
    """Turn a model's outputs into distributions over the vocabulary.

    Args:
        outputs: float32 [B, C], logits or probabilities, columns in the order of `labels`.
        labels: The C words of the columns.
        are_logits: Whether `outputs` are logits.
        temperature: Calibration: logits / T; for probabilities the same, p^(1/T) renormalised.

    Returns:
        float32 [B, 7], rows summing to 1; zero where the model has no such class.

    Raises:
        ValueError: An output is not finite.
    """
    if not np.isfinite(outputs).all():
        raise ValueError("the model gave a number that is not finite")
    wide = outputs.astype(np.float64)
    logits = wide if are_logits else np.log(np.maximum(wide, SMALLEST_PROBABILITY))
    logits = logits / temperature
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    distributions = np.zeros((len(outputs), len(EMOTIONS)), np.float32)
    distributions[:, [EMOTIONS.index(label) for label in labels]] = shares
    return distributions
