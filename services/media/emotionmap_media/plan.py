"""Cuts a media file into segments. Pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
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


@dataclass(frozen=True, slots=True)
class SoFar:
    """What was planned of a video before: so many segments, up to a time, seconds."""

    segments: int = 0
    end: Fraction = Fraction(0)


NOTHING = SoFar()


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
    so_far: SoFar = NOTHING,
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
        so_far: What was planned before; spans follow on it.
    """
    full = max(segment or usual_segment(duration), interval)
    borders = [so_far.end]
    for number in count(so_far.segments):
        goal = _Goal.of(number, start=borders[-1], full=full, interval=interval)
        border = goal.best_border(duration, key_frames)
        if border is None:
            break
        borders.append(border)
    return _spans([*borders, duration])


def plan_surely(
    there: Fraction,
    *,
    interval: Fraction,
    segment: Fraction | None,
    key_frames: Sequence[Fraction],
    so_far: SoFar,
) -> list[Span]:
    """Return the next spans of a video whose length nobody knows, if they are sure.

    They are those that the plan of the complete video has there, if that is shorter than `LONG_S`;
    the segments of a longer one become longer as it goes on, not all at once.

    Args:
        there: The video is at least so long, seconds; all key frames up to there are known.
        interval: As for `plan_segments`, as `segment` and `so_far`.
        segment: As above.
        key_frames: Those from the last one at or before the end of `so_far` on.
        so_far: As above.
    """
    borders = [so_far.end]
    for number in count(so_far.segments):
        full = max(segment or usual_segment(borders[-1]), interval)
        goal = _Goal.of(number, start=borders[-1], full=full, interval=interval)
        border = goal.best_border(there, key_frames)
        if border is None or not goal.is_settled(border, there, key_frames):
            break
        borders.append(border)
    return _spans(borders)


@dataclass(frozen=True, slots=True)
class _Goal:
    """Where the border behind a segment should be; seconds."""

    start: Fraction
    length: Fraction
    longest: Fraction
    interval: Fraction

    @classmethod
    def of(cls, number: int, *, start: Fraction, full: Fraction, interval: Fraction) -> _Goal:
        """Return that of a segment, by its number, start and usual length."""
        ramp = Fraction(RAMP_S[number]) if number < len(RAMP_S) else full
        length = max(min(ramp, full), interval)
        # The first stays short; where key frames are far apart, the next may reach for one.
        longest = (length if number == 0 else full) * Fraction(3, 2)
        return cls(start, length, longest, interval)

    def best_border(self, duration: Fraction, key_frames: Sequence[Fraction]) -> Fraction | None:
        """Return the cheapest border at least half a segment behind the last and before the end."""
        if duration - self.start < self.length * Fraction(3, 2):
            return None
        first = ceil((self.start + self.length / 2) / self.interval)
        candidates = [
            self.interval * number for number in range(first, self._last_number(duration) + 1)
        ]
        return min(candidates, key=lambda one: self._cost(one, key_frames), default=None)

    def is_settled(self, border: Fraction, there: Fraction, key_frames: Sequence[Fraction]) -> bool:
        """Tell whether no border further behind can be cheaper, wherever key frames may be."""
        following = self.interval * (self._last_number(there) + 1)
        if following > self.start + self.longest:
            return True
        return self._cost(border, key_frames) <= self._cost(following, [following])

    def _last_number(self, duration: Fraction) -> int:
        return floor(min(self.start + self.longest, duration - self.length / 2) / self.interval)

    def _cost(self, border: Fraction, key_frames: Sequence[Fraction]) -> Fraction:
        index = bisect_right(key_frames, border) - 1
        waste = border - key_frames[index] if index >= 0 else Fraction(0)
        return waste + OFF_TARGET_COST * abs(border - self.start - self.length)


def _spans(borders: Sequence[Fraction]) -> list[Span]:
    return [Span(start, end) for start, end in pairwise(borders)]
