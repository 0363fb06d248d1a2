"""Writes a programme as a CMX 3600 edit decision list."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from emotionmap_gateway.documents.edit_lists.colors import EDL_COLORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_gateway.documents.edit_lists.clips import Clip, Programme

REEL: Final = "AX"
"""Reel of what is on no tape; the clip name tells the file."""

MAX_TITLE_CHARS: Final = 70

_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def to_edl(programme: Programme) -> Iterator[str]:
    """Yield the lines of the list: one event per clip, from one hour on, and its marks.

    The form counts events to 999; further ones get four digits.
    """
    clock = programme.clock
    yield f"TITLE: {_ascii(programme.title)[:MAX_TITLE_CHARS]}\r\n"
    yield f"FCM: {'DROP FRAME' if clock.is_drop_frame else 'NON-DROP FRAME'}\r\n"
    yield "\r\n"
    channels = _channels(programme)
    name = _ascii(programme.title)
    for number, clip in enumerate(programme.clips, start=1):
        times = (clip.start, clip.end, clock.hour + clip.at, clock.hour + clip.at + clip.length)
        codes = " ".join(clock.timecode(frame) for frame in times)
        yield f"{number:03d}  {REEL:<8} {channels:<5} C        {codes}\r\n"
        yield f"* FROM CLIP NAME: {name}\r\n"
        yield from _notes(programme, clip)


def _notes(programme: Programme, clip: Clip) -> Iterator[str]:
    clock = programme.clock
    yield f"* COMMENT: {clip.name}\r\n"
    for mark in clip.marks:
        at = clock.timecode(clock.hour + clip.at + max(0, mark.start - clip.start))
        yield f"* LOC: {at} {EDL_COLORS[mark.emotion]:<7} {mark.text}\r\n"


def _channels(programme: Programme) -> str:
    media = programme.media
    if media.has_video and media.has_audio:
        return "AA/V"
    return "V" if media.has_video else "AA"


def _ascii(text: str) -> str:
    """Return text as the form's seven bits can hold it: "Amélie" as "Amelie", the rest as "_"."""
    letters = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NOT_ASCII.sub("_", plain)
