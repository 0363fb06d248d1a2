"""Figures over a timeline, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_fusion.analytics import AnalyticsSums, Streak, total_variation
from emotionmap_fusion.evidence import EMOTIONS, Span
from emotionmap_fusion.fuse import UNSURE
from hypothesis import given
from hypothesis import strategies as st

S = 1_000_000_000
ANGER, HAPPY, SAD = 1, 4, 5
EYE = np.eye(EMOTIONS)


def figures(*emotions, scores=None, lengths_s=None):
    """Figures over intervals with these emotions; each 1 s long unless said."""
    sums, end_ns = AnalyticsSums(), 0
    lengths_s = lengths_s or [1] * len(emotions)
    scores = scores or [None] * len(emotions)
    for emotion, score, length_s in zip(emotions, scores, lengths_s, strict=True):
        span = Span(end_ns, end_ns + round(length_s * S))
        sums.add(span, emotion=emotion, scores=score)
        end_ns = span.end_ns
    return sums.figures()


def test_seconds_per_emotion_most_first() -> None:
    found = figures(HAPPY, UNSURE, HAPPY, SAD, lengths_s=[1, 1, 1, 0.4])
    assert list(found.lengths_ns)[:3] == [HAPPY, UNSURE, SAD]
    assert found.lengths_ns[HAPPY] == 2 * S
    assert found.lengths_ns[SAD] == 400_000_000
    assert found.lengths_ns[ANGER] == 0
    assert found.total_ns == 3_400_000_000


def test_top_names_three_at_most_and_never_unsure() -> None:
    assert figures(UNSURE, UNSURE, 7, 6, 6, 5, 5, 4, 4).top == [4, 5, 6]
    assert figures(UNSURE, HAPPY).top == [HAPPY]
    assert figures(UNSURE).top == []


def test_longest_streak_is_the_first_of_the_longest() -> None:
    found = figures(HAPPY, HAPPY, SAD, ANGER, ANGER, UNSURE, UNSURE, UNSURE)
    assert found.longest_streak == Streak(HAPPY, Span(0, 2 * S))


def test_a_partial_interval_makes_a_shorter_streak() -> None:
    found = figures(SAD, SAD, HAPPY, HAPPY, lengths_s=[1, 1, 1, 0.9])
    assert found.longest_streak == Streak(SAD, Span(0, 2 * S))


def test_unsure_interrupts_a_run_and_is_no_switch() -> None:
    found = figures(HAPPY, UNSURE, HAPPY, SAD, SAD, UNSURE, ANGER)
    assert found.switches == 1  # Happy to Sadness
    assert found.average_run_ns == pytest.approx(5 * S / 4)  # H, H, SS, A


def test_nothing_sure_has_no_figures() -> None:
    found = figures(UNSURE, UNSURE)
    assert found.longest_streak is None
    assert (found.switches, found.average_run_ns, found.volatility) == (0, 0.0, 0.0)


def test_volatility_takes_neighbours_that_both_have_scores() -> None:
    half = 0.5 * EYE[0] + 0.5 * EYE[1]
    found = figures(*[HAPPY] * 5, scores=[EYE[0], EYE[1], half, None, EYE[0]])
    assert found.volatility == pytest.approx((1.0 + 0.5) / 2)


@given(st.lists(st.integers(0, EMOTIONS), min_size=1, max_size=40))
def test_figures_add_up(emotions) -> None:
    found = figures(*emotions)
    assert sum(found.lengths_ns.values()) == found.total_ns == len(emotions) * S
    decided = sum(emotion != UNSURE for emotion in emotions)
    runs = round(decided * S / found.average_run_ns) if decided else 0
    assert found.switches <= max(0, runs - 1)
    if found.longest_streak:
        assert found.longest_streak.span.length_ns >= found.average_run_ns - 1


@given(*[st.lists(st.floats(0.01, 1), min_size=EMOTIONS, max_size=EMOTIONS)] * 2)
def test_total_variation_is_a_distance(first, second) -> None:
    a, b = (np.array(values) / sum(values) for values in (first, second))
    assert 0 <= total_variation(a, b) <= 1
    assert total_variation(a, b) == total_variation(b, a)
    assert total_variation(a, a) == 0
