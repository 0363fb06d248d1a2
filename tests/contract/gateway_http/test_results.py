"""Timelines, media, pictures and highlights come out."""

from __future__ import annotations

import grpc
import jsonschema
import pytest
from emotionmap_gateway.documents.timeline import SCHEMA
from emotionmap_gateway.http import wire
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_script import HIGHLIGHTS, JPEG
from tests.contract.gateway_system import VIDEO, wait_for


def test_finished_analysis_has_a_timeline_of_the_published_schema(system, finished):
    response = system.http.get(f"/v1/analyses/{finished}/timeline")
    timeline = response.json()
    jsonschema.validate(timeline, SCHEMA)
    assert response.headers["content-type"] == "application/json"
    assert [interval["start"] for interval in timeline["intervals"]] == list(range(9))
    assert timeline["models"]["face"]["name"] == "fake-face"
    assert timeline["intervals"][0]["face"]["frames"] == 2
    assert timeline["intervals"][8]["voice"]["speech"] == 0.5


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("?format=csv", "*/*", "text/csv"),
        ("?format=vtt", "application/json", "text/vtt"),
        ("", "text/vtt", "text/vtt"),
        ("", "text/html, text/csv;q=0.9", "text/csv"),
        ("", "*/*", "application/json"),
    ],
)
def test_timeline_form_is_chosen_by_format_or_accept(system, finished, query, accept, kind):
    path = f"/v1/analyses/{finished}/timeline{query}"
    response = system.http.get(path, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(kind)


@pytest.mark.parametrize(
    ("header", "status", "body"),
    [
        (None, 200, VIDEO),
        ("bytes=0-9", 206, VIDEO[:10]),
        ("bytes=19990-", 206, VIDEO[-10:]),
        ("bytes=-5", 206, VIDEO[-5:]),
        ("bytes=5-999999", 206, VIDEO[5:]),
        ("bytes=-999999", 206, VIDEO),
        ("bytes=9-5", 200, VIDEO),
        ("bytes=0-1,4-5", 200, VIDEO),
        ("lines=0-1", 200, VIDEO),
    ],
)
def test_media_is_sent_whole_or_in_part(system, finished, header, status, body):
    headers = {} if header is None else {"Range": header}
    response = system.http.get(f"/v1/analyses/{finished}/media", headers=headers)
    assert (response.status_code, response.content) == (status, body)
    assert response.headers["content-type"] == "video/mp4"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("header", ["bytes=20000-", "bytes=-0"])
def test_a_range_past_the_end_is_refused(system, finished, header):
    response = system.http.get(f"/v1/analyses/{finished}/media", headers={"Range": header})
    assert (response.status_code, response.json()["reason"]) == (416, "RANGE_NOT_SATISFIABLE")
    assert response.headers["content-range"] == "bytes */20000"


def test_media_is_named_by_its_etag(system, finished):
    path = f"/v1/analyses/{finished}/media"
    head = system.http.head(path)
    etag = head.headers["etag"]
    stale = {"Range": "bytes=0-1", "If-Range": '"other"'}
    fresh = {"Range": "bytes=0-1", "If-Range": etag}
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(VIDEO)))
    assert system.http.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert system.http.get(path, headers=stale).status_code == 200
    assert system.http.get(path, headers=fresh).status_code == 206


def test_thumbnails_are_rendered_once(system, finished):
    path = f"/v1/analyses/{finished}/thumbnails"
    params = {"t": 1.5, "width": 200, "crop": "0,0,0.5,0.5"}
    first = system.http.get(path, params=params)
    again = system.http.get(path, params=params, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, first.content) == (200, JPEG)
    assert first.headers["content-type"] == "image/jpeg"
    assert "max-age" in first.headers["cache-control"]
    assert again.status_code == 304
    assert system.script.count("RenderThumbnails") == 1


@pytest.mark.parametrize(
    "params",
    [{}, {"t": "nan"}, {"t": -1}, {"t": 1, "width": 1}, {"t": 1, "crop": "1,0,0,1"}, {"t": "x"}],
)
def test_bad_thumbnail_wishes_are_refused(system, finished, params):
    response = system.http.get(f"/v1/analyses/{finished}/thumbnails", params=params)
    wire.Problem.model_validate(response.json())
    assert (response.status_code, response.json()["reason"]) == (400, "REQUEST_INVALID")


def test_errors_of_the_media_service_pass_through(system, finished):
    system.script.errors["RenderThumbnails"] = ServiceError(
        grpc.StatusCode.OUT_OF_RANGE, "OFFSET_PAST_END", "The video ends before that."
    )
    response = system.http.get(f"/v1/analyses/{finished}/thumbnails", params={"t": 99})
    assert (response.status_code, response.json()["reason"]) == (400, "OFFSET_PAST_END")


def test_highlights_are_cut_and_downloaded(system, finished):
    wish = {"emotions": ["Happy", "Unsure"], "min_confidence": 0.05}
    response = system.http.post(f"/v1/analyses/{finished}/highlights", json=wish)
    export = wire.Export.model_validate(response.json())
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/exports/{export.id}"
    done = system.wait(f"/v1/exports/{export.id}")
    # Happy: 0-2 and 6-8, Unsure: 4-6, neighbours merged; 0-1 is below the confidence.
    assert (export.duration, export.style, export.summary) == (5.0, "fast", None)
    assert (done["state"], done["progress"], done["duration"]) == ("SUCCEEDED", 1.0, 3.9)
    assert wire.Export.model_validate(done).summary == wire.CutSummary(
        duration=3.9, copied_share=0.75, note="A note.", pieces=2
    )
    file = system.http.get(f"/v1/exports/{export.id}/file")
    assert (file.content, file.headers["content-type"]) == (HIGHLIGHTS, "video/mp4")
    assert 'filename="EmotionMap_Highlights.mp4"' in file.headers["content-disposition"]
    part = system.http.get(f"/v1/exports/{export.id}/file", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, HIGHLIGHTS[:4])


