"""Segments go to the services as asked, and again when a service was away."""

from __future__ import annotations

import errno
import os
import time

import grpc
import pytest
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_system import wait_for


def test_every_segment_carries_its_ids_to_every_service(system):
    analysis_id = system.finished()
    for method in ("DecodeSegment", "AnalyzeFrames", "AnalyzeSpeech", "FuseTimeline"):
        ids = [
            metadata["segment_id"]
            for called, metadata in system.script.calls
            if called == method and metadata["analysis_id"] == analysis_id
        ]
        assert sorted(ids) == [f"{analysis_id}/{number:04d}" for number in range(3)]


def test_at_most_so_many_segments_are_in_flight(system):
    system.script.duration_s, system.script.most_active = 30, 0
    system.script.gate.clear()
    analysis_id = system.created()
    wait_for(lambda: system.script.active == 3)
    system.script.gate.set()
    system.wait(f"/v1/analyses/{analysis_id}")
    assert system.script.most_active == 3


def test_who_comes_calls_back_what_one_alone_has_begun(system, monkeypatch):
    system.script.gate.clear()
    monkeypatch.setattr(system.script, "hold_all", True)
    alone = system.created()
    wait_for(lambda: system.script.active == 3)
    others = [system.created(), system.created()]
    wait_for(lambda: system.script.active == 3 + 2 + 1)
    monkeypatch.setattr(system.script, "holds", lambda start_s: start_s == 0)
    time.sleep(0.3)  # the second and third segments could be finished ten times
    assert system.http.get(f"/v1/analyses/{alone}").json()["progress"] == 0
    monkeypatch.undo()
    system.script.gate.set()
    for analysis_id in (alone, *others):
        assert system.wait(f"/v1/analyses/{analysis_id}")["state"] == "SUCCEEDED"


@pytest.mark.parametrize(("has_video", "has_audio"), [(True, False), (False, True)])
def test_a_missing_stream_leaves_its_service_alone(system, has_video, has_audio):
    system.script.has_video, system.script.has_audio = has_video, has_audio
    system.finished()
    assert bool(system.script.count("AnalyzeFrames")) == has_video
    assert bool(system.script.count("AnalyzeSpeech")) == has_audio


def test_a_file_that_ends_early_gets_a_truncated_timeline(system):
    system.script.truncated_at_s = 4.0
    analysis_id = system.finished()
    timeline = system.http.get(f"/v1/analyses/{analysis_id}/timeline").json()
    assert timeline["truncated"] is True
    assert [interval["start"] for interval in timeline["intervals"]] == [0, 1, 2, 3]


def test_the_instant_of_the_last_picture_counts_as_read(system):
    system.script.truncated_at_s, system.script.has_audio = 4.5, False  # pictures at 0, 0.5 ... 4
    analysis_id = system.finished()
    timeline = system.http.get(f"/v1/analyses/{analysis_id}/timeline").json()
    assert [interval["start"] for interval in timeline["intervals"]] == [0, 1, 2, 3, 4]


def test_a_file_of_which_nothing_can_be_read_fails(system):
    system.script.truncated_at_s = 0.0
    body = system.wait(f"/v1/analyses/{system.created()}")
    assert (body["state"], body["failure"]["reason"]) == ("FAILED", "MEDIA_UNREADABLE")


def test_a_service_that_is_killed_and_comes_back_costs_only_time(system, finished):
    expected = system.http.get(f"/v1/analyses/{finished}/timeline").json()
    system.script.gate.clear()
    analysis_id = system.created()
    wait_for(lambda: system.script.active)
    system.services["face"].kill()
    system.script.gate.set()
    system.services["face"].start()
    body = system.wait(f"/v1/analyses/{analysis_id}")
    timeline = system.http.get(f"/v1/analyses/{analysis_id}/timeline").json()
    assert body["state"] == "SUCCEEDED", body
    assert timeline["intervals"] == expected["intervals"]


def test_a_disk_that_is_full_for_a_while_costs_only_time(system, monkeypatch):
    system.script.gate.clear()
    analysis_id = system.created()
    refusals, sync = [OSError(errno.ENOSPC, "full")] * 2, os.fsync

    def sometimes_full(handle):
        if refusals:
            raise refusals.pop()
        sync(handle)

    monkeypatch.setattr("emotionmap_gateway.storage.local_objects.os.fsync", sometimes_full)
    system.script.gate.set()
    assert system.wait(f"/v1/analyses/{analysis_id}")["state"] == "SUCCEEDED"
    assert refusals == []


@pytest.mark.parametrize(
    ("code", "reason", "retry"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "CONFIG_INVALID", False),
        (grpc.StatusCode.INTERNAL, "INTERNAL", True),
    ],
)
def test_a_segment_that_cannot_be_done_fails_the_analysis(system, code, reason, retry):
    system.script.duration_s = 3
    system.script.errors["AnalyzeFrames"] = ServiceError(code, reason, "It is broken.")
    body = system.wait(f"/v1/analyses/{system.created()}")
    assert (body["state"], body["failure"]["reason"]) == ("FAILED", reason)
    assert system.script.count("AnalyzeFrames") == (3 if retry else 1)


@pytest.mark.parametrize("method", ["AnalyzeFrames", "Frame", "AnalyzeSpeech", "FuseTimeline"])
def test_one_failed_try_is_repeated(system, method):
    busy = ServiceError(grpc.StatusCode.UNAVAILABLE, "MODEL_LOADING", "Not yet.")
    system.script.failures[method] = [busy]
    system.finished()
    assert system.script.failures[method] == []
