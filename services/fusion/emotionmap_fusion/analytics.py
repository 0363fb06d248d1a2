"""Figures over a whole timeline: shares, streaks, switches, volatility.

Takes one interval at a time, so that memory does not grow with the length of the video.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from emotionmap_fusion.evidence import EMOTIONS, Span
from emotionmap_fusion.fuse import UNSURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap_fusion.evidence import Scores

TOP: Final = 3
"""How many emotions `top` names at most."""


@dataclass(frozen=True, slots=True)
class Streak:
    """A run of neighbouring intervals with one emotion."""

    emotion: int
    span: Span


@dataclass(frozen=True, slots=True)
class Analytics:
    """The figures; see timeline.proto for their definitions.

    Args:
        lengths_ns: Time per emotion, Unsure included, most first.
        total_ns: Time of all intervals.
        longest_streak: None if every interval is Unsure.
        switches: Changes of emotion between neighbours that both have one.
        average_run_ns: Mean length of a run with one emotion; 0 if there is none.
        volatility: In [0, 1].
    """

    lengths_ns: Mapping[int, int]
    total_ns: int
    longest_streak: Streak | None
    switches: int
    average_run_ns: float
    volatility: float

    @property
    def top(self) -> list[int]:
        """The emotions with most time, Unsure left out."""
        seen = [e for e, length_ns in self.lengths_ns.items() if e != UNSURE and length_ns]
        return seen[:TOP]


class AnalyticsSums:
    """Sums from which `Analytics` are computed; takes contiguous intervals in order."""

    def __init__(self) -> None:
        self._lengths_ns = dict.fromkeys(range(EMOTIONS + 1), 0)
        self._run: Streak | None = None
        self._longest: Streak | None = None
        self._runs = 0
        self._switches = 0
        self._scores: Scores | None = None
        self._distances = 0.0
        self._pairs = 0

    def add(self, span: Span, *, emotion: int, scores: Scores | None) -> None:
        """Take the next interval; `scores` is float64 [E], or None without evidence."""
        self._lengths_ns[emotion] = self._lengths_ns.get(emotion, 0) + span.length_ns
        self._extend_run(span, emotion)
        if scores is not None and self._scores is not None:
            self._distances += total_variation(self._scores, scores)
            self._pairs += 1
        self._scores = scores

    def figures(self) -> Analytics:
        """Return the figures over what was taken so far."""
        decided_ns = sum(n for emotion, n in self._lengths_ns.items() if emotion != UNSURE)
        ordered = sorted(self._lengths_ns.items(), key=lambda item: (-item[1], item[0]))
        return Analytics(
            lengths_ns=dict(ordered),
            total_ns=sum(self._lengths_ns.values()),
            longest_streak=self._longest,
            switches=self._switches,
            average_run_ns=decided_ns / self._runs if self._runs else 0.0,
            volatility=self._distances / self._pairs if self._pairs else 0.0,
        )

    def _extend_run(self, span: Span, emotion: int) -> None:
        if emotion == UNSURE:
            self._run = None
            return
        if self._run is not None and self._run.emotion == emotion:
            self._run = Streak(emotion, Span(self._run.span.start_ns, span.end_ns))
        else:
            self._switches += self._run is not None
            self._runs += 1
            self._run = Streak(emotion, span)
        if self._longest is None or self._run.span.length_ns > self._longest.span.length_ns:
            self._longest = self._run


def total_variation(first: Scores, second: Scores) -> float:
    """Return the total-variation distance of two distributions, in [0, 1]."""
    return min(1.0, 0.5 * float(np.abs(first - second).sum()))
