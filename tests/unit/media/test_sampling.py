"""Which pictures are sent at which sample times."""

from __future__ import annotations

from fractions import Fraction

import pytest
from emotionmap_media.sampling import Sampler


def sample(times, end, *, start=0, stop=3, rate=15, interval=1, tolerance=0):
    """Return (time, picture number) of what is sent for pictures at the given times."""
    sampler = Sampler(
        start=Fraction(start),
        end=Fraction(stop),
        rate=Fraction(rate),
        interval=Fraction(interval),
        tolerance=Fraction(tolerance),
    )
    sent = []
    for number, time in enumerate(times):
        sent += sampler.add(Fraction(time), number)
    sent += sampler.finish(Fraction(end))
    return [(one.time, one.picture) for one in sent]


def test_thirty_pictures_a_second_give_every_second_one():
    sent = sample([Fraction(i, 30) for i in range(90)], 3)
    assert sent == [(Fraction(i, 15), 2 * i) for i in range(45)]


def test_a_still_is_sent_once_an_interval():
    assert sample([0], 3) == [(Fraction(0), 0), (Fraction(1), 0), (Fraction(2), 0)]


def test_a_slow_source_costs_no_more_than_its_pictures():
    sent = sample([Fraction(i, 5) for i in range(15)], 3)
    assert sent == [(Fraction(i, 5), i) for i in range(15)]


def test_nothing_is_sent_before_the_first_picture_nor_behind_the_last():
    assert sample([Fraction(1, 2)], Fraction(3, 2)) == [(Fraction(8, 15), 0), (Fraction(1), 0)]


def test_the_picture_on_screen_is_the_last_that_came():
    assert sample([0, Fraction(1, 100), Fraction(2, 100)], 1, stop=Fraction(1, 10)) == [
        (Fraction(0), 0),
        (Fraction(1, 15), 2),
    ]


def test_rounded_clocks_do_not_miss_their_sample_time():
    rounded = [Fraction(round(Fraction(i, 30) * 1000), 1000) for i in range(30)]
    sent = sample(rounded, 1, stop=1, tolerance=Fraction(1, 2000))
    assert [picture for _, picture in sent] == list(range(0, 30, 2))


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (1, 2), (Fraction(3, 2), Fraction(7, 3)), (Fraction(2, 7), 3)]
)
@pytest.mark.parametrize(
    "times",
    [[Fraction(i, 30) for i in range(90)], [0, Fraction(4, 3), Fraction(5, 2)], [Fraction(1, 2)]],
)
def test_a_part_gives_what_the_whole_gives_there(start, stop, times):
    whole = [one for one in sample(times, 3) if start <= one[0] < stop]
    assert sample(times, 3, start=start, stop=stop) == whole
