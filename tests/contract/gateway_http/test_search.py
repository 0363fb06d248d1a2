"""Search in the titles of analyses, page by page."""

from __future__ import annotations

import unicodedata

import pytest

TITLES = ["Straße in Köln.mp4", "AMÉLIE 100%.mkv", "amélie_2.mkv", "Ночь.mp4", "plain.mp4"]


@pytest.fixture(scope="module")
def library(running_system):
    """Titles by id, oldest first."""
    return {running_system.finished(name=title): title for title in TITLES}


def found(system, library, **params):
    page = system.http.get("/v1/analyses", params=params).json()
    return [library.get(one["id"], "?") for one in page["analyses"]], page["next_cursor"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("amélie", TITLES[2:0:-1]),
        ("AMÉLIE", TITLES[2:0:-1]),
        (unicodedata.normalize("NFD", "amélie"), TITLES[2:0:-1]),
        ("STRASSE", TITLES[:1]),
        ("köln", TITLES[:1]),
        ("НОЧЬ", TITLES[3:4]),
        ("100%", TITLES[1:2]),
        ("e_2", TITLES[2:3]),
        ("%", TITLES[1:2]),
        ("nowhere", []),
        ("\\", []),
        ("\0", []),
    ],
)
def test_titles_are_found_whatever_the_case(system, library, text, titles):
    assert found(system, library, q=text) == (titles, None)


def test_pages_of_a_search_leave_none_out_and_show_none_twice(system, library):
    seen, cursor = [], ""
    for _ in range(5):
        titles, cursor = found(system, library, q="M", limit=2, cursor=cursor or "")
        seen += titles
        if cursor is None:
            break
    assert seen == TITLES[::-1]
    assert found(system, library, q="", limit=2)[0] == TITLES[:2:-1]


def test_too_long_a_search_is_refused(system):
    response = system.http.get("/v1/analyses", params={"q": "x" * 256})
    assert (response.status_code, response.json()["reason"]) == (400, "REQUEST_INVALID")
