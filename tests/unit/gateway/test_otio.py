"""OpenTimelineIO documents, read by the package that defines them."""

from __future__ import annotations

import json

import opentimelineio as otio
import pytest
from emotionmap_gateway.documents.edit_lists.otio import to_otio

from tests.unit.gateway.edit_lists import FILM, NTSC, PAL, made_programme


def text_of(**kwargs):
    return "".join(to_otio(made_programme(**kwargs)))


def read(**kwargs):
    timeline = otio.adapters.read_from_string(text_of(**kwargs), "otio_json")
    assert isinstance(timeline, otio.schema.Timeline)
    return timeline


def schemas(value):
    """Return every schema version that a document names."""
    if isinstance(value, dict):
        own = {value["OTIO_SCHEMA"]} if "OTIO_SCHEMA" in value else set()
        return own.union(*(schemas(part) for part in value.values()))
    return set().union(*(schemas(part) for part in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("rate", [FILM, PAL, NTSC])
def test_clips_are_the_frames_that_begin_in_a_piece(rate):
    clips = list(read(rate=rate).find_clips())[:2]
    frames = [
        (clip.source_range.start_time.value, clip.source_range.duration.value) for clip in clips
    ]
    expected = {
        FILM: [(0, 48), (72, 48)],
        PAL: [(0, 50), (75, 50)],
        NTSC: [(0, 60), (90, 60)],
    }
    assert frames == expected[rate]
    assert clips[0].source_range.start_time.rate == float(rate)


def test_what_is_written_is_what_the_package_writes():
    text = text_of()
    again = otio.adapters.write_to_string(read(), "otio_json")
    assert schemas(json.loads(text)) == schemas(json.loads(again))
    assert read().is_equivalent_to(otio.adapters.read_from_string(again, "otio_json"))
    assert read().tracks[0].range_of_child_at_index(1).start_time.value == 48


@pytest.mark.parametrize(
    ("media", "kinds"),
    [((True, True), ["Video", "Audio"]), ((True, False), ["Video"]), ((False, True), ["Audio"])],
)
def test_there_is_a_track_for_what_the_video_has(media, kinds):
    timeline = read(has_video=media[0], has_audio=media[1])
    assert [track.kind for track in timeline.tracks] == kinds
    assert [len(track) for track in timeline.tracks] == [2] * len(kinds)
    assert [len(track[1].markers) for track in timeline.tracks] == [2, 0][: len(kinds)]


def test_markers_tell_emotion_and_confidence():
    marks = read(rate=PAL).tracks[0][1].markers
    assert [(mark.name, mark.color) for mark in marks] == [
        ("Sadness 30%", "BLUE"),
        ("Happy 40%", "YELLOW"),
    ]
    assert marks[0].metadata["emotionmap"]["confidence"] == 0.3
    assert marks[1].marked_range.start_time.value == 100


def test_the_video_is_named_as_it_was_uploaded():
    clip = next(iter(read(title="Amélie 1.mp4", rate=PAL).find_clips()))
    assert clip.media_reference.target_url == "./Am%C3%A9lie%201.mp4"
    assert clip.media_reference.available_range.duration.value == 150
    assert read(title="Amélie 1.mp4").name == "Amélie 1.mp4"
