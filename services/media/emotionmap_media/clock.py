"""Time on the media clock: exact fractions of a second inside, Duration on the wire."""

from __future__ import annotations

from fractions import Fraction

from google.protobuf.duration_pb2 import Duration

NS_PER_S = 1_000_000_000


def to_duration(time: Fraction) -> Duration:
    """Return seconds as a Duration, rounded to the nearest nanosecond."""
    seconds, nanos = divmod(round(time * NS_PER_S), NS_PER_S)
    return Duration(seconds=seconds, nanos=nanos)


def from_duration(duration: Duration) -> Fraction:
    """Return a Duration as exact seconds."""
    return Fraction(duration.seconds * NS_PER_S + duration.nanos, NS_PER_S)
