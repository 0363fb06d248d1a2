"""An analysis that was begun early goes on when its upload does, whoever was killed meanwhile."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Script, seconds
from tests.contract.gateway_system import FINAL, VIDEO, wait_for
from tests.contract.tus_client import Tus

HALF = len(VIDEO) // 2
PART = 300_000
"""Bytes of a segment; more than what another look at a plan waits for."""
PARTS = 6
DATA = os.urandom(PARTS * PART)


@pytest.fixture
def services(tmp_path):
    script = Script(tmp_path / "objects")
    script.gate.set()
    with fake_services(script) as running:
        yield script, running


def test_a_gateway_that_is_killed_goes_on_with_it(tmp_path, services):
    script, running = services
    with gateway_process(running, tmp_path) as (process, http):
        path = Tus(http).created(len(VIDEO))
        Tus(http).patch(path, VIDEO[:HALF])
        wish = {"upload": path.rpartition("/")[2], "early": True}
        analysis = f"/v1/analyses/{http.post('/v1/analyses', json=wish).json()['id']}"
        wait_for(lambda: http.get(analysis).json()["progress"] > 0.3)
        process.kill()
        process.wait()
    with gateway_process(running, tmp_path) as (_, http):
        assert Tus(http).offset(path) == HALF
        assert http.get(analysis).json()["state"] == "RUNNING"
        assert Tus(http).patch(path, VIDEO[HALF:], HALF).status_code == 204
        assert http.post("/v1/analyses", json=wish).json()["id"] in analysis
        wait_for(lambda: http.get(analysis).json()["state"] in FINAL)
        assert http.get(analysis).json()["state"] == "SUCCEEDED"
    assert sorted(seconds(one.range.start_offset) for one in script.decodes) == [0, 3, 6]


def begin(http):
    """Begin an analysis of which one part is there; return where the upload and it are."""
    path = Tus(http).created(len(DATA))
    Tus(http).patch(path, DATA[: PART + 1])
    wish = {"upload": path.rpartition("/")[2], "early": True}
    return path, f"/v1/analyses/{http.post('/v1/analyses', json=wish).json()['id']}"


def grow(http, path, parts=1):
    """Send so many parts more."""
    offset = Tus(http).offset(path)
    Tus(http).patch(path, DATA[offset : offset + parts * PART], offset)


def is_done(http, analysis, parts):
    """Wait until so many parts are done."""
    wait_for(lambda: http.get(analysis).json()["progress"] >= parts / PARTS - 0.01)


def end(process, number):
    """End a gateway that waits for bytes: it must not be long about it."""
    start_s = time.monotonic()
    process.send_signal(number)
    process.wait(20)
    assert time.monotonic() - start_s < 4


def starts(script):
    return sorted(seconds(one.range.start_offset) for one in script.decodes)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_plan_goes_on_growing_through_many_lives(services, tmp_path, number):
    """Each life sees the video grow by a part, and ends while it waits for the next."""
    script, running = services
    script.grows, script.duration_s = True, 3 * PARTS
    path = analysis = ""
    for life in range(1, PARTS - 1):
        with gateway_process(running, tmp_path, grace_s=20) as (process, http):
            path, analysis = (path, analysis) if path else begin(http)
            is_done(http, analysis, life)
            grow(http, path)
            is_done(http, analysis, life + 1)
            end(process, number)
    with gateway_process(running, tmp_path) as (_, http):
        grow(http, path)
        is_done(http, analysis, PARTS)
        wait_for(lambda: http.get(analysis).json()["state"] == "SUCCEEDED")
        assert len(http.get(f"{analysis}/timeline").json()["intervals"]) == 3 * PARTS
    assert starts(script) == list(range(0, 3 * PARTS, 3))


def test_a_gateway_that_is_killed_in_the_last_round_goes_on_with_it(services, tmp_path):
    script, running = services
    script.grows, script.duration_s = True, 3 * PARTS
    with gateway_process(running, tmp_path) as (process, http):
        path, analysis = begin(http)
        is_done(http, analysis, 1)
        script.gate.clear()  # the rest is planned, but not done
        grow(http, path, PARTS)
        wait_for(lambda: not http.get(analysis).json()["media"]["open_ended"])
        process.kill()
        process.wait()
    script.gate.set()
    with gateway_process(running, tmp_path) as (_, http):
        wait_for(lambda: http.get(analysis).json()["state"] == "SUCCEEDED")
        assert len(http.get(f"{analysis}/timeline").json()["intervals"]) == 3 * PARTS
