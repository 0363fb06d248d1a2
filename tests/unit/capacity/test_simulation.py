"""The simulation in small: paces, places, uploads, autoscalers."""

from __future__ import annotations

import math

import pytest

from tests.capacity.simulation import SLOTS, SOLO, Simulation
from tests.capacity.world import Job, Pool, Scaling, World


def world(*pools, **changes):
    gateway = Pool("gateway", work=0.0, each=1.0)
    return World((gateway, *pools), "gateway", **{"segment_s": 10.0, "solo_rate": 10.0, **changes})


def run(a_world, jobs):
    return Simulation(a_world, jobs).run()


def test_one_video_alone_takes_its_segments_two_by_two():
    found = run(world(fixed_s=1.0), [Job(0.0, 40.0)])
    assert found.done_s[0] == pytest.approx(1.0 + 2.0)
    assert found.first_bound() == SOLO


def test_the_scarcest_service_sets_the_pace():
    found = run(world(Pool("media", 0.5, 1.0), Pool("face", 0.1, 1.0)), [Job(0.0, 20.0)])
    assert found.done_s[0] == pytest.approx(10.0)
    assert found.first_bound() == "media"


def test_who_finds_no_place_waits_for_one():
    found = run(world(analyses=1), [Job(0.0, 20.0), Job(0.0, 20.0)])
    assert [found.done_s[0], found.done_s[1]] == pytest.approx([1.0, 2.0])
    assert found.bound_s[SLOTS] == pytest.approx(1.0)


def test_uploads_share_the_way_in():
    jobs = [Job(0.0, 10.0, megabits=100.0, upload_mbit=50.0)] * 4
    assert run(world(), jobs).sent_s[0] == pytest.approx(2.0)
    assert run(world(ingress_mbit=100.0), jobs).sent_s[0] == pytest.approx(4.0)


def test_an_autoscaler_adds_what_is_missing_after_its_delay():
    scaling = Scaling("busy", 0.5, most=4, poll_s=10.0, start_s=20.0)
    pool = Pool("media", 1.0, 1.0, scaling=scaling)
    found = run(world(pool, solo_rate=math.inf), [Job(0.0, 200.0)])
    counts = {look.at_s: look.replicas["media"] for look in found.looks}
    # 1 a second for 30 s, then 2: wholly used replicas ask for twice as many, and so on.
    assert (counts[15.0], counts[30.0], counts[60.0]) == (1, 2, 4)
    assert found.replica_s["media"] == pytest.approx(200.0, rel=0.01)
    assert found.ended_s < 200.0 / 2


def test_replicas_are_stopped_when_they_were_not_needed_for_long():
    scaling = Scaling("busy", 0.5, most=4, poll_s=10.0, start_s=0.0, calm_s=60.0)
    pool = Pool("media", 0.1, 1.0, scaling=scaling)
    jobs = [Job(0.0, 400.0), Job(400.0, 1.0)]
    found = run(world(pool, solo_rate=math.inf), jobs)
    assert found.looks[2].replicas["media"] > 1
    assert found.looks[-1].replicas["media"] == 1
