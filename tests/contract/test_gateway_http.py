"""HTTP API of the gateway over real sockets, with fake services behind it."""

from __future__ import annotations

import json
import socket
import time

import grpc
import jsonschema
import pytest
from emotionmap_gateway.documents.timeline import SCHEMA
from emotionmap_gateway.http import wire
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_fakes import HIGHLIGHTS, JPEG
from tests.contract.gateway_system import MAX_BYTES, VIDEO, gateway_system, wait_for


@pytest.fixture(scope="module")
def running_system(tmp_path_factory):
    web = tmp_path_factory.mktemp("web")
    (web / "assets").mkdir()
    (web / "index.html").write_text("<!doctype html><title>EmotionMap</title>")
    (web / "assets/main-1a2b3c.js").write_text("export {};")
    with gateway_system(tmp_path_factory.mktemp("data"), web_dir=web) as system:
        yield system


@pytest.fixture
def system(running_system):
    yield running_system
    running_system.reset()


@pytest.fixture(scope="module")
def finished(running_system):
    """Id of a finished analysis, shared by tests that only read it."""
    return running_system.finished()


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
    wait_for(lambda: system.script.active == 2)
    system.script.gate.set()
    system.wait(f"/v1/analyses/{analysis_id}")
    assert system.script.most_active == 2


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


def test_a_file_of_which_nothing_can_be_read_fails(system):
    system.script.truncated_at_s = 0.0
    body = system.wait(f"/v1/analyses/{system.created()}")
    assert (body["state"], body["failure"]["reason"]) == ("FAILED", "MEDIA_UNREADABLE")


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


BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    ("headers", "content", "status", "reason"),
    [
        ({"Content-Type": "video/mp4"}, VIDEO, 415, "CONTENT_TYPE_UNSUPPORTED"),
        ({"Content-Type": "multipart/form-data"}, b"", 400, "FORM_INVALID"),
        (BOUNDARY, b"--b--\r\n", 400, "FORM_INVALID"),
        (BOUNDARY, b"nothing of the kind", 400, "FORM_INVALID"),
        (
            BOUNDARY,
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
            400,
            "FORM_INVALID",
        ),
        (
            BOUNDARY,
            b'--b\r\nContent-Disposition: form-data; name="film"\r\n\r\nx\r\n--b--\r\n',
            400,
            "FORM_INVALID",
        ),
    ],
)
def test_malformed_forms_are_refused(system, headers, content, status, reason):
    response = system.http.post("/v1/analyses", headers=headers, content=content)
    assert (response.status_code, response.json()["reason"]) == (status, reason)


@pytest.mark.parametrize("extra_bytes", [1, 1_000_000])
def test_too_large_a_video_is_refused_and_nothing_is_kept(system, extra_bytes):
    files = system.files()
    response = system.create(video=bytes(MAX_BYTES + extra_bytes))
    assert (response.status_code, response.json()["reason"]) == (413, "MEDIA_TOO_LARGE")
    assert system.files() == files


def test_the_largest_video_is_taken(system):
    assert system.create(video=bytes(MAX_BYTES)).status_code == 202


def test_a_length_over_the_limit_is_refused_before_a_byte_is_read(system):
    head = _head({"Content-Length": "900000000", "Expect": "100-continue"})
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_body_without_length_is_cut_off_at_the_limit(system):
    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield bytes(100_000)

    response = system.http.post("/v1/analyses", headers=BOUNDARY, content=endless())
    assert (response.status_code, response.json()["reason"]) == (413, "MEDIA_TOO_LARGE")


def test_a_client_that_leaves_in_mid_upload_leaves_nothing(system):
    files = system.files()
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(_head({"Content-Length": "2000000"}) + _PART + bytes(500_000))
        wait_for(lambda: system.files() != files)
    wait_for(lambda: system.files() == files)


def test_an_upload_that_stalls_is_ended(system):
    files = system.files()
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=10) as client:
        client.sendall(_head({"Content-Length": "2000000"}) + _PART + bytes(500_000))
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"UPLOAD_TOO_SLOW" in answer or b"application/problem+json" in answer
    assert system.files() == files


_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def _head(headers):
    lines = {"Host": "gateway", **BOUNDARY, **headers}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /v1/analyses HTTP/1.1\r\n{text}\r\n".encode()


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


