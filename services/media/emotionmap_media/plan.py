"""Cuts a media file into segments. Pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from itertools import chain, repeat
from math import ceil, floor
from typing import TYPE_CHECKING

from emotionmap_media.clock import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

OFF_TARGET_COST = Fraction(1, 10)
"""A second of decoding for nothing weighs as much as ten seconds off the wanted length."""
RAMP_S = (2, 4, 8)
"""Lengths of the first segments, seconds: what is shown of a video first is there soon."""
SEGMENT_S = (Fraction(16), Fraction(60))
"""Shortest and longest usual length of a segment, seconds."""
LONG_S = 240 * SEGMENT_S[0]
"""From here on segments grow: each opens the file anew, which costs 34 ms per hour of its index."""


def usual_segment(duration: Fraction) -> Fraction:
    """Return the length of segments of a video, seconds, if none is asked for."""
    shortest, longest = SEGMENT_S
    return min(longest, max(shortest, Fraction(round(shortest * duration / LONG_S))))


def plan_segments(
    duration: Fraction,
    *,
    interval: Fraction,
    segment: Fraction | None,
    key_frames: Sequence[Fraction],
) -> list[Span]:
    """Return contiguous spans from zero to the duration, short ones first.

    Borders are whole multiples of the interval, and lie where little has to be decoded for
    nothing: at a key frame or shortly behind one. A remainder of less than half a segment joins
    the one before.

    Args:
        duration: Length of the media, seconds, greater than 0.
        interval: Length of an interval, seconds, greater than 0.
        segment: Wanted length of a segment, seconds; at least one interval is used. None leaves it
            to `usual_segment`.
        key_frames: Times of the key frames, ascending, seconds; empty if they are unknown.
    """
    full = max(segment or usual_segment(duration), interval)
    lengths = (max(min(Fraction(ramp), full), interval) for ramp in RAMP_S)
    borders = [Fraction(0)]
    for length in chain(lengths, repeat(full)):
        if duration - borders[-1] < length * Fraction(3, 2):
            break
        # The first stays short; where key frames are far apart, the next may reach for one.
        longest = (length if len(borders) == 1 else full) * Fraction(3, 2)
        border = _best_border(borders[-1], duration, interval, length, longest, key_frames)
        if border is None:
            break
        borders.append(border)
    ends = [*borders[1:], duration]
    return [Span(start, end) for start, end in zip(borders, ends, strict=True)]


def _best_border(
    start: Fraction,
    duration: Fraction,
    interval: Fraction,
    length: Fraction,
    longest: Fraction,
    key_frames: Sequence[Fraction],
) -> Fraction | None:
    """Return the cheapest border at least half a segment behind the last."""
    first = ceil((start + length / 2) / interval)
    last = floor(min(start + longest, duration - length / 2) / interval)
    candidates = [interval * number for number in range(first, last + 1)]

    def cost(border: Fraction) -> Fraction:
        index = bisect_right(key_frames, border) - 1
        waste = border - key_frames[index] if index >= 0 else Fraction(0)
        return waste + OFF_TARGET_COST * abs(border - start - length)

    return min(candidates, key=cost, default=None)
