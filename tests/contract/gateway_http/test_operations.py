"""What operators and readers of the reference see."""

from __future__ import annotations

import json

import grpc
import pytest
from emotionmap_gateway.http import wire

from tests.contract.gateway_system import VIDEO, wait_for


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "/v1/analyses/none", "ANALYSIS_NOT_FOUND"),
        ("DELETE", "/v1/analyses/none", "ANALYSIS_NOT_FOUND"),
        ("POST", "/v1/analyses/none/cancel", "ANALYSIS_NOT_FOUND"),
        ("POST", "/v1/exports/none/cancel", "EXPORT_NOT_FOUND"),
        ("GET", "/v1/analyses/none/events", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/timeline", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/media", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/thumbnails?t=1", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/timeline?format=edl", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/corrections", "ANALYSIS_NOT_FOUND"),
        ("DELETE", "/v1/analyses/none/corrections/c", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/people", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/exports/none", "EXPORT_NOT_FOUND"),
        ("GET", "/v1/exports/none/file", "EXPORT_NOT_FOUND"),
        ("GET", "/v1/nothing", "ROUTE_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_404(system, method, path, reason):
    response = system.http.request(method, path)
    assert (response.status_code, response.json()["reason"]) == (404, reason)


def test_models_are_named(system):
    body = wire.Models.model_validate(system.http.get("/v1/models").json())
    assert (body.face.name, body.audio.name, body.detectors) == (
        "fake-face",
        "fake-voice",
        ["haar"],
    )
    assert [model.name for model in body.face_models] == ["fake-face", "other-face"]
    assert [model.name for model in body.voice_models] == ["fake-voice", "other-voice"]


def test_readiness_names_the_service_that_is_away(system):
    assert system.http.get("/readyz").json()["ready"] is True
    system.services["audio"].kill()
    try:
        response = system.http.get("/readyz")
    finally:
        system.services["audio"].start()
    assert response.status_code == 503
    assert wire.Readiness.model_validate(response.json()).services["audio"] == "UNREACHABLE"
    wait_for(lambda: system.http.get("/readyz").status_code == 200)


def test_operations_answer(system):
    metrics = system.http.get("/metrics").text
    assert system.http.get("/livez").status_code == 200
    assert 'em_open_analyses{state="queued"}' in metrics
    assert "process_resident_memory_bytes" in metrics
    assert "em_http_requests_total" in metrics


def metric(system, name):
    """Return the sum of the samples that begin with a name and labels."""
    lines = system.http.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_jobs_are_counted_and_timed(system):
    names = (
        'em_jobs_ended_total{kind="analysis",reason="",state="succeeded"}',
        'em_job_queue_duration_seconds_count{kind="analysis"}',
        "em_segment_successes_total",
        "em_analysed_media_seconds_total",
        "em_upload_bytes_total",
    )
    before = [metric(system, name) for name in names]
    system.finished()
    wait_for(lambda: metric(system, names[0]) > before[0])
    rises = [metric(system, name) - was for name, was in zip(names, before, strict=True)]
    assert rises[:4] == [1, 1, 3, 9]
    assert len(VIDEO) < rises[4] < len(VIDEO) + 1000
    assert metric(system, "em_open_segments") == metric(system, "em_segments_in_flight") == 0


def test_a_failed_analysis_is_counted_with_its_reason(system):
    name = 'em_jobs_ended_total{kind="analysis",reason="MEDIA_UNREADABLE",state="failed"}'
    system.fail("DecodeSegment", grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_UNREADABLE")
    before = metric(system, name)
    job = system.wait(f"/v1/analyses/{system.created()}")
    assert job["failure"]["reason"] == "MEDIA_UNREADABLE"
    wait_for(lambda: metric(system, name) > before)
    assert metric(system, name) == before + 1


def test_open_work_and_its_age_are_told(system):
    system.script.gate.clear()
    analysis_id = system.created()
    wait_for(lambda: metric(system, "em_open_segments") == 2)
    assert metric(system, 'em_open_analyses{state="running"}') == 1
    assert 0 < metric(system, 'em_oldest_analysis_age_seconds{state="running"}') < 60
    assert metric(system, 'em_oldest_analysis_age_seconds{state="queued"}') == 0
    system.script.gate.set()
    system.wait(f"/v1/analyses/{analysis_id}")


def test_the_page_is_served_with_its_policy(system):
    page, asset = system.http.get("/"), system.http.get("/assets/main-1a2b3c.js")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in asset.headers["cache-control"]
    assert page.headers["referrer-policy"] == "no-referrer"


def test_the_reference_works_offline(system):
    page = system.http.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "/v1/analyses" in page.text


ROUTES = {
    "/livez",
    "/metrics",
    "/readyz",
    "/v1/analyses",
    "/v1/analyses/{analysis_id}",
    "/v1/analyses/{analysis_id}/cancel",
    "/v1/analyses/{analysis_id}/corrections",
    "/v1/analyses/{analysis_id}/corrections/{correction_id}",
    "/v1/analyses/{analysis_id}/events",
    "/v1/analyses/{analysis_id}/highlights",
    "/v1/analyses/{analysis_id}/media",
    "/v1/analyses/{analysis_id}/people",
    "/v1/analyses/{analysis_id}/people/{person_id}",
    "/v1/analyses/{analysis_id}/thumbnails",
    "/v1/analyses/{analysis_id}/timeline",
    "/v1/exports/{export_id}",
    "/v1/exports/{export_id}/cancel",
    "/v1/exports/{export_id}/file",
    "/v1/models",
    "/v1/schemas/timeline",
    "/v1/uploads",
    "/v1/uploads/{upload_id}",
}


def test_openapi_knows_every_route_and_resolves_its_references(system):
    document = system.http.get("/openapi.json").json()
    text = json.dumps(document)
    assert set(document["paths"]) == ROUTES
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        found = document
        for part in reference.split("/"):
            found = found[part]
        assert found
    problem = document["paths"]["/v1/analyses/{analysis_id}"]["get"]["responses"]["404"]
    assert list(problem["content"]) == ["application/problem+json"]


def test_every_answer_forbids_sniffing_and_framing(system):
    for path in ("/livez", "/v1/analyses", "/v1/nothing", "/docs", "/"):
        headers = system.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
