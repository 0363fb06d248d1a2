"""A gateway that is killed or stopped goes on where it was; with fake services behind it."""

from __future__ import annotations

import signal
import threading

import httpx
import pytest
from emotionmap_gateway.work.steps import FRUITLESS_STARTS

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Script
from tests.contract.gateway_system import VIDEO, settings_for, wait_for
from tests.contract.threaded_servers import in_thread

SEGMENTS = 6


@pytest.fixture
def services(tmp_path):
    """Fakes that work on one segment and hold the others."""
    script = Script(tmp_path / "objects", duration_s=3 * SEGMENTS)
    with fake_services(script) as running:
        yield script, running


def create(http) -> str:
    response = http.post("/v1/analyses", files={"file": ("clip.mp4", VIDEO)})
    assert response.status_code == 202
    return f"/v1/analyses/{response.json()['id']}"


def finished(http, path):
    body = wait_for(lambda: (now := http.get(path).json())["state"] == "SUCCEEDED" and now)
    assert body["progress"] == 1
    return http.get(f"{path}/timeline").json()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_running_analysis_is_resumed_at_the_next_segment(services, tmp_path, number):
    script, fakes = services
    with gateway_process(fakes, tmp_path) as (process, http), http:
        path = create(http)
        wait_for(lambda: http.get(path).json()["progress"] > 0)
        process.send_signal(number)
        process.wait(20)
    script.gate.set()
    with gateway_process(fakes, tmp_path) as (_, http), http:
        timeline = finished(http, path)
        stream = http.get(f"{path}/events").text
    segments = [meta["segment_id"] for method, meta in script.calls if method == "AnalyzeFrames"]
    first = [segment for segment in segments if segment.endswith("/0000")]
    assert len(timeline["intervals"]) == 3 * SEGMENTS
    assert len(first) == 1  # it was finished before, so it is not done again
    assert stream.count("event: intervals") == SEGMENTS


def test_a_queued_analysis_survives_a_kill(services, tmp_path):
    script, fakes = services
    with gateway_process(fakes, tmp_path) as (process, http), http:
        paths = [create(http) for _ in range(4)]  # two run, two wait
        process.kill()
        process.wait(20)
    script.gate.set()
    with gateway_process(fakes, tmp_path) as (_, http), http:
        timelines = [finished(http, path) for path in paths]
    intervals = [timeline["intervals"] for timeline in timelines]
    assert all(found == intervals[0] for found in intervals)


def test_killed_again_and_again_it_still_ends(services, tmp_path):
    """Each life finishes one segment, more lives than a job may have in vain."""
    script, fakes = services
    script.tickets = threading.Semaphore(0)
    path, done = "", 0.0
    for _ in range(SEGMENTS):
        with gateway_process(fakes, tmp_path) as (_, http), http:
            path = path or create(http)
            script.tickets.release()
            done = wait_for(
                lambda http=http, path=path, done=done: (
                    (now := http.get(path).json()["progress"]) > done and now
                )
            )
    script.gate.set()
    with gateway_process(fakes, tmp_path) as (_, http), http:
        assert len(finished(http, path)["intervals"]) == 3 * SEGMENTS


def test_a_job_that_ends_the_process_every_time_is_given_up(services, tmp_path):
    script, fakes = services
    script.hold_all = True
    path = ""
    for _ in range(FRUITLESS_STARTS):
        seen = len(script.calls)  # before the start: what was left is resumed before it listens
        with gateway_process(fakes, tmp_path) as (_, http), http:
            path = path or create(http)
            wait_for(lambda seen=seen: "DecodeSegment" in dict(script.calls[seen:]))
    with gateway_process(fakes, tmp_path) as (_, http), http:
        body = wait_for(lambda: (now := http.get(path).json())["state"] == "FAILED" and now)
    assert body["failure"]["reason"] == "JOB_CRASHED"


def test_an_upload_cut_off_by_a_kill_leaves_nothing(services, tmp_path):
    _, fakes = services

    def stalling(process):
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        yield bytes(2_000_000)
        wait_for(lambda: list((tmp_path / "objects/.incoming").iterdir()))
        process.kill()
        yield bytes(2_000_000)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with (
        gateway_process(fakes, tmp_path) as (process, http),
        http,
        pytest.raises(httpx.TransportError),
    ):
        http.post("/v1/analyses", headers=headers, content=stalling(process))
    assert list((tmp_path / "objects/.incoming").iterdir())
    with gateway_process(fakes, tmp_path) as (_, http), http:
        assert http.get("/v1/analyses").json()["analyses"] == []
        assert not [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


def test_a_second_gateway_on_the_same_folder_is_refused(services, tmp_path):
    from emotionmap_gateway.gateway import running

    _, fakes = services
    settings = settings_for(fakes, tmp_path)
    with (
        in_thread(lambda: running(settings)),
        pytest.raises(OSError, match="another gateway"),
        in_thread(lambda: running(settings)),
    ):
        pass


def test_a_stopping_gateway_says_so_and_ends_its_streams(services, tmp_path):
    _, fakes = services
    with gateway_process(fakes, tmp_path) as (process, http), http:
        path = create(http)
        with http.stream("GET", f"{path}/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            process.terminate()
            assert not any("SUCCEEDED" in line for line in lines)
        assert process.wait(20) == 0
