"""Which pictures are sent at which sample times."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from emotionmap_media.sampling import Sampler


def sample(times, end, *, start=0, stop=3, rate=15, interval=1, tolerance=0):
    """Return (time, picture number) of what is sent for pictures at the given times."""
    sampler = Sampler(
        start=F(start), end=F(stop), rate=F(rate), interval=F(interval), tolerance=F(tolerance)
    )
    sent = []
    for number, time in enumerate(times):
        sent += sampler.add(F(time), number)
    sent += sampler.finish(F(end))
    return [(one.time, one.picture) for one in sent]


def test_thirty_pictures_a_second_give_every_second_one():
    sent = sample([F(i, 30) for i in range(90)], 3)
    assert sent == [(F(i, 15), 2 * i) for i in range(45)]


def test_a_still_is_sent_once_an_interval():
    assert sample([0], 3) == [(F(0), 0), (F(1), 0), (F(2), 0)]


def test_a_slow_source_costs_no_more_than_its_pictures():
    sent = sample([F(i, 5) for i in range(15)], 3)
    assert sent == [(F(i, 5), i) for i in range(15)]


def test_nothing_is_sent_before_the_first_picture_nor_behind_the_last():
    assert sample([F(1, 2)], F(3, 2)) == [(F(8, 15), 0), (F(1), 0)]


def test_the_picture_on_screen_is_the_last_that_came():
    assert sample([0, F(1, 100), F(2, 100)], 1, stop=F(1, 10)) == [(F(0), 0), (F(1, 15), 2)]


def test_rounded_clocks_do_not_miss_their_sample_time():
    rounded = [F(round(F(i, 30) * 1000), 1000) for i in range(30)]
    sent = sample(rounded, 1, stop=1, tolerance=F(1, 2000))
    assert [picture for _, picture in sent] == list(range(0, 30, 2))


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (1, 2), (F(3, 2), F(7, 3)), (F(2, 7), 3)])
@pytest.mark.parametrize("times", [[F(i, 30) for i in range(90)], [0, F(4, 3), F(5, 2)], [F(1, 2)]])
def test_a_part_gives_what_the_whole_gives_there(start, stop, times):
    whole = [one for one in sample(times, 3) if start <= one[0] < stop]
    assert sample(times, 3, start=start, stop=stop) == whole
