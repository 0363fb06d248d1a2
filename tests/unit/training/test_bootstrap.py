"""Intervals are as wide as chance makes figures, and speakers count as one."""

from __future__ import annotations

import numpy as np
import pytest

from training.bootstrap import interval, interval_figures, stratum, ungrouped


def test_a_stratum_holds_the_rows_of_its_groups():
    part = stratum(np.array([7, 8, 9, 10]), np.array(["b", "a", "b", "a"]))
    assert part.rows.tolist() == [8, 10, 7, 9]
    assert part.starts.tolist() == [0, 2]
    assert part.sizes.tolist() == [2, 2]


def test_a_resample_has_whole_groups_and_only_their_rows():
    rows, groups = np.arange(100, 112), np.repeat([0, 1, 2], 4)
    part, rng = stratum(rows, groups), np.random.default_rng(0)
    for _ in range(50):
        drawn = part.resample(rng)
        assert set(drawn.tolist()) <= set(rows.tolist())
        counts = np.bincount((drawn - 100) // 4, minlength=3)
        assert counts.sum() == 12
        assert not (counts % 4).any()


def test_the_plain_interval_is_that_of_the_normal_distribution():
    hits = np.arange(2000) < 1600
    low, high = interval(lambda rows: float(hits[rows].mean()), ungrouped(2000))
    half = 1.96 * np.sqrt(0.8 * 0.2 / 2000)
    assert low == pytest.approx(0.8 - half, abs=0.004)
    assert high == pytest.approx(0.8 + half, abs=0.004)


def test_it_equals_a_loop_written_by_hand():
    values = np.random.default_rng(3).normal(size=40)
    found = interval(lambda rows: float(values[rows].mean()), ungrouped(40), resamples=4000)
    rng = np.random.default_rng(1)
    means = sorted(np.mean([values[rng.integers(40)] for _ in range(40)]) for _ in range(4000))
    assert found == pytest.approx((means[100], means[3900]), abs=0.03)


def test_speakers_who_differ_make_the_interval_wide():
    right = np.repeat([True, False, True, True], 250)
    speakers = np.repeat(["a", "b", "c", "d"], 250)

    def share(rows):
        return float(right[rows].mean())

    plain = interval(share, ungrouped(1000))
    by_speaker = interval(share, [stratum(np.arange(1000), speakers)])
    assert plain[1] - plain[0] < 0.07
    assert by_speaker[1] - by_speaker[0] > 0.4


def test_strata_keep_their_size():
    strata = [stratum(np.arange(3), np.zeros(3, int)), stratum(np.arange(3, 10), np.arange(7))]
    assert interval(lambda rows: float((rows < 3).sum()), strata) == (3, 3)


def test_figures_are_named_and_the_same_at_every_call():
    values = np.arange(30.0)
    runs = [interval_figures("f", lambda rows: values[rows].mean(), ungrouped(30)) for _ in "ab"]
    assert runs[0] == runs[1]
    assert set(runs[0]) == {"f_low", "f_high"}
