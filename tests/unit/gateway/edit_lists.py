"""Timelines for tests of edit lists, and small readers of what is written."""

from __future__ import annotations

import re
from fractions import Fraction

from emotionmap.v1 import emotion_pb2, timeline_pb2
from emotionmap_gateway.documents.edit_lists.clips import programme_of
from emotionmap_gateway.documents.pieces import pieces_of
from emotionmap_gateway.documents.selection import EVERY_EMOTION

HAPPY, SAD, UNSURE = (
    emotion_pb2.EMOTION_HAPPY,
    emotion_pb2.EMOTION_SADNESS,
    emotion_pb2.EMOTION_UNSPECIFIED,
)
MOODS = [HAPPY, HAPPY, UNSURE, SAD, HAPPY, UNSURE]
FILM, PAL, NTSC = Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)

EVENT = re.compile(
    r"(?P<number>\d{3,4})  (?P<reel>.{8}) (?P<channels>.{5}) C        "
    r"(?P<source_in>\S{11}) (?P<source_out>\S{11}) (?P<record_in>\S{11}) (?P<record_out>\S{11})"
)


def made_timeline(
    *, rate=FILM, moods=MOODS, title="film.mp4", has_video=True, has_audio=True, step_s=1
):
    """Return a timeline of intervals of `step_s`, one per mood, each a tenth surer."""
    timeline = timeline_pb2.Timeline(title=title, notice="Estimated & not felt.")
    media = timeline.media
    media.has_video, media.has_audio = has_video, has_audio
    media.duration.FromNanoseconds(round(len(moods) * step_s * 10**9))
    if has_video:
        media.frame_rate.numerator, media.frame_rate.denominator = rate.numerator, rate.denominator
        media.width_px, media.height_px = 1920, 1080
    for number, mood in enumerate(moods):
        interval = timeline.intervals.add(emotion=mood, confidence=0.1 * (number % 10))
        interval.range.start_offset.FromNanoseconds(round(number * step_s * 10**9))
        interval.range.end_offset.FromNanoseconds(round((number + 1) * step_s * 10**9))
    return timeline


def made_programme(selection=EVERY_EMOTION, **kwargs):
    timeline = made_timeline(**kwargs)
    return programme_of(timeline, pieces_of(timeline, selection))


def read_edl(text):
    """Return header lines, and events with the notes below each; refuse what is neither."""
    lines = text.split("\r\n")
    head = lines[: lines.index("")]
    events = []
    for line in lines[len(head) + 1 : -1]:
        match = EVENT.fullmatch(line)
        if match:
            events.append(match.groupdict() | {"notes": []})
        else:
            assert line.startswith("* "), line
            events[-1]["notes"].append(line)
    assert lines[-1] == ""
    return head, events


def frame_of(timecode, rate):
    """Return the frame of a timecode by counting on from the minute before it."""
    base = {FILM: 24, PAL: 25, NTSC: 30}[rate]
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", timecode))
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if rate == NTSC:
        passed = hours * 60 + minutes
        count -= 2 * (passed - passed // 10)
    return count
