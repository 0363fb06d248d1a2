"""Every replica of every service, and the gateway, is restarted while analyses run: none fails.

EMOTIONMAP_SOAK=1: two replicas of all four services, five rounds.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager

import httpx
import pytest

from tests.client import create, wait
from tests.clips import Scene, write_clip
from tests.faults.fleet import fleet

pytestmark = [pytest.mark.faults, pytest.mark.e2e, pytest.mark.model]

IS_SOAK = bool(os.environ.get("EMOTIONMAP_SOAK"))
ROUNDS = 5 if IS_SOAK else 1
COUNTS = {"media": 2, "face": 2, "audio": 2 if IS_SOAK else 1, "fusion": 2 if IS_SOAK else 1}
STOPPED_WITHIN_S = 30.0
LEAST_ANALYSES = 3


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """30 s: three segments, so that one is being worked on whenever a service stops."""
    scenes = [Scene(5, face=True, voice=True), Scene(5)] * 3
    return write_clip(tmp_path_factory.mktemp("clips") / "rolled.mp4", scenes)


def analysed(base_url, video):
    """Return the analysis when it has ended, and what was found."""
    created = None
    while created is None or created.status_code == 503:
        try:
            created = create(base_url, video)
        except httpx.TransportError:
            continue  # the gateway is being restarted, too
    assert created.status_code == 202, created.text
    url = f"{base_url}{created.headers['location']}"
    state = wait(url)
    if state["state"] != "SUCCEEDED":
        return state, []
    wait(f"{base_url}/readyz", until=lambda body: body.get("state") != "UNREACHABLE")
    timeline = httpx.get(f"{url}/timeline", timeout=30).raise_for_status().json()
    return state, [
        (i["start"], i["end"], i["emotion"], i["evidence"]) for i in timeline["intervals"]
    ]


@contextmanager
def one_after_the_other(base_url, video):
    """Analyse again and again until the block ends; give the list of what came out."""
    ended, done, broken = threading.Event(), [], []

    def go():
        try:
            while not ended.is_set() or len(done) < LEAST_ANALYSES:
                done.append(analysed(base_url, video))
        except Exception as error:  # noqa: BLE001 - raised again below
            broken.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield done
    finally:
        ended.set()
        thread.join()
    if broken:
        raise broken[0]


def test_restarting_everything_in_turn_fails_no_analysis(tmp_path, video):
    with fleet(tmp_path, COUNTS) as running:
        _, expected = analysed(running.base_url, video)
        stops_s = {}
        with one_after_the_other(running.base_url, video) as done:
            for _ in range(ROUNDS):
                for service, replicas in running.replicas.items():
                    for number in range(len(replicas)):
                        stops_s[service, number] = running.roll(service, number)
    assert [state["state"] for state, _ in done] == ["SUCCEEDED"] * len(done), done
    assert all(found == expected for _, found in done)
    assert len(done) >= LEAST_ANALYSES
    assert max(stops_s.values()) <= STOPPED_WITHIN_S, stops_s
