"""Which pictures stand for which sample times. Pure: knows times, not pixels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sample(Generic[T]):
    """A picture that is on screen at a sample time."""

    time: Fraction
    picture: T


@dataclass(frozen=True, slots=True)
class Grid:
    """Sample times i / rate from the one numbered `first` on.

    Attributes:
        first: Number of the first sample time.
        rate: Sample times per second.
        tolerance: Half a tick of the stream's clock: a container that rounds its times must not
            make a picture miss its sample time.
    """

    first: int
    rate: Fraction
    tolerance: Fraction

    def index_at(self, time: Fraction) -> int:
        """Return the number of the first sample time that a picture of a time can be shown at."""
        rate, off = self.rate, self.tolerance
        ticks = time.numerator * off.denominator - off.numerator * time.denominator
        return -(-ticks * rate.numerator // (time.denominator * off.denominator * rate.denominator))


class Sampler(Generic[T]):
    """Samples pictures on the grid i / rate from time zero, within [start, end).

    A picture is sent at the first sample time that finds it on screen, and again at the first
    sample time of each interval that it is still on screen in.

    Args:
        start: First time, seconds.
        end: End, exclusive, seconds.
        rate: Sample times per second.
        interval: Length of an interval, seconds.
        tolerance: As in Grid.
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
        self._samples_an_interval = rate * interval
        self._first = self._index = ceil(start * rate)
        self._end = ceil(end * rate)
        # What the sample before the first saw decides whether the first is new, except where an
        # interval begins and everything is.
        if self._index > 0 and not self._begins_interval(self._index):
            self._index -= 1
        self.grid = Grid(self._index, rate, tolerance)
        self._picture: T | None = None
        self._is_new = True

    @property
    def needed_from(self) -> Fraction:
        """Time from which pictures must be known, seconds."""
        return self._time(self._index)

    def add(self, time: Fraction, picture: T) -> Iterator[Sample[T]]:
        """Take the next picture; yield the samples of the one before it."""
        yield from self._until(time)
        self._picture, self._is_new = picture, True

    def finish(self, time: Fraction) -> Iterator[Sample[T]]:
        """Take the end of the last picture; yield its samples."""
        yield from self._until(time)
        self._index = max(self._index, self._end)

    def _until(self, time: Fraction) -> Iterator[Sample[T]]:
        until = min(self.grid.index_at(time), self._end)
        while self._index < until:
            index = self._index
            self._index += 1
            if self._picture is None:
                continue
            if index >= self._first and (self._is_new or self._begins_interval(index)):
                yield Sample(self._time(index), self._picture)
            self._is_new = False

    def _time(self, index: int) -> Fraction:
        rate = self.grid.rate
        return Fraction(index * rate.denominator, rate.numerator)

    def _begins_interval(self, index: int) -> bool:
        count = self._samples_an_interval
        before, now = (i * count.denominator // count.numerator for i in (index - 1, index))
        return before != now
