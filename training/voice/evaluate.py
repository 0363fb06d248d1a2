"""Judges a voice model's file on labelled clips, by speaker. Needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS
from training.metrics import class_figures, confusion, unweighted_average_recall
from training.voice.prepare import SAMPLE_RATE_HZ, decode, read_labels, speech_bounds
from training.voice.split import Part, is_known_set, is_speech_set

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from training.voice.prepare import Clip
    from training.weights import Weights

INTERVAL_S = 1.0
CONTEXT_S = 3.0
"""Each interval is scored from this much speech around it, as in the product."""
SHORTEST_S = 0.4
"""The models' shortest input; shorter clips are padded with silence."""
VARIANCE_EPSILON = 1e-7
"""As in `Wav2Vec2FeatureExtractor.zero_mean_unit_var_norm` of transformers."""


def contexts(pcm: NDArray[np.int16]) -> list[NDArray[np.float32]]:
    """Return one float32 [T], zero mean and unit variance, per 1 s interval of int16 [T]."""
    shortest = round(SHORTEST_S * SAMPLE_RATE_HZ)
    if len(pcm) < shortest:
        pcm = np.pad(pcm, (0, shortest - len(pcm)))
    interval, half = round(INTERVAL_S * SAMPLE_RATE_HZ), round(CONTEXT_S * SAMPLE_RATE_HZ / 2)
    waves = []
    for start in range(0, len(pcm), interval):
        middle = (start + min(start + interval, len(pcm))) // 2
        part = pcm[max(0, middle - half) : middle + half].astype(np.float32)
        centred = part - part.mean()
        waves.append(centred / np.sqrt(centred.var() + VARIANCE_EPSILON))
    return waves


def clip_probabilities(weights: Weights, pcm: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return float64 [7] of a clip: the mean log-probability of its intervals, normalised."""
    start, end = speech_bounds(pcm)
    scores = [weights.log_probabilities(wave[None])[0] for wave in contexts(pcm[start:end])]
    shares = np.exp(np.mean(scores, axis=0))
    probabilities = np.zeros(len(LABELS))
    probabilities[weights.class_index] = shares / shares.sum()
    return probabilities


def uar_of(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the UAR of float64 [N, 7] against int64 [N]."""
    return unweighted_average_recall(
        confusion(truth, probabilities.argmax(axis=1), classes=len(LABELS))
    )


def set_figures(
    clips: Sequence[Clip], probabilities: NDArray[np.float64], *, who: str
) -> dict[str, float | int]:
    """Return UAR and number of clips of each set among the clips."""
    figures: dict[str, float | int] = {}
    truth = np.array([clip.emotion for clip in clips], dtype=np.int64)
    datasets = np.array([clip.dataset for clip in clips])
    for name in sorted(set(datasets)):
        rows = datasets == name
        figures[f"voice_uar_{name}_{who}"] = uar_of(probabilities[rows], truth[rows])
        figures[f"voice_clips_{name}_{who}"] = int(rows.sum())
    return figures


def judge_speech(
    weights: Weights, folder: Path, *, all_speakers: bool = False
) -> dict[str, float | int]:
    """Return the figures of a folder with a labels.csv.

    Sets that were trained on are judged on the split's test speakers, other sets on all speakers.
    The mean is over sets of speech. With `all_speakers`, every set is also reported as a whole;
    for sets that were trained on, these figures flatter.
    """
    clips = [clip for clip in read_labels(folder) if all_speakers or clip.part is Part.TEST]
    scores = np.array([clip_probabilities(weights, decode(clip.path)) for clip in clips])
    known = np.array([is_known_set(clip.dataset) for clip in clips])
    judged = np.array([clip.part is Part.TEST for clip in clips])
    speech = np.array([is_speech_set(clip.dataset) for clip in clips])

    figures: dict[str, float | int] = {}
    for rows, who in ((judged & known, "test_speakers"), (~known | all_speakers, "all_speakers")):
        chosen = [clip for clip, wanted in zip(clips, rows, strict=True) if wanted]
        figures |= set_figures(chosen, scores[rows], who=who)
    rows = judged & speech if (judged & speech).any() else judged
    of_sets = set_figures(
        [clip for clip, wanted in zip(clips, rows, strict=True) if wanted], scores[rows], who="set"
    )
    figures["voice_uar_mean"] = float(
        np.mean([value for name, value in of_sets.items() if name.startswith("voice_uar_")])
    )
    truth = np.array([clip.emotion for clip in clips], dtype=np.int64)
    return figures | class_figures(scores[rows], truth[rows], prefix="voice")
