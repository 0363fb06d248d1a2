"""Judges a voice model's file on labelled clips, by speaker. Needs no torch."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS
from training.metrics import TINY_SHARE
from training.voice.figures import Judged, speech_figures
from training.voice.prepare import SAMPLE_RATE_HZ, decode, read_labels, speech_bounds
from training.voice.speakers import trained_on
from training.voice.split import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
BATCH = 32


@dataclass(frozen=True, slots=True)
class IntervalScores:
    """What a model says of the intervals of clips.

    Attributes:
        clip: int64 [intervals], place of its clip.
        logs: float64 [intervals, 7], log-probabilities at temperature 1 in the order of `LABELS`.
    """

    clip: NDArray[np.int64]
    logs: NDArray[np.float64]

    def of_clips(self) -> NDArray[np.float64]:
        """Return float64 [clips, 7]: the mean of each clip's intervals."""
        counts = np.bincount(self.clip)
        sums = np.zeros((len(counts), self.logs.shape[1]))
        np.add.at(sums, self.clip, self.logs)
        return sums / counts[:, None]


def padded(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return int16 [T], made long enough for the models with silence."""
    shortest = round(SHORTEST_S * SAMPLE_RATE_HZ)
    return np.pad(pcm, (0, shortest - len(pcm))) if len(pcm) < shortest else pcm


def trimmed(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return what is left of int16 [T] without silence at both ends, long enough for a model."""
    start, end = speech_bounds(pcm)
    return padded(pcm[start:end])


def cuts(length: int) -> list[slice]:
    """Return the context of each 1 s interval of so many samples."""
    interval, half = round(INTERVAL_S * SAMPLE_RATE_HZ), round(CONTEXT_S * SAMPLE_RATE_HZ / 2)
    middles = [(start + min(start + interval, length)) // 2 for start in range(0, length, interval)]
    return [slice(max(0, middle - half), min(length, middle + half)) for middle in middles]


def normalized(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return float32 [T], zero mean and unit variance, of int16 [T]."""
    values = pcm.astype(np.float32)
    centred = values - values.mean()
    return np.asarray(centred / np.sqrt(centred.var() + VARIANCE_EPSILON), dtype=np.float32)


def contexts(pcm: NDArray[np.int16]) -> list[NDArray[np.float32]]:
    """Return one float32 [T], zero mean and unit variance, per 1 s interval of int16 [T]."""
    pcm = padded(pcm)
    return [normalized(pcm[cut]) for cut in cuts(len(pcm))]


def clip_probabilities(weights: Weights, pcm: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return float64 [7] of a clip: the mean log-probability of its intervals, normalised."""
    start, end = speech_bounds(pcm)
    scores = [weights.log_probabilities(wave[None])[0] for wave in contexts(pcm[start:end])]
    shares = np.exp(np.mean(scores, axis=0))
    probabilities = np.zeros(len(LABELS))
    probabilities[weights.class_index] = shares / shares.sum()
    return probabilities


def score_intervals(weights: Weights, voices: Sequence[NDArray[np.int16]]) -> IntervalScores:
    """Return the scores of all intervals of voices int16 [T], contexts of one length together."""
    places = [(clip, cut) for clip, pcm in enumerate(voices) for cut in cuts(len(pcm))]
    alike: dict[int, list[int]] = defaultdict(list)
    for row, (_, cut) in enumerate(places):
        alike[cut.stop - cut.start].append(row)
    logs = np.full((len(places), len(LABELS)), np.log(TINY_SHARE))
    for rows in alike.values():
        for first in range(0, len(rows), BATCH):
            part = rows[first : first + BATCH]
            waves = np.stack([normalized(voices[places[row][0]][places[row][1]]) for row in part])
            found = weights.log_probabilities(waves, temperature=1.0)
            logs[np.array(part)[:, None], weights.class_index] = found
    return IntervalScores(np.array([clip for clip, _ in places], dtype=np.int64), logs)


class Voices:
    """Decodes each clip once, however many models hear it."""

    def __init__(self) -> None:
        """Start with no clip."""
        self._speech: dict[Path, NDArray[np.int16]] = {}

    def of(self, clip: Clip) -> NDArray[np.int16]:
        """Return int16 [T]: the clip's speech."""
        if clip.path not in self._speech:
            self._speech[clip.path] = trimmed(decode(clip.path))
        return self._speech[clip.path]


def judge_speech(
    weights: Weights,
    folder: Path,
    *,
    all_speakers: bool = False,
    name: str = "voice",
    voices: Voices | None = None,
) -> Mapping[str, float | int]:
    """Return the figures of a folder with a labels.csv.

    Every set is judged on the split's test speakers; a set that the model has not learned from
    also on all speakers. The mean is over sets of speech. With `all_speakers`, every set is also
    reported as a whole; for sets that were trained on, these figures flatter.

    Args:
        weights: the model.
        folder: of the clips.
        all_speakers: also report whole sets.
        name: first word of the figures.
        voices: keeps what was decoded for another model.
    """
    known = trained_on(weights.manifest)
    clips = [
        clip
        for clip in read_labels(folder)
        if all_speakers or clip.part is Part.TEST or clip.dataset not in known
    ]
    voices = voices or Voices()
    scores = score_intervals(weights, [voices.of(clip) for clip in clips])
    judged = Judged(
        clips=tuple(clips),
        logs=scores.of_clips(),
        interval_clip=scores.clip,
        interval_logs=scores.logs,
        temperature=float(weights.manifest["temperature"]),
        trained_on=known,
    )
    return speech_figures(judged, name=name, all_speakers=all_speakers)
