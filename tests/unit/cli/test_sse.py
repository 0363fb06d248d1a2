"""Server-sent events as the gateway writes them."""

from __future__ import annotations

from emotionmap_cli.sse import Event, parse_events


def parse(text):
    return list(parse_events(text.split("\n")))


def test_an_event_has_id_kind_and_data() -> None:
    found = parse('id: 7\nevent: analysis\ndata: {"a": "b: c"}\n\n')
    assert found == [Event("7", "analysis", '{"a": "b: c"}')]


def test_comments_are_no_events() -> None:
    assert parse(": keep-alive\n\n: keep-alive\n\n") == []


def test_lines_of_data_are_joined() -> None:
    assert parse("data: a\ndata:b\n\n") == [Event("", "message", "a\nb")]


def test_an_event_that_is_cut_off_is_dropped() -> None:
    assert parse("id: 1\ndata: a\n\nid: 2\ndata: hal") == [Event("1", "message", "a")]
