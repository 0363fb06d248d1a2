"""Exact answers of queueing theory: by hand, and by the simulation that has to meet them."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from tests.capacity.queueing import (
    erlang_b,
    erlang_c,
    mean_wait_s,
    servers_for,
    utilisation,
)
from tests.capacity.simulation import Simulation
from tests.capacity.world import Job, Pool, World

JOBS = 10_000
SERVICE_S = 1.0
TOLERANCE = 0.12


def test_a_single_server_waits_as_m_m_1_does():
    assert utilisation(0.8, SERVICE_S) == 0.8
    assert mean_wait_s(0.8, SERVICE_S) == pytest.approx(0.8 / (1 - 0.8))
    assert erlang_c(0.8, 1) == pytest.approx(0.8)


def test_erlangs_formulas_agree_with_their_tables():
    assert erlang_b(10, 10) == pytest.approx(0.2146, abs=1e-4)
    assert erlang_c(8, 10) == pytest.approx(0.4092, abs=1e-4)
    assert mean_wait_s(2, 0.9, 2) == pytest.approx(3.8368, abs=1e-3)


def test_a_load_that_servers_cannot_do_is_refused():
    with pytest.raises(ValueError, match="never catch up"):
        erlang_c(2, 2)


def test_the_fewest_servers_for_a_wait():
    servers = servers_for(10, 1, longest_mean_wait_s=0.1)
    assert mean_wait_s(10, 1, servers) <= 0.1 < mean_wait_s(10, 1, servers - 1)


def simulated(*, arrivals_per_s, places, cores=math.inf, solo_rate=1.0):
    """Return the mean wait and the mean time until the end of jobs of one segment each."""
    random_numbers = random.Random(7)
    now_s, jobs = 0.0, []
    for _ in range(JOBS):
        now_s += random_numbers.expovariate(arrivals_per_s)
        jobs.append(Job(now_s, random_numbers.expovariate(1 / SERVICE_S)))
    world = World(
        (Pool("gateway", work=1.0 / SERVICE_S, each=cores),),
        "gateway",
        analyses=places,
        segments=1,
        segment_s=math.inf,
        solo_rate=solo_rate,
    )
    found = Simulation(world, jobs).run()
    waits = [found.begun_s[job] - found.sent_s[job] for job in range(JOBS)]
    took = [found.done_s[job] - found.sent_s[job] for job in range(JOBS)]
    used = sum(job.video_s for job in jobs) / found.ended_s
    return statistics.mean(waits), statistics.mean(took), used


@pytest.mark.parametrize(("arrivals_per_s", "places"), [(0.7, 1), (3.2, 4), (8.5, 10)])
def test_the_simulation_waits_as_m_m_c_does(arrivals_per_s, places):
    wait_s, _, used = simulated(arrivals_per_s=arrivals_per_s, places=places)
    assert wait_s == pytest.approx(mean_wait_s(arrivals_per_s, SERVICE_S, places), rel=TOLERANCE)
    expected = utilisation(arrivals_per_s, SERVICE_S, places)
    assert used / places == pytest.approx(expected, rel=0.03)


def test_the_simulation_shares_a_processor_as_m_m_1_ps_does():
    wait_s, took_s, _ = simulated(arrivals_per_s=0.7, places=10**9, cores=1.0, solo_rate=math.inf)
    assert wait_s == 0
    assert took_s == pytest.approx(SERVICE_S / (1 - 0.7), rel=TOLERANCE)
