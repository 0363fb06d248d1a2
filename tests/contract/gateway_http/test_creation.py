"""An analysis is created from a good video, and from nothing else."""

from __future__ import annotations

import json

import grpc
import pytest
from emotionmap_gateway.http import wire
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_system import VIDEO


def test_created_analysis_answers_202_with_its_location(system):
    response = system.create(options={"interval": 1.0, "min_face_px": 30})
    body = wire.Analysis.model_validate(response.json())
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/analyses/{body.id}"
    assert (body.title, body.size_bytes, body.media.fps) == ("clip.mp4", len(VIDEO), "25/1")
    assert body.options.min_face_px == 30
    assert body.options.voice_weight == 0.45


def test_options_may_follow_the_file(system):
    fields = [
        ("file", ("a.mp4", VIDEO)),
        ("options", (None, json.dumps({"interval": 2.0}))),
    ]
    response = system.http.post("/v1/analyses", files=fields)
    assert response.json()["options"]["interval"] == 2.0


PROBE_ERRORS = [
    (grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_UNREADABLE", 400),
    (grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_NO_STREAMS", 400),
    (grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_ZERO_LENGTH", 400),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "MEDIA_TOO_LONG", 413),
    (grpc.StatusCode.UNIMPLEMENTED, "CODEC_UNSUPPORTED", 501),
    (grpc.StatusCode.DEADLINE_EXCEEDED, "DECODE_TIMEOUT", 504),
]


@pytest.mark.parametrize(("code", "reason", "status"), PROBE_ERRORS)
def test_bad_media_is_refused_at_once_and_nothing_is_kept(system, code, reason, status):
    before = system.files(), system.http.get("/v1/analyses").json()
    system.script.errors["ProbeMedia"] = ServiceError(code, reason, "It cannot be analysed.")
    response = system.create()
    problem = wire.Problem.model_validate(response.json())
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, problem.status, problem.reason) == (status, status, reason)
    assert (system.files(), system.http.get("/v1/analyses").json()) == before


def test_empty_file_is_refused(system):
    response = system.create(video=b"")
    assert (response.status_code, response.json()["reason"]) == (400, "MEDIA_EMPTY")


@pytest.mark.parametrize(
    ("options", "key"),
    [({"intervall": 1}, "intervall"), ({"interval": 99}, "interval"), ([], "options")],
)
def test_bad_options_are_refused_naming_the_key(system, options, key):
    files = system.files()
    response = system.create(options=options)
    assert (response.status_code, response.json()["reason"]) == (400, "OPTIONS_INVALID")
    assert response.json()["metadata"]["key"] == key
    assert system.files() == files


def test_a_video_whose_probe_finds_media_away_is_not_kept(system):
    files = system.files()
    system.services["media"].kill()
    try:
        response = system.create()
    finally:
        system.services["media"].start()
    assert (response.status_code, response.json()["reason"]) == (503, "SERVICE_UNAVAILABLE")
    assert int(response.headers["retry-after"]) >= 1
    assert system.files() == files


def test_a_repeated_key_returns_the_first_analysis(system):
    headers = {"Idempotency-Key": "once"}
    first, second = system.created(headers=headers), system.created(headers=headers)
    files = [name for name in system.files() if name.endswith("media") and first in name]
    assert first == second
    assert len(files) == 1


@pytest.mark.parametrize(
    "change", [{"video": b"another video"}, {"options": {"interval": 2}}], ids=["video", "options"]
)
def test_a_key_used_for_something_else_is_refused(system, change):
    headers = {"Idempotency-Key": f"twice-{sorted(change)}"}
    system.created(headers=headers)
    files = system.files()
    response = system.create(headers=headers, **change)
    assert (response.status_code, response.json()["reason"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert len(system.files()) >= len(files)


def test_a_key_is_free_again_once_its_analysis_is_deleted(system):
    headers = {"Idempotency-Key": "again"}
    first = system.created(headers=headers)
    system.http.delete(f"/v1/analyses/{first}")
    assert system.created(headers=headers) != first


@pytest.mark.parametrize(
    ("name", "title"),
    [("../../etc/passwd", "passwd"), ("C:\\films\\a b.mp4", "a b.mp4"), ("x" * 400, "x" * 255)],
)
def test_title_is_the_bare_file_name(system, name, title):
    assert system.create(name=name).json()["title"] == title
