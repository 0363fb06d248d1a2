"""The comparison of two ways to search counts what it says."""

from __future__ import annotations

from tests.bench.agreement import Result, Row, first_seen_delays


def result(labels, faces):
    return Result(labels=labels, faces=faces, scored=sum(faces), cpu_s=0.5)


def test_delays_are_counted_from_each_appearance_and_for_each_further_face():
    truth = (0, *[1] * 10, *[0] * 10, *[2] * 10)
    seen = (0, 0, 0, *[1] * 8, *[0] * 12, *[1] * 4, *[2] * 4)
    assert list(first_seen_delays(seen, truth)) == [2, 2, 6]


def test_what_is_never_seen_has_no_delay():
    assert list(first_seen_delays([0] * 20, [1] * 20)) == [None]


def test_flicker_is_no_appearance():
    assert list(first_seen_delays([0] * 20, [0, 1, 1, *[0] * 17])) == []


def test_rows_add_films_up():
    row = Row()
    row.add(result((4, 4), (0, *[1] * 29)), result((4, 7), (1,) * 30))
    row.add(result((0,), (0,) * 15), result((0,), (0,) * 15))
    figures = row.figures()
    assert (figures["seconds"], figures["agreed"]) == (3, round(2 / 3, 4))
    assert (figures["first_seen_most_s"], figures["never_seen"]) == (0.07, 0)
    assert figures["cpu_ms_per_s"] == round(1000 / 3, 1)
