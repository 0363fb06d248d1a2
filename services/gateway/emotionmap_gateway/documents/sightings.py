"""Finds where on the picture each person is in each interval. Not for deciding who is a person."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from emotionmap_gateway.documents.words import probability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap.v1 import emotion_pb2, timeline_pb2

Corners = list[float]
"""[left, top, right, bottom] in shares of the picture."""

TOLERANCE: Final = 1e-4
"""Most by which the confidence of a person's interval differs from that of its track: rounding."""


def boxes_of(timeline: timeline_pb2.Timeline) -> Mapping[tuple[str, int], tuple[Corners, Corners]]:
    """Return first and last box by person id and index of the person's interval.

    A person's interval and its track carry the same emotion with the same confidence; that is how
    they are found together, since tracks have no person's id. What matches none is left out.
    """
    waiting: dict[int, list[timeline_pb2.TrackEvidence]] = defaultdict(list)
    for interval in timeline.intervals:
        waiting[_start_ns(interval)] = list(interval.tracks)
    found: dict[tuple[str, int], tuple[Corners, Corners]] = {}
    for person in timeline.people:
        for index, seen in enumerate(person.intervals):
            tracks = waiting[_start_ns(seen)]
            match = next((track for track in tracks if _is_of(track, seen)), None)
            if match is not None:
                tracks.remove(match)
                found[person.id, index] = (_corners(match.first_box), _corners(match.last_box))
    return found


def _start_ns(item: timeline_pb2.Interval | timeline_pb2.PersonInterval) -> int:
    start = item.range.start_offset
    return start.seconds * 1_000_000_000 + start.nanos


def _is_of(track: timeline_pb2.TrackEvidence, seen: timeline_pb2.PersonInterval) -> bool:
    scores = track.scores.probabilities
    if not 1 <= seen.emotion <= len(scores):
        return False
    return abs(scores[seen.emotion - 1] - seen.confidence) <= TOLERANCE


def _corners(box: emotion_pb2.BoundingBox) -> Corners:
    return [probability(edge) for edge in (box.left, box.top, box.right, box.bottom)]
