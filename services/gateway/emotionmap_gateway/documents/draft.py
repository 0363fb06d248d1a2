"""The intervals of a draft: a few looks at a video, stretched over all of it. Pure arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotionmap.v1 import emotion_pb2, timeline_pb2

from emotionmap_gateway.documents.words import duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def stretched(
    looks: Iterable[tuple[int, timeline_pb2.Interval]], *, end_ns: int, interval_ns: int
) -> list[timeline_pb2.Interval]:
    """Return contiguous intervals from zero to the end, one around each look.

    Borders lie half way between neighbouring looks, at whole multiples of the interval. A look
    that is too near to the one before is left out.

    Args:
        looks: When each was, ns from time zero, ascending; and what was seen, wherever it lies.
        end_ns: Length of the video, ns.
        interval_ns: Length of an interval of the analysis, ns.
    """
    starts_ns: list[int] = []
    kept: list[tuple[int, timeline_pb2.Interval]] = []
    for at_ns, seen in looks:
        start_ns = 0
        if kept:
            half_ns = (kept[-1][0] + at_ns) // 2
            start_ns = (half_ns + interval_ns // 2) // interval_ns * interval_ns
            if not starts_ns[-1] < start_ns < end_ns:
                continue
        starts_ns.append(start_ns)
        kept.append((at_ns, seen))
    ends_ns = [*starts_ns[1:], end_ns][: len(kept)]
    spans = zip(starts_ns, ends_ns, kept, strict=True)
    return [_moved(seen, start_ns, stop_ns) for start_ns, stop_ns, (_, seen) in spans]


def outside(
    intervals: Iterable[timeline_pb2.Interval], ranges: Sequence[emotion_pb2.TimeRange]
) -> list[timeline_pb2.Interval]:
    """Return what of some intervals lies outside of some ranges, which do not overlap."""
    taken = sorted((duration_ns(one.start_offset), duration_ns(one.end_offset)) for one in ranges)
    kept: list[timeline_pb2.Interval] = []
    for interval in intervals:
        start_ns = duration_ns(interval.range.start_offset)
        end_ns = duration_ns(interval.range.end_offset)
        for first_ns, last_ns in taken:
            if last_ns <= start_ns or first_ns >= end_ns:
                continue
            if start_ns < first_ns:
                kept.append(_moved(interval, start_ns, first_ns))
            start_ns = last_ns
        if start_ns < end_ns:
            kept.append(_moved(interval, start_ns, end_ns))
    return kept


def _moved(seen: timeline_pb2.Interval, start_ns: int, end_ns: int) -> timeline_pb2.Interval:
    """Return what was seen as an interval that lies elsewhere, without whose faces they are."""
    moved = timeline_pb2.Interval()
    moved.CopyFrom(seen)
    moved.ClearField("tracks")
    moved.range.start_offset.FromNanoseconds(start_ns)
    moved.range.end_offset.FromNanoseconds(end_ns)
    return moved
