"""A selection means the pieces that a viewer would expect."""

from __future__ import annotations

import time

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_gateway.documents.pieces import by_strength, pieces_of, strongest_within
from emotionmap_gateway.documents.selection import (
    EVERY_EMOTION,
    Selection,
    selection_of_words,
    to_selection,
)
from emotionmap_runtime.errors import ServiceError

from tests.unit.gateway.timelines import FEAR, HAPPY, SADNESS, UNSURE, timeline

S = 1_000_000_000


def pieces(film, *emotions, merged=None, **wish):
    return pieces_of(film, Selection(frozenset(emotions), **wish), merged=merged or {})


def spans(found):
    return [(piece.start_ns / S, piece.end_ns / S) for piece in found]


def test_neighbouring_moments_are_one_piece():
    film = timeline(HAPPY, HAPPY, SADNESS, HAPPY)
    assert spans(pieces(film, HAPPY)) == [(0, 2), (3, 4)]


def test_neighbours_of_different_wanted_emotions_are_one_piece_of_two_moments():
    (first, second) = pieces(timeline(HAPPY, SADNESS, UNSURE, HAPPY), HAPPY, SADNESS)
    assert spans([first, second]) == [(0, 2), (3, 4)]
    assert [(m.start_ns / S, m.end_ns / S, m.emotion) for m in first.moments] == [
        (0, 1, HAPPY),
        (1, 2, SADNESS),
    ]


def test_unsure_can_be_wanted_and_is_not_an_emotion():
    assert spans(pieces(timeline(UNSURE, HAPPY), UNSURE)) == [(0, 1)]
    assert spans(pieces_of(timeline(UNSURE, HAPPY, FEAR), EVERY_EMOTION)) == [(1, 3)]


def test_what_is_not_sure_enough_is_left_out():
    film = timeline((HAPPY, 0.5), (HAPPY, 0.4), (HAPPY, 0.5))
    assert spans(pieces(film, HAPPY, min_confidence=0.45)) == [(0, 1), (2, 3)]


def test_margins_are_clipped_to_the_video_and_joined_where_they_touch():
    film = timeline(HAPPY, UNSURE, UNSURE, HAPPY, UNSURE, UNSURE, UNSURE, HAPPY)
    wide = pieces(film, HAPPY, lead_in_ns=S, lead_out_ns=S)
    assert spans(wide) == [(0, 5), (6, 8)]
    narrow = pieces(film, HAPPY, lead_in_ns=S - 1, lead_out_ns=S)
    assert spans(narrow)[:2] == [(0, 2), (2 + 1 / S, 5)]


