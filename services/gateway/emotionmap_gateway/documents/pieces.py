"""Turns a timeline and a selection into pieces of the video.

Highlights and every export that holds a part of a timeline use this, so that all mean the same.
Times are whole nanoseconds from time zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from emotionmap_gateway.documents.selection import invalid
from emotionmap_gateway.documents.words import duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.documents.selection import Selection

NOBODY_MERGED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch with one emotion that matched."""

    start_ns: int
    end_ns: int
    emotion: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the video that is kept."""

    start_ns: int
    end_ns: int
    moments: tuple[Moment, ...]
    """What matched in it, by time, not overlapping; margins belong to none."""

    @property
    def length_ns(self) -> int:
        """How long it plays."""
        return self.end_ns - self.start_ns

    @property
    def strength(self) -> float:
        """Confidence of its surest moment."""
        return max(moment.confidence for moment in self.moments)

    @property
    def peak(self) -> Moment:
        """Its surest moment, the first of several."""
        return max(self.moments, key=lambda moment: moment.confidence)


def pieces_of(
    timeline: timeline_pb2.Timeline,
    selection: Selection,
    *,
    merged: Mapping[str, str] = NOBODY_MERGED,
) -> list[Piece]:
    """Return the pieces of a video that a selection means, by time; none overlap or touch.

    Args:
        timeline: A finished timeline.
        selection: Which moments.
        merged: Person that each merged person is part of; those count as one.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`: a person is not in the timeline.
    """
    found = list(_apart(_matching(timeline, selection, merged)))
    runs = [
        run
        for run in _joined(found, before_ns=0, after_ns=0, end_ns=_end_ns(timeline))
        if run.length_ns >= selection.shortest_ns
    ]
    return _joined(
        list(chain.from_iterable(run.moments for run in runs)),
        before_ns=selection.lead_in_ns,
        after_ns=selection.lead_out_ns,
        end_ns=_end_ns(timeline),
    )


def strongest_within(pieces: Sequence[Piece], max_length_ns: int | None) -> list[Piece]:
    """Return the strongest pieces that fit into a length, by time; None means no limit.

    If none fits, the strongest is cut down to its surest moment and what lies around it.
    """
    if max_length_ns is None or not pieces:
        return list(pieces)
    kept, left_ns = [], max_length_ns
    ranked = by_strength(pieces)
    for piece in ranked:
        if piece.length_ns <= left_ns:
            kept.append(piece)
            left_ns -= piece.length_ns
    return sorted(kept or [_shortened(ranked[0], max_length_ns)], key=lambda one: one.start_ns)


def by_strength(pieces: Iterable[Piece]) -> list[Piece]:
    """Return pieces with the strongest first, equal ones by time."""
    return sorted(pieces, key=lambda piece: (-piece.strength, piece.start_ns))


def _matching(
    timeline: timeline_pb2.Timeline, selection: Selection, merged: Mapping[str, str]
) -> Iterator[Moment]:
    """Yield what matches, interval by interval; that of several people may overlap."""
    seen: Iterable[timeline_pb2.Interval | timeline_pb2.PersonInterval] = timeline.intervals
    if selection.people:
        known = {person.id for person in timeline.people}
        if not selection.people <= known:
            raise invalid("people", "people must be ids of people of the timeline.")
        wanted = {_whole(person, merged) for person in selection.people}
        seen = chain.from_iterable(
            person.intervals for person in timeline.people if _whole(person.id, merged) in wanted
        )
    for one in seen:
        if one.emotion in selection.emotions and one.confidence >= selection.min_confidence:
            start_ns, end_ns = (
                duration_ns(one.range.start_offset),
                duration_ns(one.range.end_offset),
            )
            yield Moment(start_ns, end_ns, one.emotion, one.confidence)


def _whole(person: str, merged: Mapping[str, str]) -> str:
    """Return the person that one is part of, through as many merges as there are."""
    passed = {person}
    while (whole := merged.get(person)) and whole not in passed:
        passed.add(whole)
        person = whole
    return person


def _apart(moments: Iterable[Moment]) -> Iterator[Moment]:
    """Yield moments by time, the surest where several lie, neighbours of one emotion as one."""
    last: Moment | None = None
    for moment in sorted(moments, key=lambda one: (one.start_ns, -one.confidence)):
        start_ns = max(moment.start_ns, last.end_ns) if last else moment.start_ns
        if start_ns >= moment.end_ns:
            continue
        if last and (last.end_ns, last.emotion) == (start_ns, moment.emotion):
            surest = max(last.confidence, moment.confidence)
            last = Moment(last.start_ns, moment.end_ns, last.emotion, surest)
            continue
        if last:
            yield last
        last = Moment(start_ns, moment.end_ns, moment.emotion, moment.confidence)
    if last:
        yield last


def _joined(
    moments: Iterable[Moment], *, before_ns: int, after_ns: int, end_ns: int
) -> list[Piece]:
    """Return moments with margins, those that then touch as one piece."""
    groups: list[list[Moment]] = []
    for moment in moments:
        if groups and groups[-1][-1].end_ns + after_ns >= moment.start_ns - before_ns:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return [
        Piece(
            max(0, group[0].start_ns - before_ns),
            min(end_ns, group[-1].end_ns + after_ns),
            tuple(group),
        )
        for group in groups
    ]


def _shortened(piece: Piece, length_ns: int) -> Piece:
    """Return so much of a piece, the middle of its surest moment in the middle if possible."""
    peak = piece.peak
    start_ns = (peak.start_ns + peak.end_ns - length_ns) // 2
    start_ns = min(max(start_ns, piece.start_ns), piece.end_ns - length_ns)
    end_ns = start_ns + length_ns
    inside = (
        Moment(max(one.start_ns, start_ns), min(one.end_ns, end_ns), one.emotion, one.confidence)
        for one in piece.moments
    )
    return Piece(start_ns, end_ns, tuple(one for one in inside if one.start_ns < one.end_ns))


def _end_ns(timeline: timeline_pb2.Timeline) -> int:
    last_ns = duration_ns(timeline.intervals[-1].range.end_offset) if timeline.intervals else 0
    return max(last_ns, duration_ns(timeline.media.duration))
