"""Pages of other hosts may do nothing unless they are named; those that are may do all."""

from __future__ import annotations

import re

import pytest
from emotionmap_gateway.http import cross_origin
from emotionmap_gateway.settings import Settings
from pydantic import ValidationError

from tests.contract.gateway_system import VIDEO, gateway_system
from tests.contract.tus_client import VERSION, Tus

FRIEND = "https://film.example"
OTHER = "http://localhost:5173"
STRANGER = "https://evil.example"


@pytest.fixture(scope="module")
def open_system(tmp_path_factory):
    web = tmp_path_factory.mktemp("web")
    for name in ("index.html", "embed.html"):
        (web / name).write_text("<!doctype html><title>EmotionMap</title>")
    data = tmp_path_factory.mktemp("data")
    with gateway_system(data, web_dir=web, allowed_origins=f"{FRIEND}, {OTHER}") as system:
        yield system


@pytest.fixture(scope="module")
def analysis(open_system):
    return f"/v1/analyses/{open_system.finished()}"


def preflight(system, path, method, headers="", origin=FRIEND):
    fields = {"Origin": origin, "Access-Control-Request-Method": method}
    fields |= {"Access-Control-Request-Headers": headers} if headers else {}
    return system.http.options(path, headers=fields)


def exposed(answer):
    return {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}


def test_nobody_is_allowed_by_default(system):
    answer = system.http.get("/v1/analyses", headers={"Origin": FRIEND})
    refused = preflight(system, "/v1/uploads", "POST", "tus-resumable")
    for headers in (answer.headers, refused.headers):
        assert not [name for name in headers if name.startswith("access-control")]
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("origin", [FRIEND, OTHER])
@pytest.mark.parametrize("path", ["", "/events", "/media", "/timeline", "/thumbnails?t=1", "/nil"])
def test_an_allowed_page_reads_every_answer(open_system, analysis, path, origin):
    answer = open_system.http.get(analysis + path, headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [STRANGER, "null", f"{FRIEND}.evil.example", f"{FRIEND}:444"])
def test_a_stranger_reads_nothing(open_system, analysis, origin):
    answer = open_system.http.get(analysis, headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert (
        "access-control-allow-origin"
        not in preflight(open_system, "/v1/uploads", "PATCH", "tus-resumable", origin).headers
    )


def test_an_answer_that_is_kept_is_not_given_to_another(open_system, analysis):
    """A picture shown without CORS must not be what a later request with CORS finds."""
    assert "Origin" in open_system.http.get(f"{analysis}/thumbnails?t=1").headers["vary"]


def test_a_range_of_a_video_can_be_read(open_system, analysis):
    headers = {"Origin": FRIEND, "Range": "bytes=5-9"}
    answer = open_system.http.get(f"{analysis}/media", headers=headers)
    assert (answer.status_code, answer.content) == (206, VIDEO[5:10])
    assert answer.headers["content-range"].startswith("bytes 5-9/")
    assert {"Content-Range", "Accept-Ranges", "Content-Length", "ETag"} <= exposed(answer)


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_uploads_pass_their_preflight(open_system, method):
    wanted = "content-type,tus-resumable,upload-length,upload-metadata,upload-offset"
    answer = preflight(open_system, "/v1/uploads/0a", method, wanted)
    assert answer.status_code == 200
    assert method in re.split(", *", answer.headers["access-control-allow-methods"])
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in wanted.split(","))


def test_an_upload_from_another_host_sees_its_headers(open_system):
    http = open_system.http
    answer = http.post("/v1/uploads", headers={**VERSION, "Origin": FRIEND, "Upload-Length": "1"})
    assert answer.status_code == 201
    assert {"Location", "Upload-Offset", "Upload-Expires", "Tus-Resumable"} <= exposed(answer)
    told = http.options("/v1/uploads", headers={"Origin": FRIEND})  # what tus asks, no preflight
    assert told.headers["tus-version"] == "1.0.0"
    assert told.headers["access-control-allow-origin"] == FRIEND
    refused = http.patch("/v1/uploads/none", headers={**VERSION, "Origin": FRIEND})
    assert refused.headers["access-control-allow-origin"] == FRIEND


def test_every_header_of_tus_is_exposed(open_system):
    tus = Tus(open_system.http)
    answers = [tus.post(1), tus.post(-1), open_system.http.options("/v1/uploads")]
    sent = {name for answer in answers for name in answer.headers if re.match("tus|upload", name)}
    assert sent <= {name.lower() for name in cross_origin.RESPONSE_HEADERS}


def test_only_the_player_is_framed_and_only_by_allowed_pages(open_system):
    def framers(path):
        policy = open_system.http.get(path).headers["content-security-policy"]
        return policy.partition("frame-ancestors ")[2].split()

    assert framers("/embed.html") == [FRIEND, OTHER]
    for path in ("/", "/index.html", "/docs", "/v1/analyses", "/v1/nil", "/%65mbed.html/.."):
        assert framers(path) == ["'none'"]
    headers = open_system.http.get("/embed.html").headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"


def test_the_player_is_framed_by_nobody_by_default(tmp_path):
    (tmp_path / "embed.html").write_text("<!doctype html><title>EmotionMap</title>")
    with gateway_system(tmp_path / "data", web_dir=tmp_path) as system:
        headers = system.http.get("/embed.html").headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "https://*",
        "null",
        "film.example",
        "https://film.example/",
        "https://A.example",
        "https://a.example; script-src *",
        "https://a.example b",
        "ftp://a.example",
        "https://",
    ],
)
def test_what_is_no_origin_is_refused(origins):
    with pytest.raises(ValidationError):
        Settings(allowed_origins=origins)
