"""Judges strategies of the fusion on labelled seconds, by the code that serves. Needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS
from training.faces.data import plurality, read_faces
from training.fusion.seconds import judged_seconds
from training.metrics import accuracy, calibration_error, confusion, unweighted_average_recall

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emotionmap_fusion.fuse import Strategy, Weighing
    from numpy.typing import NDArray

    from training.fusion.seconds import Seconds
    from training.weights import Weights

LEAST_PROBABILITY = 1e-6
"""What a truth that was ruled out counts as in the log-loss."""


def judge_fusion(
    face_weights: Weights,
    voice_weights: Weights,
    faces_path: Path,
    speech_path: Path,
    strategies: Mapping[str, Strategy] | None = None,
) -> dict[str, float | int]:
    """Return the figures of each strategy, and of each model alone.

    Names are `fusion_<figure>_<who>`, `fusion_<figure>_<who>_<set of voices>`, and, for seconds
    in which emotions are as frequent as among the judged faces, `fusion_natural_<figure>_<who>`.
    Figures are accuracy, uar, ece and log_loss; who is `face`, `voice`, the name of a strategy
    for both together, or `<strategy>_face` and `<strategy>_voice` for one alone where the
    strategy changes it.

    Args:
        face_weights: The face model.
        voice_weights: The voice model.
        faces_path: .npz of labelled crops; those that are not for training are used.
        speech_path: Folder of labelled clips; those of test speakers are used.
            Where no emotion has both, there is only `fusion_seconds`, 0.
        strategies: By name; without, those that are shipped.
    """
    if strategies is None:
        strategies = shipped_strategies()
    weighing = mission_weighing(face_weights, voice_weights)
    seconds = judged_seconds(face_weights, voice_weights, faces=faces_path, speech=speech_path)
    figures: dict[str, float | int] = {"fusion_seconds": len(seconds.truth)}
    if not len(seconds.truth):
        return figures
    answers = {"face": seconds.face, "voice": seconds.voice}
    for name, strategy in strategies.items():
        answers |= _answers(name, strategy, seconds, weighing)
    natural = natural_rows(seconds.truth, plurality(read_faces(faces_path)))
    for who, scores in answers.items():
        figures |= figures_of(scores, seconds.truth, prefix="fusion", who=who)
        figures |= figures_of(
            scores[natural], seconds.truth[natural], prefix="fusion_natural", who=who
        )
        for dataset in np.unique(seconds.dataset).tolist():
            rows = seconds.dataset == dataset
            figures |= figures_of(
                scores[rows], seconds.truth[rows], prefix="fusion", who=f"{who}_{dataset}"
            )
    return figures


def shipped_strategies() -> dict[str, Strategy]:
    """Return the strategies that the fusion service has, by name."""
    from emotionmap_fusion.calibration import read_calibration  # noqa: PLC0415
    from emotionmap_fusion.weighted_mean import WeightedMean  # noqa: PLC0415

    return {"weighted_mean": WeightedMean(), "reliability": read_calibration().strategy()}


def mission_weighing(face: Weights, voice: Weights) -> Weighing:
    """Return the defaults of a request, with what two models can express."""
    # Not at the top: the environment that trains has no services.
    from emotionmap_fusion.fuse import Weighing  # noqa: PLC0415

    classes = np.arange(len(LABELS))
    return Weighing(
        face_weight=0.55,
        voice_weight=0.45,
        confidence_floor=0.3,
        min_face_share=0.2,
        min_speech=0.2,
        face_mask=np.isin(classes, face.class_index),
        voice_mask=np.isin(classes, voice.class_index),
    )


def natural_rows(truth: NDArray[np.int64], faces: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the rows to keep so that emotions are as frequent as among faces (-1: not counted)."""
    frequent = np.bincount(faces[faces >= 0], minlength=len(LABELS))
    have = np.bincount(truth, minlength=len(LABELS))
    share = np.divide(frequent, have, out=np.zeros(len(LABELS)), where=have > 0)
    keep = np.round(have * share / share.max()).astype(int)
    return np.concatenate(
        [np.flatnonzero(truth == label)[: keep[label]] for label in range(len(LABELS))]
    )


def figures_of(
    probabilities: NDArray[np.float64], truth: NDArray[np.int64], *, prefix: str, who: str
) -> dict[str, float | int]:
    """Return accuracy, UAR, ECE and log-loss of float64 [N, 7] against int64 [N]."""
    counts = confusion(truth, probabilities.argmax(axis=1), classes=len(LABELS))
    chosen = np.maximum(probabilities[np.arange(len(truth)), truth], LEAST_PROBABILITY)
    return {
        f"{prefix}_accuracy_{who}": accuracy(counts),
        f"{prefix}_uar_{who}": unweighted_average_recall(counts),
        f"{prefix}_ece_{who}": calibration_error(probabilities, truth),
        f"{prefix}_log_loss_{who}": float(-np.log(chosen).mean()),
    }


def _answers(
    name: str, strategy: Strategy, seconds: Seconds, weighing: Weighing
) -> dict[str, NDArray[np.float64]]:
    both = zip(seconds.face, seconds.voice, strict=True)
    answers = {
        name: np.array([strategy.together(*pair, weighing=weighing) for pair in both]),
        f"{name}_face": np.array(
            [strategy.face_alone(face, mask=weighing.face_mask) for face in seconds.face]
        ),
        f"{name}_voice": np.array(
            [strategy.voice_alone(voice, mask=weighing.voice_mask) for voice in seconds.voice]
        ),
    }
    untouched = {f"{name}_face": seconds.face, f"{name}_voice": seconds.voice}
    return {
        who: scores
        for who, scores in answers.items()
        if who not in untouched or not np.array_equal(scores, untouched[who])
    }