def test_the_strongest_pieces_that_fit_are_cut_with_their_margins(system, finished):
    wish = {"emotions": ["Happy", "Sadness"], "min_confidence": 0.15, "lead_in": 0.25}
    wish |= {"max_length": 4, "order": "strength", "style": "polished", "people": []}
    export = system.http.post(f"/v1/analyses/{finished}/highlights", json=wish).json()
    # Sadness in 2-4 (0.3), both in 6-9 (0.8); with the margins only one fits.
    assert (export["duration"], export["style"]) == (3.25, "polished")
    asked = wait_for(lambda: [c for c in system.script.configs if hasattr(c, "captions")])[-1]
    assert [caption.text for caption in asked.captions] == ["Happy 70%", "Sadness 80%"]


def test_a_running_export_shows_progress_and_has_no_file(system):
    analysis_id = system.finished()
    system.script.gate.clear()
    wish = {"emotions": ["Happy"]}
    path = system.http.post(f"/v1/analyses/{analysis_id}/highlights", json=wish).headers["location"]
    wait_for(lambda: system.http.get(path).json()["progress"] == 0.5)
    assert system.http.get(f"{path}/file").json()["reason"] == "EXPORT_NOT_FINISHED"
    assert system.http.delete(f"/v1/analyses/{analysis_id}").status_code == 204
    assert system.http.get(path).json()["reason"] == "EXPORT_NOT_FOUND"
    assert not [name for name in system.files() if analysis_id in name]


def cut(system, analysis_id):
    """Return the path of a new export."""
    path = f"/v1/analyses/{analysis_id}/highlights"
    return system.http.post(path, json={"emotions": ["Happy"]}).headers["location"]


def hold_cuts(system, analysis_id):
    """Let no cut end from here on; those of tests before have ended, as they take turns."""
    system.wait(cut(system, analysis_id))
    system.script.gate.clear()


def test_a_cut_is_cancelled_within_a_second_and_leaves_no_file(system, finished):
    hold_cuts(system, finished)
    before = system.files()
    path = cut(system, finished)
    wait_for(lambda: system.script.cuts == 1)
    response = system.http.post(f"{path}/cancel")
    wait_for(lambda: system.script.cuts == 0, timeout_s=1)
    assert (response.status_code, response.json()["state"]) == (200, "CANCELLED")
    wire.Export.model_validate(response.json())
    system.script.gate.set()
    wait_for(lambda: system.files() == before)
    again = system.http.post(f"{path}/cancel")
    assert again.json() == system.http.get(path).json() == response.json()
    assert system.http.get(f"{path}/file").json()["reason"] == "EXPORT_NOT_FINISHED"


def test_a_cut_that_waits_for_its_turn_can_be_cancelled(system, finished):
    hold_cuts(system, finished)
    paths = [cut(system, finished) for _ in range(3)]
    wait_for(lambda: system.script.cuts == 1)
    answers = [system.http.post(f"{path}/cancel").json()["state"] for path in paths[1:]]
    system.script.gate.set()
    assert answers == ["CANCELLED", "CANCELLED"]
    assert system.wait(paths[0])["state"] == "SUCCEEDED"
    assert [system.http.get(path).json()["state"] for path in paths[1:]] == answers
    assert system.wait(cut(system, finished))["state"] == "SUCCEEDED"


def test_a_finished_cut_cannot_be_cancelled(system, finished):
    path = cut(system, finished)
    system.wait(path)
    response = system.http.post(f"{path}/cancel")
    wire.Problem.model_validate(response.json())
    assert (response.status_code, response.json()["reason"]) == (400, "EXPORT_FINISHED")
    assert system.http.get(f"{path}/file").content == HIGHLIGHTS


def test_a_failed_cut_is_told(system, finished):
    system.script.errors["CutHighlights"] = ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_UNREADABLE", "It cannot be read."
    )
    wish = {"emotions": ["Happy"]}
    path = system.http.post(f"/v1/analyses/{finished}/highlights", json=wish).headers["location"]
    done = system.wait(path)
    assert (done["state"], done["failure"]["reason"]) == ("FAILED", "MEDIA_UNREADABLE")


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"emotions": []}, "REQUEST_INVALID"),
        ({"emotions": ["Joy"]}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "min_confidence": 2}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "extra": 1}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "lead_in": 10.1}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "order": "loudness"}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "max_length": 0.5}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "style": "baroque"}, "REQUEST_INVALID"),
        ({"emotions": ["Happy"], "people": ["p9"]}, "OPTIONS_INVALID"),
        ({"emotions": ["Fear"]}, "HIGHLIGHTS_EMPTY"),
    ],
)
def test_bad_highlights_wishes_are_refused(system, finished, wish, reason):
    response = system.http.post(f"/v1/analyses/{finished}/highlights", json=wish)
    assert (response.status_code, response.json()["reason"]) == (400, reason)


def test_highlights_have_idempotency_keys_too(system, finished):
    path, headers = f"/v1/analyses/{finished}/highlights", {"Idempotency-Key": "h"}
    first = system.http.post(path, json={"emotions": ["Happy"]}, headers=headers).json()
    second = system.http.post(path, json={"emotions": ["Happy"]}, headers=headers).json()
    other = system.http.post(path, json={"emotions": ["Sadness"]}, headers=headers)
    assert first["id"] == second["id"]
    assert (other.status_code, other.json()["reason"]) == (409, "IDEMPOTENCY_KEY_REUSED")
