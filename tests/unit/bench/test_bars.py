"""What the benches find is judged by the bars, and said so that people see it."""

from __future__ import annotations

import pytest

from tests.bench import bars
from tests.bench.table import markdown

MINUTE = {
    "case": "1 min", "state": "SUCCEEDED", "minutes": 1.0, "first_interval_s": 0.9,
    "left_objects": 0, "left_kb": 0.0, "peak_mb": 600.0, "cpu_s_per_s": 0.08,
}  # fmt: skip
HOURS = {**MINUTE, "case": "180 min", "minutes": 180.0, "first_interval_s": 2.9, "peak_mb": 649.0}

EVEN = {"video_s_per_s": 10.0, "fairness": 1.0, "succeeded": 1.0, "face_batch": 3.0}


def missed(findings):
    return [finding.bar for finding in findings if not finding.is_met]


def test_flat_costs_and_memory_pass() -> None:
    assert missed(bars.of_lengths([MINUTE, HOURS])) == []


@pytest.mark.parametrize(
    ("change", "bar"),
    [
        ({"peak_mb": 651.0}, bars.MEMORY_GROWTH),
        ({"cpu_s_per_s": 0.09}, bars.COST_GROWTH),
        ({"first_interval_s": 3.1}, bars.FIRST_OF_LONG),
        ({"left_objects": 1}, bars.LEFT_OBJECTS),
        ({"left_kb": 300.0}, bars.LEFT_DATABASE),
    ],
)
def test_each_bar_of_length_can_be_missed(change, bar) -> None:
    assert missed(bars.of_lengths([MINUTE, {**HOURS, **change}])) == [bar]


def test_a_minute_must_be_sooner() -> None:
    assert missed(bars.of_lengths([{**MINUTE, "first_interval_s": 1.1}])) == [
        bars.FIRST_OF_A_MINUTE
    ]


def test_a_length_that_fails_is_not_judged_further() -> None:
    failed = {"case": "180 min", "state": "FAILED", "minutes": 180.0}
    assert missed(bars.of_lengths([MINUTE, failed])) == [bars.SUCCEEDED]


def test_a_kind_that_fails_is_not_judged_further() -> None:
    rows = [
        {"case": "AV1", "state": "FAILED"},
        {"case": "VP9", "state": "SUCCEEDED", "seconds_with_face": 0.4, "peak_mb": 1300.0},
    ]
    assert missed(bars.of_kinds(rows)) == [bars.SUCCEEDED, bars.FACE_SHARE, bars.MEMORY]


def test_an_upload_is_judged_by_the_worse_of_both_measures() -> None:
    row = {"case": "multipart", "added_pss_mb": 5.0, "added_rss_mb": 33.0}
    assert missed(bars.of_uploads([row])) == [bars.UPLOAD_MEMORY]


def test_crowds_are_judged_beside_the_best() -> None:
    rows = [
        {**EVEN, "case": "1", "video_s_per_s": 8.0},
        {**EVEN, "case": "2", "fairness": 0.9},
        {**EVEN, "case": "4", "succeeded": 0.75, "face_batch": 1.0},
    ]
    wanted = [bars.THROUGHPUT, bars.FAIRNESS, bars.SUCCEEDED, bars.BATCH]
    assert missed(bars.of_crowds(rows)) == wanted


@pytest.mark.parametrize(("has_room", "failures"), [(True, [bars.SECOND_SERVER]), (False, [])])
def test_a_second_server_is_judged_where_cores_were_free(has_room, failures) -> None:
    shared = {"segments_gap_points": 1.0, "faces_gap_points": 9.0}
    alone = {"two_over_one": 1.0, "has_room": has_room}
    assert missed(bars.of_replicas(shared, alone)) == failures


def test_a_row_says_what_was_found_and_must_be() -> None:
    row = bars.Finding(bars.FAIRNESS, "4 at once", 0.9084).row()
    assert list(row.values()) == ["4 at once", bars.FAIRNESS.what, "0.908", ">= 0.95", "MISSED"]


def test_a_table_lines_up_and_has_every_row() -> None:
    rows = [{"case": "a|b", "n": 1.23456}, {"case": "c", "n": None}, {"case": "d", "n": {"x": 1}}]
    lines = markdown(rows).splitlines()
    assert lines[2:] == ["| a/b  | 1.235 |", "| c    | -     |", "| d    | x:1   |"]
    assert len({len(line) for line in lines}) == 1
