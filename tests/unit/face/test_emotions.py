"""A model's outputs become distributions over the vocabulary."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap.v1 import emotion_pb2
from emotionmap_face.emotions import EMOTIONS, to_distributions

ROUNDING = 1e-6


def test_the_order_is_that_of_the_proto():
    names = [f"EMOTION_{word.upper()}" for word in EMOTIONS]
    assert names == list(emotion_pb2.Emotion.keys())[1:]


def test_columns_go_to_their_class_and_the_rest_is_zero():
    outputs = np.array([[0.1, 0.9]], np.float32)
    [row] = to_distributions(outputs, labels=("Neutral", "Fear"), are_logits=False, temperature=1)
    assert row == pytest.approx([0, 0, 0.9, 0, 0, 0, 0.1], abs=ROUNDING)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_logits_and_their_probabilities_mean_the_same(temperature):
    logits = np.random.default_rng(0).normal(0, 3, (5, 7)).astype(np.float32)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    from_logits = to_distributions(
        logits, labels=EMOTIONS, are_logits=True, temperature=temperature
    )
    from_shares = to_distributions(
        shares, labels=EMOTIONS, are_logits=False, temperature=temperature
    )
    assert np.abs(from_logits - from_shares).max() < ROUNDING
    assert from_logits.sum(axis=1) == pytest.approx(1, abs=ROUNDING)


def test_a_higher_temperature_is_less_sure():
    logits = np.array([[0, 0, 0, 3, 0, 0, 0]], np.float32)
    cold, warm = (
        to_distributions(logits, labels=EMOTIONS, are_logits=True, temperature=t).max()
        for t in (1, 2)
    )
    assert warm < cold


def test_a_zero_probability_stays_about_zero():
    outputs = np.array([[0.0, 1.0]], np.float32)
    [row] = to_distributions(outputs, labels=("Anger", "Happy"), are_logits=False, temperature=1)
    assert row == pytest.approx([0, 0, 0, 1, 0, 0, 0], abs=ROUNDING)


def test_what_is_not_finite_is_refused():
    outputs = np.array([[np.nan, 1.0]], np.float32)
    with pytest.raises(ValueError, match="not finite"):
        to_distributions(outputs, labels=("Anger", "Happy"), are_logits=True, temperature=1)
