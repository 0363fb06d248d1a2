"""Timelines for tests, written down in a line."""

from __future__ import annotations

from emotionmap.v1 import emotion_pb2, timeline_pb2

HAPPY, SADNESS, FEAR, UNSURE = (
    emotion_pb2.EMOTION_HAPPY,
    emotion_pb2.EMOTION_SADNESS,
    emotion_pb2.EMOTION_FEAR,
    emotion_pb2.EMOTION_UNSPECIFIED,
)
CONFIDENCE = 0.875
"""Where none is said; exact as a float32."""


def timeline(*moods, people=None, title="A film"):
    """One interval a second, each an emotion or (emotion, confidence).

    People are {id: {second: emotion or (emotion, confidence)}}.
    """
    film = timeline_pb2.Timeline(title=title)
    film.media.duration.seconds = len(moods)
    for second, mood in enumerate(moods):
        _fill(film.intervals.add(), second, mood)
    for name, seen in (people or {}).items():
        person = film.people.add(id=name)
        for second, mood in seen.items():
            _fill(person.intervals.add(), second, mood)
    return film


def _fill(interval, second, mood):
    emotion, confidence = mood if isinstance(mood, tuple) else (mood, CONFIDENCE)
    interval.emotion, interval.confidence = emotion, confidence
    interval.range.start_offset.seconds = second
    interval.range.end_offset.seconds = second + 1
