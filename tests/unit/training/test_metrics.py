"""Figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics import (
    accuracy,
    calibration_error,
    calibration_figures,
    class_figures,
    confusion,
    cooled,
    fit_temperature,
    macro_f1,
    recalls,
    reliability,
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


def test_reliability_counts_confidence_and_accuracy_of_bins():
    top = np.array([0.95, 0.97, 0.55, 0.55])
    probabilities = np.stack([top, 1 - top], axis=1)
    found = reliability(probabilities, np.array([0, 1, 0, 0]))
    assert found.shape == (15, 3)
    assert found[14] == pytest.approx([2, 0.96, 0.5])
    assert found[8] == pytest.approx([2, 0.55, 1.0])
    assert found[:, 0].sum() == 4
    assert np.isnan(found[3, 1:]).all()


def test_the_calibration_error_is_the_gap_of_the_reliability_bins():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(7), 500)
    truth = rng.integers(0, 7, 500)
    bins = reliability(probabilities, truth)
    gaps = [samples / 500 * abs(sure - right) for samples, sure, right in bins if samples]
    assert calibration_error(probabilities, truth) == pytest.approx(sum(gaps))


def test_cooling_divides_logits():
    assert cooled(np.array([[2.0, 0.0]]), 2.0)[0, 0] == pytest.approx(np.e / (np.e + 1))
    assert cooled(np.array([[-5.0, -900.0]]), 1.0)[0].tolist() == [1, 0]


def test_macro_f1_is_the_mean_of_the_classes_in_the_truth():
    # Class 0: precision 3/4, recall 3/4. Class 1: both 1/2. Class 2 does not occur.
    assert macro_f1(confusion(TRUTH, PREDICTED, classes=3)) == pytest.approx((0.75 + 0.5) / 2)
    assert np.isnan(macro_f1(np.zeros((3, 3))))


def test_calibration_is_told_before_and_after_the_temperature():
    logs = np.log(np.array([[0.9, 0.1], [0.9, 0.1]]))
    truth = np.array([0, 1])
    figures = calibration_figures(logs, truth, temperature=2.0, prefix="face")
    assert figures["face_ece_before"] == pytest.approx(0.4)
    assert figures["face_ece"] == pytest.approx(0.75 - 0.5)  # 3 : 1 is the root of 9 : 1
    assert figures["face_nll_before"] == pytest.approx(-(np.log(0.9) + np.log(0.1)) / 2)
    assert figures["face_reliability_before_13_samples"] == 2
    assert figures["face_reliability_11_confidence"] == pytest.approx(0.75)
    assert figures["face_reliability_11_accuracy"] == 0.5
    assert "face_reliability_00_samples" not in figures
