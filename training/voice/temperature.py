"""Fits a voice model's temperature on the speakers that were watched, never on judged ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.metrics import fit_temperature
from training.voice.evaluate import clip_probabilities
from training.voice.prepare import decode
from training.voice.split import Part, is_speech_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.voice.prepare import Clip
    from training.weights import Weights

TEMPERATURE_RANGE = (0.9, 1.5)
"""Few validation speakers fit a temperature badly: it only nudges."""
TINY_SHARE = 1e-9
"""Keeps the logarithm of a share finite."""


def watched_clips(clips: Sequence[Clip]) -> list[Clip]:
    """Return the clips of validation speakers of sets of speech."""
    return [clip for clip in clips if clip.part is Part.VALIDATION and is_speech_set(clip.dataset)]


def mean_temperature(fitted: Sequence[float]) -> float:
    """Return the geometric mean of temperatures within the range; 1 if there is none."""
    mean = np.exp(np.mean(np.log(fitted))) if len(fitted) else 1.0
    return round(float(np.clip(mean, *TEMPERATURE_RANGE)), 2)


def calibrated_temperature(weights: Weights, clips: Sequence[Clip]) -> float:
    """Return the temperature that fits validation speakers: the geometric mean over sets of speech.

    Each set counts once, however many clips it has; clips of a class that the model lacks tell
    nothing.
    """
    watched = [clip for clip in watched_clips(clips) if clip.emotion in weights.class_index]
    fitted = []
    for name in sorted({clip.dataset for clip in watched}):
        chosen = [clip for clip in watched if clip.dataset == name]
        shares = np.array([clip_probabilities(weights, decode(clip.path)) for clip in chosen])
        truth = np.array([clip.emotion for clip in chosen], dtype=np.int64)
        fitted.append(fit_temperature(np.log(np.maximum(shares, TINY_SHARE)), truth))
    return mean_temperature(fitted)
