"""Two gateways on one PostgreSQL and one S3 store: each does what the other cannot any more."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Anywhere, Script
from tests.contract.gateway_system import FINAL, VIDEO, wait_for
from tests.postgres_server import postgres_server
from tests.s3_server import s3_server

SEGMENTS = 4
LEASE_S = 2.0


@pytest.fixture(scope="module")
def stores():
    with postgres_server() as new_database, s3_server() as store_url:
        yield new_database, store_url


@pytest.fixture
def script():
    return Script(Anywhere(), duration_s=3 * SEGMENTS)


@pytest.fixture
def start(stores, script, request, tmp_path):
    """Give what starts a gateway by its name."""
    new_database, store_url = stores
    database_url = new_database(request.node.name[:40])
    with fake_services(script) as services:

        @contextmanager
        def start(name):
            with gateway_process(
                services,
                tmp_path / name,
                database_url=database_url,
                object_store_url=store_url,
                executor_id=name,
                lease_s=LEASE_S,
                analyses_in_flight=4,
                # Those that are held must not keep others from beginning.
                segments_in_flight=16,
                segments_per_analysis=16,
            ) as (process, http):
                yield process, http

        yield start


def create(http, **kwargs):
    response = http.post("/v1/analyses", files={"file": ("clip.mp4", VIDEO)}, **kwargs)
    assert response.status_code == 202, response.text
    return f"/v1/analyses/{response.json()['id']}"


def until(http, path, state):
    return wait_for(lambda: (now := http.get(path).json()).get("state") in state and now)


def test_either_serves_what_the_other_took(start, script):
    with start("a") as (_, a), start("b") as (_, b), a, b, ThreadPoolExecutor(8) as threads:
        path = create(a)
        watching = threads.submit(lambda: b.get(f"{path}/events").text)
        wait_for(lambda: b.get(path).json()["progress"] > 0)
        script.gate.set()
        assert watching.result(20).count("event: intervals") == SEGMENTS
        assert b.get(path).json()["state"] == "SUCCEEDED"
        assert len(b.get(f"{path}/timeline").json()["intervals"]) == 3 * SEGMENTS
        assert b.get(f"{path}/media").content == VIDEO
        script.gate.clear()
        key = {"Idempotency-Key": "the same"}
        paths = list(threads.map(lambda http: create(http, headers=key), [a, b] * 4))
        assert len(set(paths)) == 1
        assert b.post(f"{paths[0]}/cancel").json()["state"] == "CANCELLED"
        gone = create(a)
        wait_for(lambda: b.get(gone).json()["progress"] > 0)
        assert b.delete(gone).status_code == 204
        assert a.get(gone).status_code == 404
        wait_for(lambda: script.active == 0)


def test_one_that_is_killed_for_good_is_replaced(start, script):
    with start("b") as (_, b), b:
        with start("a") as (process, a), a:
            paths = [create(a) for _ in range(3)]
            wait_for(lambda: all(b.get(path).json()["progress"] > 0 for path in paths))
            process.kill()
            process.wait(20)
        killed_s = time.monotonic()
        calls = len(script.calls)
        wait_for(lambda: len(script.calls) > calls)
        resumed_s = time.monotonic() - killed_s
        script.gate.set()
        for path in paths:
            until(b, path, {"SUCCEEDED"})
            assert b.get(f"{path}/events").text.count("event: intervals") == SEGMENTS
    assert resumed_s < LEASE_S + 5
    done = [meta["segment_id"] for method, meta in script.calls if method == "AnalyzeFrames"]
    first = [segment for segment in done if segment.endswith("/0000")]
    assert len(first) == len(set(first)) == len(paths)  # what was finished is not done again


def test_one_that_is_stopped_in_good_order_hands_over_at_once(start, script):
    with start("b") as (_, b), b:
        with start("a") as (process, a), a:
            path = create(a)
            wait_for(lambda: b.get(path).json()["progress"] > 0)
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        script.gate.set()
        assert until(b, path, FINAL)["state"] == "SUCCEEDED"


def test_one_that_wakes_up_too_late_changes_nothing(start, script):
    with start("b") as (_, b), start("a") as (process, a), a, b:
        path = create(a)
        wait_for(lambda: b.get(path).json()["progress"] > 0)
        process.send_signal(signal.SIGSTOP)
        calls = len(script.calls)
        wait_for(lambda: len(script.calls) > calls)
        script.gate.set()
        until(b, path, {"SUCCEEDED"})
        timeline, events = (b.get(f"{path}/{what}").text for what in ("timeline", "events"))
        process.send_signal(signal.SIGCONT)
        assert len(create(a)) > 0  # it is back, and has seen that it was gone
        time.sleep(0.5)
        assert a.get(f"{path}/timeline").text == timeline
        assert a.get(f"{path}/events").text == events
        assert events.count("event: intervals") == SEGMENTS
