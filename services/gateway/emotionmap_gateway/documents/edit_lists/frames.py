"""Counts time in frames, exactly. A rate is a ratio; no time passes through a float."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from emotionmap_gateway.documents.words import NS_PER_S, duration_ns

if TYPE_CHECKING:
    from emotionmap.v1 import timeline_pb2

STANDARD_RATES: Final = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(48),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
SOUND_RATE: Final = Fraction(25)
"""What sound without pictures is counted in: any interval that may be chosen is whole in it."""

DROP_FRAME_RATES: Final = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
"""Rates whose timecode leaves out numbers to keep up with the clock, and how many a minute."""

_ROUNDING: Final = Fraction(1, 20)
"""Frames by which a length may fall short of a whole number of them and still be it.

What is left after the last whole frame is sound that outlasts the pictures; a clip that reached
into it would ask editors for a frame that the file does not have.
"""
_MAX_DENOMINATOR: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FrameClock:
    """Counts the frames of one video.

    Args:
        rate: Frames per second.
        total: Frames of the whole video; no count goes beyond.
    """

    rate: Fraction
    total: int

    def frames(self, time_ns: int) -> int:
        """Return how many frames begin before a time, at most all of them.

        So [start, end) holds the frames `frames(start)` up to, not with, `frames(end)`: those that
        begin within it. Neighbouring stretches share no frame and leave none out.
        """
        count = -(-time_ns * self.rate.numerator // (self.rate.denominator * NS_PER_S))
        return min(self.total, count)

    def seconds(self, frames: int) -> Fraction:
        """Return when a frame begins, seconds."""
        return frames / self.rate

    @property
    def is_drop_frame(self) -> bool:
        """Whether timecode leaves out numbers."""
        return self.rate in DROP_FRAME_RATES

    @property
    def base(self) -> int:
        """Frame numbers in a second of timecode: 24 at 23.976, 30 at 29.97."""
        return max(1, math.ceil(self.rate - Fraction(1, 2)))

    def timecode(self, frame: int) -> str:
        """Return the SMPTE timecode of a frame; with ";" before the frames in drop frame."""
        number = self._with_dropped(frame)
        seconds, frames = divmod(number, self.base)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        mark = ";" if self.is_drop_frame else ":"
        return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:02d}"

    @property
    def hour(self) -> int:
        """Frame that has timecode one hour, where programmes begin."""
        dropped = DROP_FRAME_RATES.get(self.rate, 0)
        return 3600 * self.base - 54 * dropped

    def _with_dropped(self, frame: int) -> int:
        """Return the number of a frame once the numbers that are left out are counted too.

        The first numbers of each minute are left out, but not of each tenth minute.
        """
        dropped = DROP_FRAME_RATES.get(self.rate, 0)
        if not dropped:
            return frame
        in_minute = 60 * self.base - dropped
        in_ten = 600 * self.base - 9 * dropped
        tens, rest = divmod(frame, in_ten)
        # The first minute of ten has all its numbers.
        minutes = 0 if rest < 60 * self.base else 1 + (rest - 60 * self.base) // in_minute
        return frame + dropped * (9 * tens + minutes)


def clock_of(media: timeline_pb2.MediaInfo) -> FrameClock:
    """Return the clock of a video."""
    length_s = Fraction(duration_ns(media.duration), NS_PER_S)
    rate = SOUND_RATE
    if media.HasField("frame_rate"):
        average = Fraction(media.frame_rate.numerator, media.frame_rate.denominator)
        rate = edit_rate(average, length_s) if average > 0 else rate
    return FrameClock(rate, max(1, math.floor(length_s * rate + _ROUNDING)))


def edit_rate(average: Fraction, length_s: Fraction) -> Fraction:
    """Return the rate that a video is edited in.

    An average over a file's frames is often a hair beside the rate it was made in (2997/100, or
    one frame less than full). The nearest standard rate is taken where over the whole video both
    count the same frames to within half of one; otherwise the average as it is.
    """
    nearest = min(STANDARD_RATES, key=lambda rate: abs(rate - average))
    if abs(nearest - average) * length_s <= Fraction(1, 2):
        return nearest
    return 1 / (1 / average).limit_denominator(_MAX_DENOMINATOR)