def test_short_pieces_are_dropped_whatever_their_margins():
    film = timeline(HAPPY, UNSURE, HAPPY, HAPPY, UNSURE, HAPPY)
    found = pieces(film, HAPPY, shortest_ns=2 * S, lead_in_ns=S // 2, lead_out_ns=S // 2)
    assert spans(found) == [(1.5, 4.5)]


def test_a_piece_is_as_strong_as_its_surest_moment():
    film = timeline((HAPPY, 0.25), (HAPPY, 0.5), (SADNESS, 0.75), UNSURE, (HAPPY, 0.625))
    first, second = pieces(film, HAPPY, SADNESS)
    assert (first.strength, first.peak.emotion) == (0.75, SADNESS)
    assert [piece.start_ns for piece in by_strength([second, first])] == [0, 4 * S]


def test_equally_strong_pieces_stay_in_the_order_of_time():
    film = timeline(HAPPY, UNSURE, HAPPY, UNSURE, HAPPY)
    assert spans(by_strength(reversed(pieces(film, HAPPY)))) == [(0, 1), (2, 3), (4, 5)]


# People

PEOPLE = {
    "p1": {0: HAPPY, 1: SADNESS},
    "p2": {1: (HAPPY, 0.5), 3: (HAPPY, 0.25)},
    "p3": {4: HAPPY},
}
FILM = timeline(*[UNSURE] * 6, people=PEOPLE)


@pytest.mark.parametrize(
    ("people", "merged", "wanted"),
    [
        ({"p1"}, {}, [(0, 1)]),
        ({"p1", "p2"}, {}, [(0, 2), (3, 4)]),
        ({"p1"}, {"p2": "p1"}, [(0, 2), (3, 4)]),
        ({"p2"}, {"p2": "p1"}, [(0, 2), (3, 4)]),
        ({"p3"}, {"p3": "p2", "p2": "p1"}, [(0, 2), (3, 5)]),
        ({"p1"}, {"p1": "p2", "p2": "p1"}, [(0, 1)]),
    ],
)
def test_people_are_wanted_with_whom_they_were_merged_with(people, merged, wanted):
    found = pieces(FILM, HAPPY, people=frozenset(people), merged=merged)
    assert spans(found) == wanted


def test_of_people_seen_together_the_surer_one_counts():
    film = timeline(UNSURE, people={"p1": {0: (HAPPY, 0.5)}, "p2": {0: (SADNESS, 0.75)}})
    (piece,) = pieces(film, HAPPY, SADNESS, people=frozenset({"p1", "p2"}))
    assert [moment.emotion for moment in piece.moments] == [SADNESS]


def test_each_person_must_be_sure_enough():
    found = pieces(FILM, HAPPY, people=frozenset({"p2"}), min_confidence=0.4)
    assert spans(found) == [(1, 2)]


def test_someone_unknown_is_refused():
    with pytest.raises(ServiceError) as caught:
        pieces(FILM, HAPPY, people=frozenset({"p9"}))
    assert (caught.value.reason, caught.value.metadata) == ("OPTIONS_INVALID", {"key": "people"})


# A limit to the length

LONG = timeline(
    *[(HAPPY, 0.5)] * 3, UNSURE, (HAPPY, 0.75), UNSURE, *[(HAPPY, 0.625)] * 2, UNSURE, HAPPY
)


@pytest.mark.parametrize(
    ("max_length_s", "wanted"),
    [
        (None, [(0, 3), (4, 5), (6, 8), (9, 10)]),
        (7, [(0, 3), (4, 5), (6, 8), (9, 10)]),
        (6, [(4, 5), (6, 8), (9, 10)]),
        (2, [(4, 5), (9, 10)]),
        (3, [(4, 5), (9, 10)]),
        (1, [(9, 10)]),
    ],
)
def test_the_strongest_pieces_that_fit_are_kept(max_length_s, wanted):
    limit_ns = max_length_s and max_length_s * S
    assert spans(strongest_within(pieces(LONG, HAPPY), limit_ns)) == wanted


def test_a_piece_that_is_too_long_alone_is_cut_down_to_its_surest_moment():
    film = timeline(*[(HAPPY, 0.5)] * 4, (HAPPY, 0.75), (SADNESS, 0.875), *[(HAPPY, 0.5)] * 4)
    (piece,) = strongest_within(pieces(film, HAPPY, SADNESS), 2 * S)
    assert spans([piece]) == [(4.5, 6.5)]
    assert [(m.start_ns / S, m.end_ns / S) for m in piece.moments] == [(4.5, 5), (5, 6), (6, 6.5)]


def test_many_moments_take_no_quadratic_time():
    film = timeline(*[HAPPY, SADNESS] * 30_000)
    start_s = time.process_time()
    (piece,) = pieces(film, HAPPY, SADNESS, lead_in_ns=S)
    assert len(piece.moments) == 60_000
    assert time.process_time() - start_s < 5


# What may be asked for


@pytest.mark.parametrize(
    ("key", "wish"),
    [
        ("emotions", {"emotions": []}),
        ("emotions", {"emotions": [8]}),
        ("min_confidence", {"min_confidence": -0.1}),
        ("min_confidence", {"min_confidence": 1.1}),
        ("min_confidence", {"min_confidence": float("nan")}),
        ("people", {"people": [""]}),
        ("people", {"people": ["p" * 65]}),
        ("people", {"people": ["p"] * 101}),
        ("lead_in", {"lead_in": {"nanos": -1}}),
        ("lead_in", {"lead_in": {"seconds": 10, "nanos": 1}}),
        ("lead_out", {"lead_out": {"seconds": 11}}),
        ("shortest", {"shortest": {"seconds": 61}}),
    ],
)
def test_a_bad_selection_is_refused_naming_the_key(key, wish):
    with pytest.raises(ServiceError) as caught:
        to_selection(pb.Selection(**{"emotions": [HAPPY], **wish}))
    assert (caught.value.reason, caught.value.metadata) == ("OPTIONS_INVALID", {"key": key})


@pytest.mark.parametrize(
    ("key", "wish"),
    [
        ("emotions", {"emotions": ["Joy"]}),
        ("emotions", {"emotions": []}),
        ("lead_in", {"lead_in_s": 11}),
        ("lead_out", {"lead_out_s": float("nan")}),
        ("shortest", {"shortest_s": -1}),
    ],
)
def test_bad_words_are_refused_naming_the_key(key, wish):
    with pytest.raises(ServiceError) as caught:
        selection_of_words(**{"emotions": ["Happy"], **wish})
    assert (caught.value.reason, caught.value.metadata) == ("OPTIONS_INVALID", {"key": key})


def test_words_and_messages_mean_the_same_in_any_order():
    words = selection_of_words(
        emotions=["Unsure", "Happy", "Happy"],
        min_confidence=0.5,
        people=["p2", "p1"],
        lead_in_s=0.25,
        lead_out_s=10,
        shortest_s=60,
    )
    assert to_selection(words.to_message()) == words
    assert list(words.to_message().emotions) == [UNSURE, HAPPY]
    assert words.lead_in_ns == S // 4
