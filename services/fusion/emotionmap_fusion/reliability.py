"""The calibrated strategy: each model counts by how reliable it was found for each emotion.

A log-linear opinion pool: the fused log-probability of an emotion is the sum of what the models say
of it, each times its reliability for that emotion, plus an offset for how common the models believe
the emotion to be. Models that agree make each other surer, which a mean cannot express.

Source: Genest and Zidek 1986, https://doi.org/10.1214/ss/1177013825; the parameters are those of a
conditional logit (training/fusion). Its offsets make the probabilities those of a moment at which
every emotion is as likely as the next, before anything was seen or heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emotionmap_fusion.evidence import Mask, Scores
    from emotionmap_fusion.fuse import Weighing

FLOOR: Final = 1e-4
"""Probabilities are not taken for smaller: no model was judged on enough samples to know better."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Parameters for one kind of evidence.

    Args:
        exponents: float64 [M, E], at least 0: reliability of each of M models for each emotion.
        offsets: float64 [E], added to the log-probabilities.
    """

    exponents: NDArray[np.float64]
    offsets: NDArray[np.float64]

    def probabilities(self, scores: NDArray[np.float64], *, mask: Mask) -> Scores:
        """Return float64 [E], sum 1, 0 outside of the mask.

        Args:
            scores: float64 [M, E], what each model says; only entries in the mask count.
            mask: Emotions that every one of the models can express; at least one.
        """
        logits = (self.exponents * floored_logs(scores)).sum(axis=0) + self.offsets
        powers = np.where(mask, np.exp(logits - logits[mask].max()), 0.0)
        return np.asarray(powers / powers.sum(), np.float64)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Pools for faces alone, for voices alone, and for both.

    Args:
        face: M = 1.
        voice: M = 1.
        both: M = 2, faces first.
    """

    face: Pool
    voice: Pool
    both: Pool

    def face_alone(self, face: Scores, *, mask: Mask) -> Scores:
        """Return what faces show, calibrated."""
        return self.face.probabilities(face[None], mask=mask)

    def voice_alone(self, voice: Scores, *, mask: Mask) -> Scores:
        """Return what voices tell, calibrated."""
        return self.voice.probabilities(voice[None], mask=mask)

    def together(self, face: Scores, voice: Scores, *, weighing: Weighing) -> Scores:
        """Return the pooled probabilities.

        An emotion that only one model can express is as likely as that model, calibrated, finds
        it; the other neither speaks for it nor against it. What is left belongs to the emotions
        that both can express.
        """
        common = weighing.face_mask & weighing.voice_mask
        face_only = weighing.face_mask & ~common
        voice_only = weighing.voice_mask & ~common
        if not face_only.any() and not voice_only.any():
            return self.both.probabilities(np.stack([face, voice]), mask=common)
        seen = self.face_alone(face, mask=weighing.face_mask)
        heard = self.voice_alone(voice, mask=weighing.voice_mask)
        # Each doubts its own answer a little: so two that are sure of what only they can express
        # leave something to weigh.
        not_seen = max(1 - seen[face_only].sum(), FLOOR)
        not_heard = max(1 - heard[voice_only].sum(), FLOOR)
        fused = seen * face_only * not_heard + heard * voice_only * not_seen
        if common.any():
            pooled = self.both.probabilities(np.stack([face, voice]), mask=common)
            fused += not_seen * not_heard * pooled
        return np.asarray(fused / fused.sum(), np.float64)


def floored_logs(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithms of probabilities of any shape, none taken for less than `FLOOR`."""
    return np.log(np.maximum(scores, FLOOR))
