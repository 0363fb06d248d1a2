"""Killing any one service in mid-analysis costs time, never the result."""

from __future__ import annotations

import httpx
import pytest
from emotionmap_cli.local import running

from tests.client import analyze, create, wait
from tests.clips import Scene, write_clip

pytestmark = [pytest.mark.faults, pytest.mark.e2e, pytest.mark.model]

SCORE_TOLERANCE = 2e-3
SERVICES = ["gateway", "media", "face", "audio", "fusion"]


@pytest.fixture(scope="module")
def long_video(tmp_path_factory):
    """40 s: several segments, so that a kill lands between the first and the last."""
    scenes = [Scene(5, face=True, voice=True), Scene(5)] * 4
    return write_clip(tmp_path_factory.mktemp("clips") / "long.mp4", scenes)


@pytest.fixture(scope="module")
def own_system(tmp_path_factory):
    """A system of its own, since its services die."""
    with running(tmp_path_factory.mktemp("faults")) as system:
        yield system


@pytest.fixture(scope="module")
def undisturbed(own_system, long_video):
    return analyze(own_system.base_url, long_video)


def assert_same(timeline, expected) -> None:
    assert len(timeline["intervals"]) == len(expected["intervals"])
    for found, wanted in zip(timeline["intervals"], expected["intervals"], strict=True):
        for key in ("start", "end", "emotion", "evidence"):
            assert found[key] == wanted[key]
        for word, score in (wanted["scores"] or {}).items():
            assert found["scores"][word] == pytest.approx(score, abs=SCORE_TOLERANCE)


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_does_not_change_the_timeline(
    own_system, long_video, undisturbed, service
) -> None:
    created = create(own_system.base_url, long_video)
    assert created.status_code == 202, created.text
    url = f"{own_system.base_url}{created.headers['location']}"
    # At least one segment is done and at least one is not: the kill is in the middle.
    middle = wait(url, until=lambda job: job.get("progress", 0) > 0 or job["state"] == "SUCCEEDED")
    assert middle["state"] == "RUNNING"
    own_system.kill(service)
    done = wait(url)
    assert done["state"] == "SUCCEEDED", done
    assert_same(httpx.get(f"{url}/timeline").json(), undisturbed)


def test_every_service_is_alive_again(own_system) -> None:
    wait(f"{own_system.base_url}/readyz", until=lambda body: body.get("state") != "UNREACHABLE")
    assert httpx.get(f"{own_system.base_url}/livez").status_code == 200
