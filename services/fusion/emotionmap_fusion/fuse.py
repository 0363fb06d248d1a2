"""Decides on one interval from what faces and voices say. Pure; knows no time and no stream."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from emotionmap_fusion.evidence import Mask, Scores

UNSURE: Final = 0
"""Number of no emotion (`EMOTION_UNSPECIFIED`)."""


class Evidence(Enum):
    """Which evidence decided."""

    NONE = "none"
    FACE = "face"
    VOICE = "voice"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Weighing:
    """How evidence is weighed.

    Args:
        face_weight: In [0, 1]; faces of weight 0 are no evidence.
        voice_weight: In [0, 1]; voices of weight 0 are no evidence. Not both 0.
        confidence_floor: Best probability below which the decision is Unsure, in [0, 1).
        min_face_share: Least share of frames that must show a valid face, in [0, 1].
        min_speech: Least share of speech, in [0, 1].
        face_mask: Emotions that the face model can express.
        voice_mask: Emotions that the voice model can express.
    """

    face_weight: float
    voice_weight: float
    confidence_floor: float
    min_face_share: float
    min_speech: float
    face_mask: Mask
    voice_mask: Mask


@dataclass(frozen=True, slots=True)
class Decision:
    """What an interval came to.

    `emotion` is 1..E, or UNSURE. `confidence` is the probability of the best emotion, also if it
    was too low to decide; 0 without evidence. `scores` is None without evidence.
    """

    emotion: int
    confidence: float
    evidence: Evidence
    scores: Scores | None


class Strategy(Protocol):
    """Turns what the models say into the probabilities that decide."""

    def face_alone(self, face: Scores, *, mask: Mask) -> Scores:
        """Return float64 [E], sum 1, where only faces count; 0 outside of their mask."""

    def voice_alone(self, voice: Scores, *, mask: Mask) -> Scores:
        """Return float64 [E], sum 1, where only voices count; 0 outside of their mask."""

    def together(self, face: Scores, voice: Scores, *, weighing: Weighing) -> Scores:
        """Return float64 [E], sum 1, where both count.

        Args:
            face: float64 [E], sum 1, 0 outside of the faces' mask.
            voice: float64 [E], sum 1, 0 outside of the voices' mask.
            weighing: Masks, and weights greater than 0.
        """


def decide(
    face: Scores | None, voice: Scores | None, *, weighing: Weighing, strategy: Strategy
) -> Decision:
    """Decide from the evidence that counts.

    Args:
        face: float64 [E], sum 1; None if faces do not count.
        voice: float64 [E], sum 1; None if voices do not count.
        weighing: Weights, masks and floor.
        strategy: How the answers become one.
    """
    face = _counted(face, weighing.face_weight, weighing.face_mask)
    voice = _counted(voice, weighing.voice_weight, weighing.voice_mask)
    if face is not None and voice is not None:
        fused = strategy.together(face, voice, weighing=weighing)
        return _decision(fused, Evidence.BOTH, weighing)
    if face is not None:
        fused = strategy.face_alone(face, mask=weighing.face_mask)
        return _decision(fused, Evidence.FACE, weighing)
    if voice is not None:
        fused = strategy.voice_alone(voice, mask=weighing.voice_mask)
        return _decision(fused, Evidence.VOICE, weighing)
    return Decision(UNSURE, 0.0, Evidence.NONE, None)


def within(scores: Scores, mask: Mask) -> Scores:
    """Return scores restricted to the emotions of a mask, sum 1.

    The mask must leave some probability (see `is_expressible`).
    """
    kept = np.where(mask, scores, 0.0)
    return np.asarray(kept / kept.sum(), np.float64)


def is_expressible(scores: Scores, mask: Mask) -> bool:
    """Tell whether a mask leaves at least half of the probability.

    A model gives an emotion that it cannot express probability 0; a mask that takes most of its
    answer away belongs to another model.
    """
    return bool(scores[mask].sum() >= 0.5)  # noqa: PLR2004 - see above


def _counted(scores: Scores | None, weight: float, mask: Mask) -> Scores | None:
    return None if scores is None or weight == 0 else within(scores, mask)


def _decision(scores: Scores, evidence: Evidence, weighing: Weighing) -> Decision:
    best = int(scores.argmax())
    confidence = float(scores[best])
    emotion = best + 1 if confidence >= weighing.confidence_floor else UNSURE
    return Decision(emotion, confidence, evidence, scores)
