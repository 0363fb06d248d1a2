"""Smoothing and hysteresis: worked out by hand, and what must hold for all timelines."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from emotionmap_fusion.evidence import EMOTIONS, is_distribution
from emotionmap_fusion.fuse import UNSURE
from emotionmap_fusion.smoothing import ROUNDING, decide_steadily, smooth
from hypothesis import given
from hypothesis import strategies as st

ANGER, HAPPY, SADNESS = 1, 4, 5
EXACT = 1e-9
JOY, GRIEF = np.eye(EMOTIONS)[HAPPY - 1], np.eye(EMOTIONS)[SADNESS - 1]

evidence = st.lists(st.integers(1, 1000), min_size=EMOTIONS, max_size=EMOTIONS).map(
    lambda counts: np.array(counts) / sum(counts)
)
timelines = st.lists(st.none() | evidence, max_size=12)
smoothings = st.floats(0, 0.95)
margins = st.floats(0, 0.5)
floors = st.floats(0, 0.9)


def leaning(happy, sad):
    """Scores with so much of both and the rest elsewhere."""
    values = np.full(EMOTIONS, (1 - happy - sad) / (EMOTIONS - 2))
    values[HAPPY - 1], values[SADNESS - 1] = happy, sad
    return values


def labels(scores, *, hysteresis=0.0, confidence_floor=0.3):
    decisions = decide_steadily(scores, hysteresis=hysteresis, confidence_floor=confidence_floor)
    return [decision.emotion for decision in decisions]


def test_neighbours_count_by_distance() -> None:
    """Weights around the middle of three: 0.5, 1, 0.5; around the first: 1, 0.5, 0.25."""
    first, middle, last = smooth([JOY, GRIEF, JOY], smoothing=0.5)
    assert middle == pytest.approx(0.5 * JOY + 0.5 * GRIEF, abs=EXACT)
    assert first == pytest.approx((1.25 * JOY + 0.5 * GRIEF) / 1.75, abs=EXACT)
    assert last == pytest.approx(first, abs=EXACT)


def test_a_gap_of_evidence_is_a_border() -> None:
    before, gap, after = smooth([JOY, None, GRIEF], smoothing=0.95)
    assert gap is None
    assert before == pytest.approx(JOY, abs=EXACT)
    assert after == pytest.approx(GRIEF, abs=EXACT)


def test_one_flickering_interval_is_smoothed_away() -> None:
    scores = [leaning(0.7, 0.2)] * 3 + [leaning(0.35, 0.4)] + [leaning(0.7, 0.2)] * 3
    assert labels(scores) == [HAPPY] * 3 + [SADNESS] + [HAPPY] * 3
    assert labels(smooth(scores, smoothing=0.5)) == [HAPPY] * 7


@pytest.mark.parametrize(("hysteresis", "second"), [(0.1, HAPPY), (0.05, SADNESS), (0, SADNESS)])
def test_another_emotion_must_lead_by_the_margin(hysteresis, second) -> None:
    scores = [leaning(0.6, 0.2), leaning(0.36, 0.44), leaning(0.1, 0.8)]
    assert labels(scores, hysteresis=hysteresis) == [HAPPY, second, SADNESS]


def test_a_held_emotion_has_its_own_probability() -> None:
    scores = [leaning(0.6, 0.2), leaning(0.36, 0.44)]
    _, held = decide_steadily(scores, hysteresis=0.2, confidence_floor=0.3)
    assert (held.emotion, held.confidence) == (HAPPY, pytest.approx(0.36))


def test_nothing_is_held_below_the_floor() -> None:
    scores = [leaning(0.6, 0.2), leaning(0.36, 0.44)]
    assert labels(scores, hysteresis=0.5, confidence_floor=0.4) == [HAPPY, SADNESS]


@pytest.mark.parametrize("between", [None, leaning(0.25, 0.25)])
def test_nothing_is_held_across_an_unsure_interval(between) -> None:
    scores = [leaning(0.6, 0.2), between, leaning(0.36, 0.44)]
    assert labels(scores, hysteresis=0.5) == [HAPPY, UNSURE, SADNESS]


def test_unsure_tells_the_best_probability_and_no_evidence_none() -> None:
    weak, nothing = decide_steadily([leaning(0.2, 0.25), None], hysteresis=0, confidence_floor=0.3)
    assert (weak.emotion, weak.confidence) == (UNSURE, pytest.approx(0.25))
    assert (nothing.emotion, nothing.confidence, nothing.scores) == (UNSURE, 0.0, None)


def test_the_floor_is_reached_in_the_precision_of_the_wire() -> None:
    wire = np.array(leaning(0.3, 0.2), np.float32).astype(np.float64)
    assert labels([wire / wire.sum()], confidence_floor=0.3) == [HAPPY]


@given(timelines, smoothings)
def test_smoothed_scores_are_distributions_at_the_same_places(scores, smoothing) -> None:
    smoothed = smooth(scores, smoothing=smoothing)
    assert [own is None for own in smoothed] == [own is None for own in scores]
    assert all(is_distribution(own) for own in smoothed if own is not None)


@given(timelines, smoothings)
def test_smoothed_scores_stay_within_those_of_the_timeline(scores, smoothing) -> None:
    given_scores = [own for own in scores if own is not None]
    for own in smooth(scores, smoothing=smoothing):
        if own is not None:
            assert (own >= np.min(given_scores, axis=0) - EXACT).all()
            assert (own <= np.max(given_scores, axis=0) + EXACT).all()


@given(timelines, smoothings)
def test_both_directions_of_time_are_alike(scores, smoothing) -> None:
    forwards = smooth(scores, smoothing=smoothing)
    backwards = smooth(scores[::-1], smoothing=smoothing)[::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=EXACT)


@given(timelines, floors)
def test_without_either_option_decisions_are_those_of_each_interval(scores, floor) -> None:
    kept = smooth(scores, smoothing=0)
    for own, decision in zip(
        scores, decide_steadily(kept, hysteresis=0, confidence_floor=floor), strict=True
    ):
        if own is not None and abs(own.max() - floor) > 2 * ROUNDING:
            assert (decision.emotion == UNSURE) == (own.max() < floor)
            assert decision.confidence == pytest.approx(own.max(), abs=EXACT)


@given(timelines, margins, floors)
def test_hysteresis_makes_nothing_unsure_and_no_more_changes(scores, margin, floor) -> None:
    plain = labels(scores, confidence_floor=floor)
    steady = labels(scores, hysteresis=margin, confidence_floor=floor)
    assert [label == UNSURE for label in plain] == [label == UNSURE for label in steady]
    assert changes(steady) <= changes(plain)


def changes(decisions):
    return sum(one != other and UNSURE not in (one, other) for one, other in pairwise(decisions))
