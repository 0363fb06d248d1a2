"""Figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics import (
    accuracy,
    calibration_error,
    class_figures,
    confusion,
    fit_temperature,
    recalls,
    unweighted_average_recall,
)

TRUTH = np.array([0, 0, 0, 0, 1, 1])
PREDICTED = np.array([0, 0, 0, 1, 1, 0])


def test_confusion_has_truth_in_rows():
    counts = confusion(TRUTH, PREDICTED, classes=3)
    assert counts.tolist() == [[3, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_accuracy_is_the_share_of_the_diagonal():
    assert accuracy(confusion(TRUTH, PREDICTED, classes=3)) == pytest.approx(4 / 6)


def test_recall_of_an_absent_class_is_not_a_number():
    found = recalls(confusion(TRUTH, PREDICTED, classes=3))
    assert found[:2].tolist() == [0.75, 0.5]
    assert np.isnan(found[2])


def test_uar_leaves_absent_classes_out():
    assert unweighted_average_recall(confusion(TRUTH, PREDICTED, classes=3)) == 0.625


def test_uar_of_seconds_equals_that_of_counts():
    counts = confusion(TRUTH, PREDICTED, classes=3)
    assert unweighted_average_recall(counts * 0.01) == pytest.approx(0.625)


def test_nothing_judged_has_no_figures():
    empty = np.zeros((7, 7), dtype=np.int64)
    assert np.isnan(accuracy(empty))
    assert np.isnan(unweighted_average_recall(empty))


@pytest.mark.parametrize(
    ("confidence", "hits", "error"),
    [
        ([1.0, 1.0], [True, True], 0.0),
        ([1.0, 1.0], [True, False], 0.5),
        ([0.9, 0.9, 0.9, 0.9], [True, True, False, False], 0.4),
        # Bins do not cancel each other out: 0.45 too sure in one, 0.05 too unsure in the other.
        ([0.95, 0.55], [False, True], (0.95 + 0.45) / 2),
    ],
)
def test_calibration_error_is_the_mean_gap_of_bins(confidence, hits, error):
    top = np.array(confidence)
    probabilities = np.stack([top, 1 - top], axis=1)
    truth = np.where(hits, 0, 1)
    assert calibration_error(probabilities, truth) == pytest.approx(error)


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 1.7])
def test_the_temperature_that_made_the_truth_is_found(true_temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 3))
    shares = np.exp(logits / true_temperature)
    shares /= shares.sum(axis=1, keepdims=True)
    truth = (rng.random((len(shares), 1)) > shares.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(logits, truth) == pytest.approx(true_temperature, rel=0.05)


def test_figures_are_flat_and_leave_absent_classes_out():
    probabilities = np.eye(7)[[0, 3, 3]]
    figures = class_figures(probabilities, np.array([0, 3, 0]), prefix="face")
    assert figures["face_samples"] == 3
    assert figures["face_accuracy"] == pytest.approx(2 / 3)
    assert figures["face_uar"] == 0.75
    assert figures["face_recall_anger"] == 0.5
    assert figures["face_confusion_anger_as_happy"] == 1
    assert "face_recall_fear" not in figures