def test_list_is_paged_newest_first(system):
    made = [system.created() for _ in range(3)][::-1]
    first = system.http.get("/v1/analyses", params={"limit": 2}).json()
    wire.AnalysisPage.model_validate(first)
    rest = system.http.get("/v1/analyses", params={"limit": 2, "cursor": first["next_cursor"]})
    ids = [analysis["id"] for analysis in first["analyses"] + rest.json()["analyses"]]
    assert ids[:3] == made


def test_last_page_has_no_cursor(system, finished):
    seen, cursor = set(), ""
    for _ in range(100):
        params = {"limit": 50, "cursor": cursor}
        page = system.http.get("/v1/analyses", params=params).json()
        seen |= {analysis["id"] for analysis in page["analyses"]}
        if (cursor := page["next_cursor"]) is None:
            break
    assert finished in seen
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "!!!!", "MTox", "LTE6YQ", "w7w6YQ"])
def test_an_invented_cursor_is_refused(system, cursor):
    response = system.http.get("/v1/analyses", params={"cursor": cursor})
    # "MTox" is a well-formed one: it is only old.
    expected = {"MTox": (200, None)}.get(cursor, (400, "PAGE_TOKEN_INVALID"))
    assert (response.status_code, response.json().get("reason")) == expected


def read_events(text):
    """Return (id, kind, data) of each event of a stream."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


def test_events_tell_the_whole_story_and_end(system, finished):
    response = system.http.get(f"/v1/analyses/{finished}/events")
    events = read_events(response.text)
    states = [data["state"] for _, kind, data in events if kind == "analysis"]
    progress = [data["progress"] for _, kind, data in events if kind == "analysis"]
    batches = [
        wire.Intervals.model_validate(data) for _, kind, data in events if kind != "analysis"
    ]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert (states[:2], states[-1]) == (["QUEUED", "RUNNING"], "SUCCEEDED")
    assert progress == sorted(progress)
    starts = sorted(interval.start for batch in batches for interval in batch.intervals)
    assert starts == list(range(9))


def test_events_go_on_after_the_last_one_seen(system, finished):
    path = f"/v1/analyses/{finished}/events"
    everything = read_events(system.http.get(path).text)
    by_header = system.http.get(path, headers={"Last-Event-ID": "3"}).text
    by_query = system.http.get(path, params={"after": 3}).text
    assert read_events(by_header) == read_events(by_query) == everything[3:]


def test_events_come_while_the_analysis_runs(system):
    system.script.gate.clear()
    analysis_id = system.created()
    kinds = []
    with system.http.stream("GET", f"/v1/analyses/{analysis_id}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kinds.append(line.removeprefix("event: "))
            if "intervals" in kinds:
                system.script.gate.set()
    assert kinds[-1] == "analysis"
    assert kinds.count("intervals") == 3


def test_events_end_when_the_analysis_is_deleted(system):
    system.script.gate.clear()
    analysis_id = system.created()
    with system.http.stream("GET", f"/v1/analyses/{analysis_id}/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        assert system.http.delete(f"/v1/analyses/{analysis_id}").status_code == 204
        assert isinstance(list(lines), list)


def test_cancel_stops_within_a_second(system):
    system.script.gate.clear()
    analysis_id = system.created()
    path = f"/v1/analyses/{analysis_id}"
    wait_for(lambda: system.http.get(path).json()["progress"] > 0)
    response = system.http.post(f"{path}/cancel")
    start_s = time.monotonic()
    wait_for(lambda: system.script.active == 0)
    assert time.monotonic() - start_s < 1
    assert (response.status_code, response.json()["state"]) == (200, "CANCELLED")
    assert system.http.post(f"{path}/cancel").json()["state"] == "CANCELLED"
    assert system.http.get(f"{path}/timeline").json()["reason"] == "ANALYSIS_NOT_FINISHED"


def test_a_queued_analysis_can_be_cancelled(system):
    system.script.gate.clear()
    running = [system.created() for _ in range(2)]
    queued = system.created()
    assert system.http.post(f"/v1/analyses/{queued}/cancel").json()["state"] == "CANCELLED"
    system.script.gate.set()
    for analysis_id in running:
        assert system.wait(f"/v1/analyses/{analysis_id}")["state"] == "SUCCEEDED"
    assert system.http.get(f"/v1/analyses/{queued}").json()["state"] == "CANCELLED"


def test_a_finished_analysis_cannot_be_cancelled(system, finished):
    response = system.http.post(f"/v1/analyses/{finished}/cancel")
    assert (response.status_code, response.json()["reason"]) == (400, "ANALYSIS_FINISHED")


@pytest.mark.parametrize("is_running", [True, False])
def test_delete_leaves_nothing(system, is_running):
    if is_running:
        system.script.gate.clear()
    analysis_id = system.created() if is_running else system.finished()
    path = f"/v1/analyses/{analysis_id}"
    if is_running:
        wait_for(lambda: system.http.get(path).json()["progress"] > 0)
    assert system.http.delete(path).status_code == 204
    assert system.http.get(path).json()["reason"] == "ANALYSIS_NOT_FOUND"
    assert not [name for name in system.files() if analysis_id in name]
    for database in system.data_dir.glob("emotionmap.sqlite3*"):
        assert analysis_id.encode() not in database.read_bytes(), database
    assert system.script.active == 0


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
    assert (done["state"], done["progress"], done["duration"]) == ("SUCCEEDED", 1.0, 5.0)
    file = system.http.get(f"/v1/exports/{export.id}/file")
    assert (file.content, file.headers["content-type"]) == (HIGHLIGHTS, "video/mp4")
    assert 'filename="EmotionMap_Highlights.mp4"' in file.headers["content-disposition"]
    part = system.http.get(f"/v1/exports/{export.id}/file", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, HIGHLIGHTS[:4])


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


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "/v1/analyses/none", "ANALYSIS_NOT_FOUND"),
        ("DELETE", "/v1/analyses/none", "ANALYSIS_NOT_FOUND"),
        ("POST", "/v1/analyses/none/cancel", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/events", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/timeline", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/media", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/analyses/none/thumbnails?t=1", "ANALYSIS_NOT_FOUND"),
        ("GET", "/v1/exports/none", "EXPORT_NOT_FOUND"),
        ("GET", "/v1/exports/none/file", "EXPORT_NOT_FOUND"),
        ("GET", "/v1/nothing", "ROUTE_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_404(system, method, path, reason):
    response = system.http.request(method, path)
    assert (response.status_code, response.json()["reason"]) == (404, reason)


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


def test_models_are_named(system):
    body = wire.Models.model_validate(system.http.get("/v1/models").json())
    assert (body.face.name, body.audio.name, body.detectors) == (
        "fake-face",
        "fake-voice",
        ["haar"],
    )


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
    "/v1/analyses/{analysis_id}/events",
    "/v1/analyses/{analysis_id}/highlights",
    "/v1/analyses/{analysis_id}/media",
    "/v1/analyses/{analysis_id}/thumbnails",
    "/v1/analyses/{analysis_id}/timeline",
    "/v1/exports/{export_id}",
    "/v1/exports/{export_id}/file",
    "/v1/models",
    "/v1/schemas/timeline",
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


def test_a_head_that_is_too_long_is_refused(system):
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000)
        assert client.recv(100).startswith(b"HTTP/1.1 4")


def test_a_long_body_of_a_short_request_is_refused(system, finished):
    path = f"/v1/analyses/{finished}/highlights"
    response = system.http.post(path, content=bytes(70_000))
    assert (response.status_code, response.json()["reason"]) == (413, "REQUEST_TOO_LARGE")


def test_a_body_that_turns_out_too_long_is_cut_off(system, finished):
    path = f"/v1/analyses/{finished}/highlights"
    response = system.http.post(path, content=iter([bytes(50_000)] * 2))
    assert response.status_code == 400


def test_a_body_that_never_ends_is_cut_off(system, finished, monkeypatch):
    monkeypatch.setattr("emotionmap_gateway.http.body_limit.RECEIVE_S", 0.2)
    head = (
        f"POST /v1/analyses/{finished}/highlights HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(head.encode() + b"{")
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_a_quiet_event_stream_is_kept_alive(system, monkeypatch):
    monkeypatch.setattr("emotionmap_gateway.http.events.KEEP_ALIVE_S", 0.1)
    system.script.gate.clear()
    analysis_id = system.created()
    with system.http.stream("GET", f"/v1/analyses/{analysis_id}/events") as stream:
        assert any(line == ": keep-alive" for line in stream.iter_lines())


def test_a_trickling_upload_is_ended(tmp_path):
    limits = {"upload_idle_s": 5, "upload_window_s": 0.5, "upload_min_bytes": 1000}
    with gateway_system(tmp_path, **limits) as slow:
        head = _head({"Content-Length": "2000000"}) + _PART
        with socket.create_connection(("127.0.0.1", slow.http_port), timeout=10) as client:
            client.sendall(head)
            for _ in range(20):
                client.sendall(b"x")
                time.sleep(0.05)
            assert client.recv(100).startswith(b"HTTP/1.1 408")
        assert slow.files() == []
