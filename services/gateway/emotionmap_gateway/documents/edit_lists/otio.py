"""Writes a programme as OpenTimelineIO JSON, with the schema versions that 0.15 and later write.

By hand rather than by the package: it builds the whole tree in memory before it writes, and is a
compiled library for what is six kinds of objects. Tests read the result back with the package.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emotionmap_gateway.documents.edit_lists.colors import OTIO_COLORS
from emotionmap_gateway.documents.words import emotion_word, probability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_gateway.documents.edit_lists.clips import Clip, Mark, Programme
    from emotionmap_gateway.documents.edit_lists.frames import FrameClock


def to_otio(programme: Programme) -> Iterator[str]:
    """Yield the document: a track for pictures and one for sound, as far as the video has them."""
    head = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"emotionmap": {"notice": programme.notice}},
        "name": programme.title,
        "global_start_time": None,
    }
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", **_item(None)}
    yield f'{_open(head)},"tracks":{_open(stack)},"children":['
    media = programme.media
    kinds = [kind for kind, has in (("Video", media.has_video), ("Audio", media.has_audio)) if has]
    for number, kind in enumerate(kinds):
        yield "," if number else ""
        yield from _track(programme, kind, has_marks=number == 0)
    yield "]}}\n"


def _track(programme: Programme, kind: str, *, has_marks: bool) -> Iterator[str]:
    track = {"OTIO_SCHEMA": "Track.1", "name": kind, "kind": kind, **_item(None)}
    yield f'{_open(track)},"children":['
    for number, clip in enumerate(programme.clips):
        yield "," if number else ""
        yield _text(_clip(programme, clip, clip.marks if has_marks else ()))
    yield "]}"


def _clip(programme: Programme, clip: Clip, marks: tuple[Mark, ...]) -> dict[str, Any]:
    clock = programme.clock
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": programme.title,
        "available_range": _range(clock, 0, clock.total),
        "available_image_bounds": None,
        "target_url": programme.media_url,
    }
    item = _item(_range(clock, clip.start, clip.length))
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": clip.name,
        **item,
        "markers": [_marker(clock, mark) for mark in marks],
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _marker(clock: FrameClock, mark: Mark) -> dict[str, Any]:
    seen = {"emotion": emotion_word(mark.emotion), "confidence": probability(mark.confidence)}
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {"emotionmap": seen},
        "name": mark.text,
        "color": OTIO_COLORS[mark.emotion],
        # As the schema has it: in the time of the video, like the clip's own range.
        "marked_range": _range(clock, mark.start, mark.end - mark.start),
        "comment": "",
    }


def _item(source_range: dict[str, Any] | None) -> dict[str, Any]:
    """Return what every part of a composition has."""
    return {
        "metadata": {},
        "source_range": source_range,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _range(clock: FrameClock, start: int, length: int) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(clock, start),
        "duration": _time(clock, length),
    }


def _time(clock: FrameClock, frames: int) -> dict[str, Any]:
    # The schema knows rates as floats alone; the frames stay whole.
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(clock.rate), "value": float(frames)}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _open(value: dict[str, Any]) -> str:
    """Return an object as text, left open for more members."""
    return _text(value)[:-1]
