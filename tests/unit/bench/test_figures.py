"""The bench's arithmetic on made-up runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import figures

EXPECTED = json.loads((Path(figures.__file__).with_name("expected.json")).read_text())


def test_median_of_each_figure_by_itself() -> None:
    runs = [{"a": 1, "b": 9}, {"a": 5, "b": 2}, {"a": 3, "b": 4}]
    assert figures.medians(runs) == {"a": 3.0, "b": 4.0}


def test_shares_sum_to_one_and_leave_out_what_is_no_part() -> None:
    run = {"x_cpu_s": 3.0, "y_cpu_s": 1.0, "cpu_s": 4.0}
    assert figures.shares(run, ("x", "y", "z")) == {"x": 0.75, "y": 0.25, "z": 0.0}


def test_nothing_spent_is_no_share() -> None:
    assert figures.shares({}, ("x",)) == {"x": 0.0}


def test_ratios_compare_per_second_of_video() -> None:
    classic = {"wall_s": 20.0, "cpu_s": 40.0, "peak_mb": 1.0, "frames": 75, "faces": 150}
    floor = {f"{part}_cpu_s": 3.0 for part in figures.FLOOR_PARTS} | {"decode_wall_s": 2.0}
    ours = {f"{name}_cpu_s": 1.0 for name in figures.SERVICES}
    ours |= {"wall_s": 4.0, "cpu_s": 6.0, "first_interval_s": 1.0, "start_wall_s": 1.0}
    ours |= {"seconds_with_face": 0.6, "seconds_with_voice": 0.7, "peak_mb": 1.0}
    report = figures.of_classic(classic, 5.0)
    report |= figures.of_floor(floor, 60.0) | figures.of_ours(ours, 60.0)
    found = figures.ratios(report)
    assert report["classic_faces_per_frame"] == 2.0
    assert report["ours_times_real_time"] == 15.0
    assert found["classic_over_ours_cpu"] == pytest.approx(80)
    assert found["classic_over_ours_wall"] == pytest.approx(60)
    assert found["ours_over_decode_cpu"] == pytest.approx(2)
    assert found["ours_over_floor_cpu"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("classic", "decode", "failures"),
    [(60.0, 2.0, 0), (41.0, 2.6, 0), (39.0, 2.0, 1), (60.0, 2.7, 1), (39.0, 2.7, 2)],
)
def test_a_third_worse_fails(classic: float, decode: float, failures: int) -> None:
    report = {"classic_over_ours_cpu": classic, "ours_over_decode_cpu": decode}
    expected = {"classic_over_ours_cpu": 60.0, "ours_over_decode_cpu": 2.0}
    assert len(figures.worsened(report, expected)) == failures


def test_every_judged_ratio_is_expected() -> None:
    assert set(figures.GUARDED) <= set(EXPECTED)
