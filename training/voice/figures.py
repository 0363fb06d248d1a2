"""Figures of judged clips: by set, by language, by gender, of bursts, and of calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.bootstrap import interval_figures, stratum
from training.emotions import LABELS
from training.metrics import (
    accuracy,
    calibration_error,
    calibration_figures,
    class_figures,
    confusion,
    cooled,
    unweighted_average_recall,
)
from training.voice.speakers import MEN, WOMEN, gender_of
from training.voice.split import Part, is_known_set, is_speech_set

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from training.bootstrap import Stratum
    from training.voice.prepare import Clip

    Figures = dict[str, float | int]
    Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Judged:
    """Clips and what one model says of them.

    Attributes:
        clips: [N], the clips.
        logs: float64 [N, 7], mean log-probability of each clip's intervals at temperature 1.
        interval_clip: int64 [M], place of each interval's clip.
        interval_logs: float64 [M, 7], log-probabilities of the intervals at temperature 1.
        temperature: the one of the manifest.
        trained_on: the sets whose training speakers the model has learned from.
    """

    clips: tuple[Clip, ...]
    logs: NDArray[np.float64]
    interval_clip: NDArray[np.int64]
    interval_logs: NDArray[np.float64]
    temperature: float
    trained_on: frozenset[str]

    @property
    def truth(self) -> NDArray[np.int64]:
        """int64 [N], the labelled class."""
        return np.array([clip.emotion for clip in self.clips], dtype=np.int64)

    @property
    def found(self) -> NDArray[np.int64]:
        """int64 [N], the likeliest class."""
        return np.asarray(self.logs.argmax(axis=1), dtype=np.int64)

    def column(self, name: str) -> NDArray[np.str_]:
        """Return str [N]: dataset, speaker or language of each clip."""
        return np.array([getattr(clip, name) for clip in self.clips])

    def where(self, *wanted: NDArray[np.bool_]) -> Rows:
        """Return the rows for which all of bool [N] hold."""
        return np.flatnonzero(np.logical_and.reduce(wanted))

    @property
    def test(self) -> NDArray[np.bool_]:
        """Whether the split judges the speaker, bool [N]."""
        return np.array([clip.part is Part.TEST for clip in self.clips])

    @property
    def speech(self) -> NDArray[np.bool_]:
        """Whether the clip is speech, bool [N]."""
        return np.array([is_speech_set(clip.dataset) for clip in self.clips])

    def sets(self, rows: Rows) -> list[Rows]:
        """Return the rows of each set among the rows."""
        dataset = self.column("dataset")[rows]
        return [rows[dataset == name] for name in sorted(set(dataset))]

    def uar(self, rows: Rows) -> float:
        """Return the UAR of the rows."""
        counts = confusion(self.truth[rows], self.found[rows], classes=len(LABELS))
        return unweighted_average_recall(counts)


def of_rows(judged: Judged, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities float64 [n, 7] and truth int64 [n] of the rows."""
    return cooled(judged.logs[rows], judged.temperature), judged.truth[rows]


def interval_of_uar(judged: Judged, name: str, sets: list[Rows]) -> dict[str, float]:
    """Return the 95 % interval of the mean UAR over sets; speakers are drawn within their set."""
    truth, found, speaker = judged.truth, judged.found, judged.column("speaker")
    place = np.zeros(len(truth), dtype=np.int64)
    for number, rows in enumerate(sets):
        place[rows] = number
    classes, cells = len(LABELS), len(LABELS) ** 2

    def mean_uar(rows: Rows) -> float:
        flat = (place[rows] * classes + truth[rows]) * classes + found[rows]
        counts = np.bincount(flat, minlength=len(sets) * cells).reshape(-1, classes, classes)
        return float(np.mean([unweighted_average_recall(part) for part in counts]))

    strata: list[Stratum] = [stratum(rows, speaker[rows]) for rows in sets]
    return interval_figures(name, mean_uar, strata)


def set_figures(judged: Judged, rows: Rows, *, name: str, who: str) -> Figures:
    """Return the figures of each set among the rows."""
    figures: Figures = {}
    for part in judged.sets(rows):
        dataset = judged.clips[part[0]].dataset
        end = f"{dataset}_{who}"
        probabilities, truth = of_rows(judged, part)
        counts = confusion(truth, probabilities.argmax(axis=1), classes=len(LABELS))
        figures |= {
            f"{name}_uar_{end}": judged.uar(part),
            **interval_of_uar(judged, f"{name}_uar_{end}", [part]),
            f"{name}_accuracy_{end}": accuracy(counts),
            f"{name}_ece_{end}": calibration_error(probabilities, truth),
            f"{name}_clips_{end}": len(part),
            f"{name}_speakers_{end}": len(set(judged.column("speaker")[part])),
        }
    return figures


