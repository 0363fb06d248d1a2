"""The comparison of two ways to search counts what it says."""

from __future__ import annotations

from tests.bench.agreement_figures import Result, Row, first_seen_delays


def result(labels, faces, margin=0.5):
    margins = (margin,) * len(labels)
    return Result(labels=labels, margins=margins, faces=faces, scored=sum(faces), cpu_s=0.5)


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
    row.add(result((4, 4), (0, *[1] * 29)), result((4, 7), (1,) * 30), known=(4, 7))
    row.add(result((0,), (0,) * 15), result((0,), (0,) * 15), known=())
    figures = row.figures()
    assert (figures["seconds"], figures["agreed"]) == (3, round(2 / 3, 4))
    assert (figures["right"], figures["unhurried_right"], figures["near_ties"]) == (0.5, 1.0, 0)
    assert (figures["first_seen_most_s"], figures["never_seen"]) == (0.07, 0)
    assert figures["cpu_ms_per_s"] == round(1000 / 3, 1)


def test_near_ties_are_seconds_that_differ_and_of_which_neither_is_sure():
    row = Row()
    row.add(result((4, 4, 4), (1,) * 45, 0.04), result((4, 7, 0), (1,) * 45, 0.03), known=())
    row.add(result((4,), (1,) * 15, 0.04), result((7,), (1,) * 15, 0.2), known=())
    assert row.figures()["near_ties"] == 1
