"""Which pictures stand for which sample times. Pure: knows times, not pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sample(Generic[T]):
    """A picture that is on screen at a sample time."""

    time: Fraction
    picture: T


class Sampler(Generic[T]):
    """Samples pictures on the grid i / rate from time zero, within [start, end).

    A picture is sent at the first sample time that finds it on screen, and again at the first
    sample time of each interval that it is still on screen in.

    Args:
        start: First time, seconds.
        end: End, exclusive, seconds.
        rate: Sample times per second.
        interval: Length of an interval, seconds.
        tolerance: Half a tick of the stream's clock: a container that rounds its times must not
            make a picture miss its sample time.
    """

    def __init__(
        self,
        *,
        start: Fraction,
        end: Fraction,
        rate: Fraction,
        interval: Fraction,
        tolerance: Fraction,
    ) -> None:
        self._rate, self._interval, self._tolerance = rate, interval, tolerance
        self._first = self._index = ceil(start * rate)
        self._end = ceil(end * rate)
        # What the sample before the first saw decides whether the first is new, except where an
        # interval begins and everything is.
        if self._index > 0 and not self._begins_interval(self._index):
            self._index -= 1
        self._picture: T | None = None
        self._is_new = True

    @property
    def needed_from(self) -> Fraction:
        """Time from which pictures must be known, seconds."""
        return self._index / self._rate

    @property
    def is_done(self) -> bool:
        """Whether every sample time has been decided."""
        return self._index >= self._end

    def add(self, time: Fraction, picture: T) -> Iterator[Sample[T]]:
        """Take the next picture; yield the samples of the one before it."""
        yield from self._until(time - self._tolerance)
        self._picture, self._is_new = picture, True

    def finish(self, time: Fraction) -> Iterator[Sample[T]]:
        """Take the end of the last picture; yield its samples."""
        yield from self._until(time - self._tolerance)
        self._index = max(self._index, self._end)

    def _until(self, time: Fraction) -> Iterator[Sample[T]]:
        while not self.is_done and self._index / self._rate < time:
            index = self._index
            self._index += 1
            if self._picture is None:
                continue
            if index >= self._first and (self._is_new or self._begins_interval(index)):
                yield Sample(index / self._rate, self._picture)
            self._is_new = False

    def _begins_interval(self, index: int) -> bool:
        before, now = (floor(i / (self._rate * self._interval)) for i in (index - 1, index))
        return before != now
