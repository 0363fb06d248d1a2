"""An early analysis of a video of which nobody knows how long it will be: its plan grows."""

from __future__ import annotations

import json
import os
import re

import grpc
import pytest
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_http.test_early import begun, has_progress, look, segments, timeline_of
from tests.contract.gateway_http.test_tus_analyses import analyze
from tests.contract.gateway_system import wait_for
from tests.contract.tus_client import Tus

PART = 300_000
"""Bytes of a segment; more than what another look at the plan waits for."""
DATA = os.urandom(6 * PART)


@pytest.fixture
def tus(system):
    script = system.script
    script.decodes.clear()
    script.grows, script.duration_s = True, 18
    yield Tus(system.http)
    script.grows = False


def send(tus, path, start, end):
    """Send the parts from one on and up to another, and a byte of that."""
    first = start * PART + 1 if start else 0
    tus.patch(path, DATA[first : end * PART + 1], first)


def started(system, tus, parts=1):
    """Begin an analysis of which so many segments are there."""
    return begun(system, tus, parts * PART + 1, DATA)


def test_segments_run_as_they_are_planned(system, tus):
    path, analysis = started(system, tus)
    for parts in range(1, 6):
        has_progress(system, analysis, parts / 6)
        found = look(system, analysis)
        assert found["state"] == "RUNNING"
        assert (found["media"]["duration"], found["media"]["open_ended"]) == (3 * parts, True)
        assert segments(system) == list(range(0, 3 * parts, 3))
        send(tus, path, parts, parts + 1)
    found = system.wait(analysis)
    assert (found["state"], found["progress"]) == ("SUCCEEDED", 1)
    assert (found["media"]["duration"], found["media"]["open_ended"]) == (18, False)
    assert segments(system) == list(range(0, 18, 3))


def test_the_timeline_is_that_of_a_usual_upload(system, tus):
    path, analysis = started(system, tus, 2)
    send(tus, path, 2, 6)
    system.wait(analysis)
    usual = analyze(system, tus.uploaded(DATA, "film.mp4")).json()["id"]
    system.wait(f"/v1/analyses/{usual}")
    assert timeline_of(system, analysis) == timeline_of(system, f"/v1/analyses/{usual}")


def test_events_tell_of_a_duration_and_a_progress_that_grow(system, tus):
    path, analysis = started(system, tus)
    send(tus, path, 1, 3)
    has_progress(system, analysis, 0.5)
    send(tus, path, 3, 6)
    system.wait(analysis)
    stream = system.http.get(f"{analysis}/events").text
    states = [json.loads(data) for data in re.findall(r"event: analysis\ndata: (.*)", stream)]
    told = [(one["progress"], one["media"]["duration"]) for one in states]
    for grown in zip(*told, strict=True):
        assert list(grown) == sorted(grown)
    assert [states[at]["media"]["open_ended"] for at in (0, -1)] == [True, False]
    assert stream.count("event: intervals") == 6


def test_nothing_begins_before_a_segment_is_sure(system, tus):
    path = tus.created(len(DATA))
    tus.patch(path, DATA[: PART - 1])
    answer = analyze(system, path.rpartition("/")[2], early=True)
    assert (answer.status_code, answer.json()["reason"]) == (400, "UPLOAD_NOT_FINISHED")
    assert segments(system) == []


def test_a_video_that_turns_out_too_long_is_refused_as_it_grows(system, tus):
    path, analysis = started(system, tus)
    has_progress(system, analysis, 1 / 6)
    system.fail("ProbeMedia", grpc.StatusCode.RESOURCE_EXHAUSTED, "MEDIA_TOO_LONG")
    send(tus, path, 1, 2)
    found = system.wait(analysis)
    assert (found["state"], found["failure"]["reason"]) == ("FAILED", "MEDIA_TOO_LONG")
    assert segments(system) == [0]


def test_a_look_at_the_plan_is_tried_again(system, tus):
    path, analysis = started(system, tus)
    away = ServiceError(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", "Away.")
    more = ServiceError(grpc.StatusCode.FAILED_PRECONDITION, "MEDIA_INCOMPLETE", "More.")
    system.script.failures["ProbeMedia"] = [away, more]
    send(tus, path, 1, 2)
    wait_for(lambda: not system.script.failures["ProbeMedia"])
    send(tus, path, 2, 6)
    assert system.wait(analysis)["state"] == "SUCCEEDED"
    assert segments(system) == list(range(0, 18, 3))


def test_an_upload_that_is_deleted_fails_its_analysis(system, tus):
    path, analysis = started(system, tus)
    has_progress(system, analysis, 1 / 6)
    assert tus.delete(path).status_code == 204
    assert system.wait(analysis)["failure"]["reason"] == "UPLOAD_BROKEN"


def test_an_analysis_that_waits_for_its_plan_can_be_cancelled(system, tus):
    path, analysis = started(system, tus)
    has_progress(system, analysis, 1 / 6)
    assert system.http.post(f"{analysis}/cancel").json()["state"] == "CANCELLED"
    send(tus, path, 1, 6)
    assert segments(system) == [0]
