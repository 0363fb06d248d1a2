"""Time on the media clock: exact fractions of a second inside, Duration on the wire.

What is done for every packet and picture is done in whole numbers: a Fraction is exact as well, but
each of its operations costs as much as fifty of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from google.protobuf.duration_pb2 import Duration

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open stretch of the media clock, seconds from time zero."""

    start: Fraction
    end: Fraction


def to_duration(time: Fraction) -> Duration:
    """Return seconds as a Duration, rounded to the nearest nanosecond."""
    seconds, rest = divmod(time.numerator, time.denominator)
    nanos, over = divmod(rest * NS_PER_S, time.denominator)
    nanos += 2 * over > time.denominator or (2 * over == time.denominator and nanos % 2)
    if nanos == NS_PER_S:
        return Duration(seconds=seconds + 1)
    return Duration(seconds=seconds, nanos=nanos)


def from_duration(duration: Duration) -> Fraction:
    """Return a Duration as exact seconds."""
    return Fraction(duration.seconds * NS_PER_S + duration.nanos, NS_PER_S)


@dataclass(frozen=True, slots=True)
class TickClock:
    """The clock of a stream: time = (ticks * scale - offset) / denominator, seconds."""

    scale: int
    offset: int
    denominator: int

    @classmethod
    def of(cls, tick: Fraction, zero: Fraction) -> TickClock:
        """Return the clock with ticks of a length that shows `zero` at time zero, seconds."""
        return cls(
            tick.numerator * zero.denominator,
            zero.numerator * tick.denominator,
            tick.denominator * zero.denominator,
        )

    def time(self, ticks: int) -> Fraction:
        """Return the time of a timestamp, seconds from time zero."""
        return Fraction(ticks * self.scale - self.offset, self.denominator)

    def first_at(self, time: Fraction) -> int:
        """Return the first timestamp at or behind a time."""
        wanted = time.numerator * self.denominator + self.offset * time.denominator
        return -(-wanted // (self.scale * time.denominator))
