"""Looks at when the pictures of a group are shown. Ticks are whole numbers of the file's clock."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from emotionmap_media.splicing import Hindrance
from emotionmap_media.tracks import TICK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

SHORTEST = 3 * TICK
"""Pictures nearer than this, seconds, could fall on one tick of the output."""


def disorder(ticks: Sequence[int], *, reordered: int, tick: Fraction) -> Hindrance | None:
    """Return what is wrong with the times of a group, in the order of decoding.

    Args:
        ticks: When each picture is shown; not empty.
        reordered: Pictures that may come before one they are shown after.
        tick: Seconds.
    """
    ordered: list[int] = []
    for shown in ticks:
        place = bisect_right(ordered, shown)
        if len(ordered) - place > reordered:
            return Hindrance.REORDERING
        ordered.insert(place, shown)
    if ordered[0] != ticks[0]:
        return Hindrance.TIMES
    nearest = min((b - a for a, b in pairwise(ordered)), default=None)
    is_near = nearest is not None and nearest * tick < SHORTEST
    return Hindrance.TIMES if is_near else None


def copyable(ticks: Sequence[int], end: int) -> int:
    """Return how many packets can be copied: all shown before the end and before the rest."""
    earliest_behind = list(accumulate(reversed(ticks[1:]), min, initial=end))
    earliest_behind.reverse()
    copied = 0
    for index, latest in enumerate(accumulate(ticks, max)):
        if latest < earliest_behind[index]:
            copied = index + 1
    return copied
