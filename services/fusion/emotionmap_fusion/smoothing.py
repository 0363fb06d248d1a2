"""Decides on intervals in the light of their neighbours. Pure; knows no time and no stream.

First each interval is drawn to its neighbours: its probabilities become the mean of those around
it, weighed by smoothing^distance to both sides, by one pass forwards and one backwards (the
infinite symmetric exponential filter: Shen and Castan 1992,
https://doi.org/10.1016/1049-9652(92)90060-B). Then an emotion must lead by a margin to take over.

Probabilities are averaged, not their logarithms: neighbours show the same face and are scored from
overlapping sound, so that multiplying them, as a hidden Markov model does, would count the same
evidence many times; and one interval that rules an emotion out would rule it out for all around.

Intervals without evidence are borders: what lies beyond is mostly another shot, or another scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from emotionmap_fusion.fuse import UNSURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emotionmap_fusion.evidence import Scores

ROUNDING: Final = 1e-6
"""Probabilities come as 32-bit floats: one that reached the floor as 0.3 still does."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How neighbours count.

    Args:
        smoothing: Weight of the neighbour next to an interval, whose own is 1; in [0, 0.95].
        hysteresis: By how much another emotion must be ahead to take over, in [0, 0.5].
        confidence_floor: Best probability below which the decision is Unsure, in [0, 1).
    """

    smoothing: float
    hysteresis: float
    confidence_floor: float

    @property
    def is_asked_for(self) -> bool:
        """Whether any decision could change."""
        return self.smoothing > 0 or self.hysteresis > 0


@dataclass(frozen=True, slots=True)
class SteadyDecision:
    """What an interval came to; `scores` is None, and `confidence` 0, without evidence."""

    emotion: int
    confidence: float
    scores: Scores | None


def smooth(scores: Sequence[Scores | None], *, smoothing: float) -> list[Scores | None]:
    """Draw intervals to their neighbours.

    Args:
        scores: Per interval float64 [E], sum 1; None without evidence.
        smoothing: In [0, 1): 0 leaves the intervals as they are.

    Returns:
        As `scores`, None at the same places.
    """
    before = _sums(scores, smoothing)
    after = reversed(list(_sums(reversed(scores), smoothing)))
    return [
        None if own is None or left is None or right is None else _mean(left + right - own)
        for own, left, right in zip(scores, before, after, strict=True)
    ]


def decide_steadily(
    scores: Iterable[Scores | None], *, hysteresis: float, confidence_floor: float
) -> Iterator[SteadyDecision]:
    """Decide on each interval, and stay with the emotion before unless another clearly leads.

    An interval is Unsure exactly where its best probability is below the floor. The emotion before
    is held only while it reaches the floor itself, and not across an Unsure interval.

    Args:
        scores: Per interval float64 [E], sum 1; None without evidence.
        hysteresis: By how much the best emotion must be ahead of the one before.
        confidence_floor: Best probability below which the decision is Unsure.
    """
    held = UNSURE
    for own in scores:
        held = _emotion(own, held, hysteresis, confidence_floor - ROUNDING)
        if own is None:
            yield SteadyDecision(UNSURE, 0.0, None)
        else:
            best = float(own.max() if held == UNSURE else own[held - 1])
            yield SteadyDecision(held, best, own)


def _emotion(own: Scores | None, held: int, hysteresis: float, floor: float) -> int:
    if own is None or own.max() < floor:
        return UNSURE
    best = int(own.argmax())
    if held == UNSURE or own[held - 1] < floor or own[best] - own[held - 1] >= hysteresis:
        return best + 1
    return held


def _sums(scores: Iterable[Scores | None], smoothing: float) -> Iterator[Scores | None]:
    """Give each interval plus those before it, weighed by smoothing^distance; None restarts."""
    total: Scores | None = None
    for own in scores:
        total = own if own is None or total is None else own + smoothing * total
        yield total


def _mean(total: Scores) -> Scores:
    return np.asarray(total / total.sum(), np.float64)