def mean_figures(judged: Judged, rows: Rows, *, name: str) -> Figures:
    """Return the mean over sets: UAR with its interval, and ECE before and after."""
    sets = judged.sets(rows)
    before = [
        calibration_error(cooled(judged.logs[part], 1.0), judged.truth[part]) for part in sets
    ]
    after = [calibration_error(*of_rows(judged, part)) for part in sets]
    return {
        f"{name}_uar_mean": float(np.mean([judged.uar(part) for part in sets])),
        **interval_of_uar(judged, f"{name}_uar_mean", sets),
        f"{name}_ece_mean": float(np.mean(after)),
        f"{name}_ece_mean_before": float(np.mean(before)),
    }


def language_figures(judged: Judged, rows: Rows, *, name: str) -> Figures:
    """Return UAR and number of clips of each language among the rows."""
    figures: Figures = {}
    languages = judged.column("language")
    for language in sorted(set(languages[rows])):
        part = rows[languages[rows] == language]
        figures[f"{name}_uar_language_{language}"] = judged.uar(part)
        figures[f"{name}_clips_language_{language}"] = len(part)
    return figures


def gender_figures(judged: Judged, rows: Rows, *, name: str) -> Figures:
    """Return UAR of women and men in each set that documents them.

    `NAME_uar_women` and `NAME_uar_men` are means over the sets that have both: then the sets,
    which differ far more than the genders, are the same on both sides.
    """
    figures: Figures = {}
    both: list[tuple[float, float]] = []
    gender = np.array([gender_of(clip.dataset, clip.speaker) for clip in judged.clips])
    for part in judged.sets(rows):
        dataset, found = judged.clips[part[0]].dataset, {}
        for group in (WOMEN, MEN):
            chosen = part[gender[part] == group]
            if len(chosen):
                found[group] = judged.uar(chosen)
                figures[f"{name}_uar_{dataset}_{group}"] = found[group]
                figures[f"{name}_clips_{dataset}_{group}"] = len(chosen)
        if len(found) == 2:
            both.append((found[WOMEN], found[MEN]))
    if both:
        women, men = np.mean(both, axis=0)
        figures |= {f"{name}_uar_women": float(women), f"{name}_uar_men": float(men)}
    return figures


def pooled_figures(judged: Judged, rows: Rows, *, name: str) -> Figures:
    """Return the figures of all rows together, whole clips."""
    probabilities, truth = of_rows(judged, rows)
    return class_figures(probabilities, truth, prefix=name) | calibration_figures(
        judged.logs[rows], truth, temperature=judged.temperature, prefix=name
    )


def second_figures(judged: Judged, rows: Rows, *, name: str) -> Figures:
    """Return the figures of the intervals of the rows: what the product shows, second by second."""
    chosen = np.isin(judged.interval_clip, rows)
    logs, truth = judged.interval_logs[chosen], judged.truth[judged.interval_clip[chosen]]
    counts = confusion(truth, logs.argmax(axis=1), classes=len(LABELS))
    return {
        f"{name}_interval_samples": len(truth),
        f"{name}_interval_accuracy": accuracy(counts),
        f"{name}_interval_uar": unweighted_average_recall(counts),
    } | calibration_figures(logs, truth, temperature=judged.temperature, prefix=f"{name}_interval")


def unseen_figures(judged: Judged, *, name: str, all_speakers: bool) -> Figures:
    """Return the figures of whole sets: those that the model has not learned from, or all."""
    dataset = judged.column("dataset")
    unseen = ~np.isin(dataset, sorted(judged.trained_on))
    wanted = unseen | all_speakers
    figures = set_figures(judged, np.flatnonzero(wanted), name=name, who="all_speakers")
    sets = judged.sets(judged.where(unseen, judged.speech))
    if sets:
        figures[f"{name}_uar_unseen_mean"] = float(np.mean([judged.uar(part) for part in sets]))
        figures |= interval_of_uar(judged, f"{name}_uar_unseen_mean", sets)
    return figures


def speech_figures(judged: Judged, *, name: str, all_speakers: bool) -> Mapping[str, float | int]:
    """Return every figure of a voice model under flat names that start with its name."""
    known = np.array([is_known_set(clip.dataset) for clip in judged.clips])
    rows = judged.where(judged.test, judged.speech)
    rows = rows if len(rows) else np.flatnonzero(judged.test)
    bursts = judged.where(judged.test, ~judged.speech)
    figures = set_figures(judged, judged.where(judged.test, known), name=name, who="test_speakers")
    figures |= unseen_figures(judged, name=name, all_speakers=all_speakers)
    figures |= mean_figures(judged, rows, name=name)
    figures |= pooled_figures(judged, rows, name=name)
    figures[f"{name}_temperature"] = judged.temperature
    figures |= second_figures(judged, rows, name=name)
    figures |= language_figures(judged, rows, name=name)
    figures |= gender_figures(judged, rows, name=name)
    if len(bursts):
        figures |= pooled_figures(judged, bursts, name=f"{name}_bursts")
        figures |= interval_of_uar(judged, f"{name}_bursts_uar", [bursts])
    return figures
