"""Edit decision lists, read back by a small parser of CMX 3600."""

from __future__ import annotations

import pytest
from emotionmap_gateway.documents.edit_lists.edl import to_edl

from tests.unit.gateway.edit_lists import (
    FILM,
    HAPPY,
    NTSC,
    PAL,
    SAD,
    UNSURE,
    frame_of,
    made_programme,
    read_edl,
)


def read(**kwargs):
    return read_edl("".join(to_edl(made_programme(**kwargs))))


@pytest.mark.parametrize("rate", [FILM, PAL, NTSC])
def test_each_piece_is_an_event_of_the_frames_that_begin_in_it(rate):
    _, events = read(rate=rate)
    cuts = [(frame_of(e["source_in"], rate), frame_of(e["source_out"], rate)) for e in events]
    for (start, end), (begin_s, finish_s) in zip(cuts, [(0, 2), (3, 5)], strict=True):
        assert begin_s <= start / rate < begin_s + 1 / rate
        assert finish_s - 1 / rate <= (end - 1) / rate < finish_s


@pytest.mark.parametrize("rate", [FILM, PAL, NTSC])
def test_the_programme_begins_at_one_hour_and_has_no_hole(rate):
    _, events = read(rate=rate)
    at = frame_of("01:00:00:00", rate)
    for event in events:
        length = frame_of(event["source_out"], rate) - frame_of(event["source_in"], rate)
        assert frame_of(event["record_in"], rate) == at
        at += length
        assert frame_of(event["record_out"], rate) == at


@pytest.mark.parametrize(
    ("rate", "mode", "mark"),
    [(FILM, "NON-DROP FRAME", ":"), (PAL, "NON-DROP FRAME", ":"), (NTSC, "DROP FRAME", ";")],
)
def test_the_head_tells_title_and_how_frames_are_counted(rate, mode, mark):
    head, events = read(rate=rate)
    assert head == ["TITLE: film.mp4", f"FCM: {mode}"]
    assert {event["record_in"][8] for event in events} == {mark}


def test_marks_tell_emotion_and_confidence_where_they_are():
    _, events = read(rate=PAL)
    assert events[1]["notes"] == [
        "* FROM CLIP NAME: film.mp4",
        "* COMMENT: Happy 40%",
        "* LOC: 01:00:02:00 BLUE    Sadness 30%",
        "* LOC: 01:00:03:00 YELLOW  Happy 40%",
    ]


@pytest.mark.parametrize(
    ("has_video", "has_audio", "channels"),
    [(True, True, "AA/V"), (True, False, "V"), (False, True, "AA")],
)
def test_channels_are_those_of_the_video(has_video, has_audio, channels):
    _, events = read(has_video=has_video, has_audio=has_audio)
    assert {event["channels"].strip() for event in events} == {channels}


def test_a_title_in_any_script_stays_one_line_of_ascii():
    text = "".join(to_edl(made_programme(title="Amélie 東京\r\n* LOC: x.mp4")))
    head, events = read_edl(text)
    assert text.isascii()
    assert head[0] == "TITLE: Amelie __ * LOC: x.mp4"
    assert len(events) == 2


def test_more_than_999_events_are_counted_on():
    _, events = read(rate=PAL, moods=[HAPPY, UNSURE] * 1001)
    assert [event["number"] for event in events[997:1001]] == ["998", "999", "1000", "1001"]


def test_a_piece_in_which_no_frame_begins_is_left_out():
    _, events = read(rate=PAL, moods=[UNSURE, SAD, UNSURE, HAPPY], step_s=0.01)
    assert len(events) == 0
