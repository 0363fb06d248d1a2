"""Crowds of videos get through evenly, as soon as the machine allows, and starve nobody."""

from __future__ import annotations

import random

import pytest
from emotionmap_gateway.settings import Settings
from emotionmap_gateway.work.turns import Turns

from tests.bench.bars import FAIRNESS
from tests.bench.spread import jain
from tests.unit.gateway.fluid_machine import RATE, Coming, took_s


def turns():
    settings = Settings()
    at_once, alone = settings.segments_in_flight, settings.segments_per_analysis
    return Turns(at_once, alone=alone, longest_pause_s=60)


def fairness(crowd):
    """Return Jain's index of the speeds of videos, as if all had been sent at time zero."""
    took = took_s(turns(), crowd)
    ends = [seconds + coming.at_s for seconds, coming in zip(took, crowd, strict=True)]
    return jain([coming.seconds / end for coming, end in zip(crowd, ends, strict=True)])


@pytest.mark.parametrize("seconds", [12, 60])
@pytest.mark.parametrize("count", [2, 4, 8, 16])
def test_equal_videos_that_come_together_get_through_alike(count, seconds):
    rolls = random.Random(count)
    crowd = [Coming(rolls.uniform(0, 0.1), seconds) for _ in range(count)]
    assert fairness(crowd) >= FAIRNESS.limit + 0.02


@pytest.mark.parametrize("count", [2, 4, 8, 16])
def test_who_came_alone_does_not_keep_the_head_start(count):
    """It has begun everything it has by then."""
    crowd = [Coming(0, 12), *[Coming(0.3, 12)] * (count - 1)]
    assert fairness(crowd) >= FAIRNESS.limit


@pytest.mark.parametrize("count", [1, 2, 4, 8, 16])
def test_the_machine_is_never_idle(count):
    took = took_s(turns(), [Coming(0, 60)] * count)
    assert count * 60 / max(took) >= 0.96 * RATE


def test_short_videos_pass_a_long_one_that_came_with_them():
    long, *short = took_s(turns(), [Coming(0, 120), *[Coming(0, 12)] * 6])
    even_s = 7 * 12 / RATE
    assert max(short) <= 1.1 * even_s
    assert long <= 1.03 * (120 + 6 * 12) / RATE


def test_short_videos_do_not_wait_for_what_a_long_one_has_begun():
    long, *short = took_s(turns(), [Coming(0, 120), *[Coming(3, 12)] * 6])
    even_s = 7 * 12 / RATE
    assert max(short) <= 1.1 * even_s
    assert long <= 1.03 * (120 + 6 * 12) / RATE


def test_a_stream_of_short_videos_starves_no_long_one():
    """Four at a time, who leave a fifth of the machine, for as long as the long one lasts."""
    crowd = [Coming(0, 120), *[Coming(wave * 5, 12) for wave in range(12) for _ in range(4)]]
    long, *short = took_s(turns(), crowd)
    assert long <= 1.1 * 5 * 120 / RATE
    assert max(short) <= 1.2 * 5 * 12 / RATE
