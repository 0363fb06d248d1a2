"""Cuts a media file into segments. Pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from emotionmap_media.landing import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

OFF_TARGET_COST = Fraction(1, 10)
"""A second of decoding for nothing weighs as much as ten seconds off the wanted length."""


def plan_segments(
    duration: Fraction, *, interval: Fraction, segment: Fraction, key_frames: Sequence[Fraction]
) -> list[Span]:
    """Return contiguous spans from zero to the duration.

    Borders are whole multiples of the interval, and lie where little has to be decoded for
    nothing: at a key frame or shortly behind one. A remainder of less than half a segment joins
    the one before.

    Args:
        duration: Length of the media, seconds, greater than 0.
        interval: Length of an interval, seconds, greater than 0.
        segment: Wanted length of a segment, seconds; at least one interval is used.
        key_frames: Times of the key frames, ascending, seconds; empty if they are unknown.
    """
    length = max(segment, interval)
    borders = [Fraction(0)]
    while duration - borders[-1] >= length * Fraction(3, 2):
        border = _best_border(borders[-1], duration, interval, length, key_frames)
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
    key_frames: Sequence[Fraction],
) -> Fraction | None:
    """Return the cheapest border half a segment to one and a half behind the last."""
    first = ceil((start + length / 2) / interval)
    last = floor(min(start + length * Fraction(3, 2), duration - length / 2) / interval)
    candidates = [interval * number for number in range(first, last + 1)]

    def cost(border: Fraction) -> Fraction:
        index = bisect_right(key_frames, border) - 1
        waste = border - key_frames[index] if index >= 0 else Fraction(0)
        return waste + OFF_TARGET_COST * abs(border - start - length)

    return min(candidates, key=cost, default=None)
