"""A complete upload becomes an analysis, once, without being copied."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from tests.contract.gateway_http.test_tus_refusals import expire, stored
from tests.contract.gateway_system import VIDEO
from tests.contract.tus_client import Tus, encoded


@pytest.fixture
def tus(system):
    return Tus(system.http)


def analyze(system, upload, **fields):
    headers = fields.pop("headers", {})
    return system.http.post("/v1/analyses", json={"upload": upload, **fields}, headers=headers)


def test_an_upload_becomes_an_analysis(system, tus):
    upload = tus.uploaded(VIDEO, "film.mp4")
    answer = analyze(system, upload, options={"interval": 2})
    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/analyses/{body['id']}"
    assert (body["title"], body["size_bytes"], body["options"]["interval"]) == (
        "film.mp4",
        len(VIDEO),
        2,
    )
    assert system.wait(f"/v1/analyses/{body['id']}")["state"] == "SUCCEEDED"
    assert system.http.get(f"/v1/analyses/{body['id']}/media").content == VIDEO


def test_then_it_is_gone_but_asking_again_gives_the_same(system, tus):
    upload = tus.uploaded(VIDEO)
    first = analyze(system, upload).json()
    assert tus.head(f"/v1/uploads/{upload}").status_code == 404
    assert stored(system, upload) is None
    assert analyze(system, upload, title="another").json()["id"] == first["id"]


def test_once_the_analysis_is_deleted_both_are_gone(system, tus):
    upload = tus.uploaded(VIDEO)
    system.http.delete(f"/v1/analyses/{analyze(system, upload).json()['id']}")
    answer = analyze(system, upload)
    assert (answer.status_code, answer.json()["reason"]) == (404, "UPLOAD_NOT_FOUND")


def test_the_bytes_are_not_copied(system, tus):
    upload = tus.uploaded(VIDEO)
    number = (system.data_dir / "objects/.uploads" / upload).stat().st_ino
    analysis = analyze(system, upload).json()["id"]
    assert (system.data_dir / f"objects/analyses/{analysis}/media").stat().st_ino == number


@pytest.mark.parametrize("at_once", [2, 8])
def test_many_at_once_get_one_analysis(system, tus, at_once):
    upload = tus.uploaded(VIDEO)
    before = system.http.get("/v1/analyses?limit=100").json()["analyses"]
    with ThreadPoolExecutor(at_once) as clients:
        answers = list(clients.map(lambda _: analyze(system, upload), range(at_once)))
    after = system.http.get("/v1/analyses?limit=100").json()["analyses"]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(after) == len(before) + 1
    assert system.script.count("ProbeMedia") == 1


def test_an_upload_that_lacks_bytes_is_refused_and_stays(system, tus):
    path = tus.created(len(VIDEO))
    tus.patch(path, VIDEO[:-1])
    upload = path.rpartition("/")[2]
    answer = analyze(system, upload)
    assert (answer.status_code, answer.json()["reason"]) == (400, "UPLOAD_NOT_FINISHED")
    tus.patch(path, VIDEO[-1:], len(VIDEO) - 1)
    assert analyze(system, upload).status_code == 202


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "REQUEST_INVALID"),
        ({"upload": ""}, "REQUEST_INVALID"),
        ({"upload": 5}, "REQUEST_INVALID"),
        ({"upload": "a", "file": "b"}, "REQUEST_INVALID"),
        ({"upload": "a", "options": []}, "REQUEST_INVALID"),
        ([], "REQUEST_INVALID"),
        ({"upload": "a", "options": {"speed": 1}}, "OPTIONS_INVALID"),
        ({"upload": "a", "options": {"interval": 0}}, "OPTIONS_INVALID"),
    ],
)
def test_a_malformed_wish_is_refused(system, body, reason):
    answer = system.http.post("/v1/analyses", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)


def test_a_wish_that_never_ends_is_cut_off(system):
    headers = {"Content-Type": "application/json"}
    answer = system.http.post("/v1/analyses", content=b"[" * 70_000, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize("upload", ["none", "../../etc", "0" * 32])
def test_an_upload_that_there_is_not_is_told(system, upload):
    answer = analyze(system, upload)
    assert (answer.status_code, answer.json()["reason"]) == (404, "UPLOAD_NOT_FOUND")


def test_an_expired_upload_is_told(system, tus):
    upload = tus.uploaded(VIDEO)
    expire(system, upload)
    assert analyze(system, upload).status_code == 410


def test_an_empty_upload_is_refused(system, tus):
    upload = tus.created(0).rpartition("/")[2]
    assert analyze(system, upload).json()["reason"] == "MEDIA_EMPTY"


def test_bytes_that_are_no_video_are_not_kept(system, tus):
    files = system.files()
    upload = tus.uploaded(VIDEO)
    system.fail("ProbeMedia", grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_UNREADABLE")
    assert analyze(system, upload).json()["reason"] == "MEDIA_UNREADABLE"
    assert system.files() == files
    assert tus.head(f"/v1/uploads/{upload}").status_code == 404


def test_while_a_service_is_away_the_upload_stays(system, tus):
    upload = tus.uploaded(VIDEO)
    files = system.files()
    system.fail("ProbeMedia", grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE")
    assert analyze(system, upload).status_code == 503
    assert system.files() == files
    system.script.errors.clear()
    assert analyze(system, upload).status_code == 202


@pytest.mark.parametrize(("title", "shown"), [("mine.mp4", "mine.mp4"), ("", "a b.mp4")])
def test_a_title_beats_the_name_of_the_file(system, tus, title, shown):
    upload = tus.uploaded(VIDEO, "/tmp/a\x00b.mp4")
    assert analyze(system, upload, title=title).json()["title"] == shown


def test_an_idempotency_key_holds_whatever_way_the_bytes_came(system, tus):
    video, key = os.urandom(1000), {"Idempotency-Key": os.urandom(8).hex()}
    first = system.create(video=video, headers=key).json()
    second = analyze(system, tus.uploaded(video), headers=key).json()
    assert first["id"] == second["id"]
    third = analyze(system, tus.uploaded(os.urandom(1000)), headers=key)
    assert third.json()["reason"] == "IDEMPOTENCY_KEY_REUSED"


def test_the_digest_is_right_however_the_bytes_came(system, tus):
    """Two ways to the same bytes and the same key are one request only if the digests agree."""
    video, key = os.urandom(900_001), {"Idempotency-Key": hashlib.sha256(os.urandom(8)).hexdigest()}
    first = system.create(video=video, headers=key).json()
    path = tus.created(len(video), upload_metadata=f"filename {encoded('a.mp4')}")
    for start in range(0, len(video), 300_000):
        tus.patch(path, video[start : start + 300_000], start)
    assert analyze(system, path.rpartition("/")[2], headers=key).json()["id"] == first["id"]
