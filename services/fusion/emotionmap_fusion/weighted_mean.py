"""The default strategy: the weighted mean of what both models say. Calibrates nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emotionmap_fusion.evidence import EMOTIONS

if TYPE_CHECKING:
    from emotionmap_fusion.evidence import Mask, Scores
    from emotionmap_fusion.fuse import Weighing


class WeightedMean:
    """Weighs both models by `face_weight` and `voice_weight`; one alone is left as it is."""

    def face_alone(self, face: Scores, *, mask: Mask) -> Scores:  # noqa: ARG002 - a Strategy
        """Return what faces show."""
        return face

    def voice_alone(self, voice: Scores, *, mask: Mask) -> Scores:  # noqa: ARG002 - a Strategy
        """Return what voices tell."""
        return voice

    def together(self, face: Scores, voice: Scores, *, weighing: Weighing) -> Scores:
        """Return the weighted mean."""
        return blend(face, voice, weighing=weighing)


def blend(face: Scores, voice: Scores, *, weighing: Weighing) -> Scores:
    """Return the weighted mean of two distributions, each within its mask.

    An emotion that one model cannot express is weighed over the models that can: its probability is
    that of the other model alone, and the model without it speaks only about the rest. So a voice
    model without Surprise never holds Surprise down, and never speaks for it either.

    Returns:
        float64 [E], sum 1.
    """
    weights = np.array([weighing.face_weight, weighing.voice_weight])
    masks = np.stack([weighing.face_mask, weighing.voice_mask])
    scores = np.stack([face, voice])
    able = weights[:, None] * masks  # [2, E]
    total = able.sum(axis=0)
    # What the models that can express an emotion say of it; 0 where they have no weight.
    agreed = np.divide((able * scores).sum(axis=0), total, out=np.zeros(EMOTIONS), where=total > 0)
    borrowed = np.where(masks, 0.0, agreed)
    left = np.clip(1 - borrowed.sum(axis=1, keepdims=True), 0.0, 1.0)
    completed = scores * left + borrowed  # [2, E], each row sums to 1
    fused = weights @ completed
    return np.asarray(fused / fused.sum(), np.float64)
