"""Writes the index of an MP4 anew, with some of its packets alone.

libav keeps 36 bytes or more for every packet that an index names: 40 MB for three hours, and a
tenth of a second, each time the file is opened, for a segment of a minute. In the excerpt every
packet that is left has its time, place and length, and the header counts all of them as before.
What is not quite usual gives no excerpt.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from emotionmap_media.boxes import boxes, to_box, u32
from emotionmap_media.clock import Span
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.overlaid import Overlay
from emotionmap_media.preflight import parts_of
from emotionmap_media.tables import SampleTable, Unusual, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from emotionmap_media.objects import Source
    from emotionmap_media.preflight import Findings
    from emotionmap_media.streams import Limits

    Numbers = NDArray[np.int64]
    Choose: TypeAlias = Callable[[SampleTable], Numbers]
    """Gives the numbers of samples that are wanted of a track, ascending, int64 [T]."""

HEAD_S = 10
"""Of each track the beginning stays, seconds: libav looks there for what the streams are like."""
FEWEST = 64
"""Samples at least that stay of it, and behind what is wanted: more than any decoder holds back."""
MAX_SHIFT_S = 5
"""By how much, seconds, an edit list may move a track."""
SLACK_S = 3 * MAX_SHIFT_S
"""How far the times of an index and those of the pictures are apart at most, seconds."""

BACK_S = 30
"""So much before a stretch is kept: a seek may have to be tried again from earlier."""
AHEAD_S = 30
"""And behind it: a stream that ends is waited for."""

_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a file.

    Attributes:
        choose: Gives the samples of a track.
        since: From when on a seek finds what it would in the whole file, seconds; at 0 the file
            may also be read from its beginning.
    """

    choose: Choose
    since: Fraction

    @classmethod
    def around(cls, span: Span) -> Wanted:
        """Want what lies in a span, and what is read around it."""
        start = max(Fraction(0), span.start - BACK_S)
        return cls(_stretch(Span(start, span.end + AHEAD_S)), start)

    @classmethod
    def key_frames(cls) -> Wanted:
        """Want the pictures with which decoding can begin, and no sound."""
        return cls(_key_frames, Fraction(0))


def _stretch(span: Span) -> Choose:
    """Choose what lies in a span, from the key frame before it on."""

    def choose(table: SampleTable) -> Numbers:
        first, last = table.first_at(span.start - SLACK_S), table.first_at(span.end + SLACK_S)
        return np.arange(table.key_before(first), min(last + FEWEST, table.count))

    return choose


def _key_frames(table: SampleTable) -> Numbers:
    """Choose the pictures with which decoding can begin, and no sound."""
    if not table.is_video:
        return np.zeros(0, np.int64)
    return np.arange(table.count) if table.keys is None else table.keys


def overlay_of(
    source: Source, limits: Limits, findings: Findings, wanted: Wanted | None
) -> Overlay | None:
    """Return what is read in place of a file's own bytes.

    Args:
        source: Where the file is. Of one whose fragments are still coming, those that were not
            looked at are hidden.
        limits: Up to which length an index is read whole.
        findings: What was found in the file.
        wanted: What will be read of it; None is all.

    Returns:
        None where it is read as it is, or as far as it is checked.
    """
    if isinstance(source, GrowingMedia) and findings.is_open_ended:
        source.end_at(findings.checked_bytes)
        return None
    if isinstance(source, GrowingMedia) and findings.fragments:
        # What was not looked at does not count; and libav asks how much there is behind the
        # fragments, where the file may not be yet.
        source.hide_from(findings.checked_bytes)
        rest = struct.pack(">I", findings.rest_bytes)
        return Overlay(source.size_bytes - len(rest), rest) if findings.rest_bytes else None
    index = findings.index
    if wanted is None or index is None or index.entries <= limits.whole_index_entries:
        return None
    data = excerpt(parts_of(source, index), index.size_bytes, wanted.choose)
    return Overlay(index.at, data) if data is not None else None


def excerpt(
    parts: Iterable[tuple[bytes, memoryview]], size_bytes: int, choose: Choose
) -> bytes | None:
    """Return what takes the place of the beginning of an index in its file.

    Args:
        parts: Kind and contents of what is in the box `moov`, sound as `preflight` has it. Each is
            let go before the next is asked for: those of three hours are 12 MB together.
        size_bytes: Of the whole box.
        choose: What stays of each track, besides its beginning.

    Returns:
        The index of what was chosen, and the head of a box that hides the rest of the other; None
        if there is no excerpt.
    """
    try:
        made = to_box(b"moov", b"".join(_movie(parts, choose)))
    except (Unusual, ValueError, IndexError, struct.error):
        return None
    left = size_bytes - len(made)
    return made + struct.pack(">I4s", left, b"free") if left >= _HEAD_BYTES else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the table of a track's samples is replaced."""

    table: bytes

    def put(self, body: memoryview, path: tuple[bytes, ...]) -> bytes:
        """Return a box's contents with the table at a path of boxes below it."""
        if not path:
            return self.table
        return b"".join(
            to_box(kind, self.put(part, path[1:]) if kind == path[0] else part)
            for kind, part in boxes(body)
        )


def _movie(parts: Iterable[tuple[bytes, memoryview]], choose: Choose) -> Iterator[bytes]:
    """Yield the boxes of an excerpt."""
    ticks_per_s: int | None = None
    for kind, part in parts:
        if kind == b"trak":
            yield _track(part, ticks_per_s, choose)
        else:
            yield to_box(kind, part)
        if kind == b"mvhd":
            ticks_per_s = u32(part, 20 if part[0] == 1 else 12)
        del part  # before the next is read


def _track(body: memoryview, ticks_per_s: int | None, choose: Choose) -> bytes:
    if ticks_per_s is None:  # the header of all comes behind
        raise Unusual
    table = table_of(body)
    _check_edits(_find(body, b"edts", b"elst"), table, ticks_per_s)
    head = np.arange(min(max(table.first_at(Fraction(HEAD_S)), FEWEST), table.count))
    wanted = np.union1d(head, choose(table))
    return to_box(b"trak", _Place(table.only(wanted)).put(body, (b"mdia", b"minf", b"stbl")))


def _check_edits(edits: memoryview | None, table: SampleTable, ticks_per_s: int) -> None:
    """Let pass what all players and recorders write: a pause, then all from near the beginning."""
    entries = list(_edits(edits)) if edits is not None else []
    pauses = [length for length, start, _ in entries if start == -1]
    shown = [(start, rate) for _, start, rate in entries if start != -1]
    is_usual = (
        len(shown) <= 1
        and len(pauses) <= 1
        and (not pauses or entries[0][1] == -1)
        and sum(pauses) <= MAX_SHIFT_S * ticks_per_s
        and all(0 <= start <= MAX_SHIFT_S * table.ticks_per_s for start, _ in shown)
        and all(rate == 1 for _, rate in shown)
    )
    if not is_usual:
        raise Unusual


def _edits(body: memoryview) -> Iterator[tuple[int, int, float]]:
    """Yield length, start and rate of each edit."""
    form = struct.Struct(">QqI" if body[0] == 1 else ">IiI")
    for number in range(u32(body, 4)):
        length, start, rate = form.unpack_from(body, 8 + number * form.size)
        yield length, start, rate / 0x10000


def _find(body: memoryview, *path: bytes) -> memoryview | None:
    """Return the contents of the first box at a path."""
    for kind, part in boxes(body):
        if kind == path[0]:
            return _find(part, *path[1:]) if path[1:] else part
    return None
