"""An analysis that begins while the upload still runs: segments wait for their bytes."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sqlite3
from contextlib import closing

import grpc
import pytest
from emotionmap_gateway.http import wire
from emotionmap_runtime.errors import ServiceError

from tests.contract.gateway_http.test_tus_analyses import analyze
from tests.contract.gateway_http.test_tus_refusals import expire, stored
from tests.contract.gateway_script import seconds
from tests.contract.gateway_system import VIDEO, gateway_system, wait_for
from tests.contract.tus_client import Tus, checksum, encoded

THIRD = len(VIDEO) // 3
"""The video has three segments, of which each needs as many bytes."""


@pytest.fixture
def tus(system):
    system.script.decodes.clear()
    yield Tus(system.http)
    system.script.index_bytes = 0


def begun(system, tus, there=THIRD + 10, data=VIDEO):
    """Begin an analysis of an upload of which only the first bytes are there."""
    path = tus.created(len(data), upload_metadata=f"filename {encoded('film.mp4')}")
    tus.patch(path, data[:there])
    answer = analyze(system, path.rpartition("/")[2], early=True)
    assert answer.status_code == 202, answer.text
    return path, f"/v1/analyses/{answer.json()['id']}"


def segments(system):
    """Starts of the segments that were asked for, seconds."""
    return sorted(seconds(request.range.start_offset) for request in system.script.decodes)


def look(system, analysis):
    return system.http.get(analysis).json()


def has_progress(system, analysis, progress):
    return wait_for(
        lambda: look(system, analysis)["progress"] == pytest.approx(progress, abs=0.01), 10
    )


def test_segments_run_when_their_bytes_are_there(system, tus):
    path, analysis = begun(system, tus)
    has_progress(system, analysis, 1 / 3)
    assert (look(system, analysis)["state"], segments(system)) == ("RUNNING", [0])
    growing = system.script.decodes[0].growing
    assert (growing.readable_bytes, growing.total_bytes) == (THIRD + 10, len(VIDEO))
    tus.patch(path, VIDEO[THIRD + 10 : 2 * THIRD + 1], THIRD + 10)
    has_progress(system, analysis, 2 / 3)
    tus.patch(path, VIDEO[2 * THIRD + 1 :], 2 * THIRD + 1)
    assert system.wait(analysis)["state"] == "SUCCEEDED"
    assert segments(system) == [0, 3, 6]
    assert not system.script.decodes[-1].HasField("growing")
    assert system.http.get(f"{analysis}/media").content == VIDEO


def test_an_analysis_tells_how_much_of_its_video_is_here(system, tus):
    path, analysis = begun(system, tus)
    has_progress(system, analysis, 1 / 3)
    waiting = wire.Analysis.model_validate(look(system, analysis))
    assert (waiting.received_bytes, waiting.size_bytes) == (THIRD + 10, len(VIDEO))
    tus.patch(path, VIDEO[THIRD + 10 : THIRD + 20], THIRD + 10)
    listed = system.http.get("/v1/analyses").json()["analyses"][0]
    assert (listed["id"] in analysis, listed["received_bytes"]) == (True, THIRD + 20)
    assert told(system, analysis) == {THIRD + 20}
    stopped = system.http.post(f"{analysis}/cancel").json()
    assert (stopped["state"], stopped["received_bytes"]) == ("CANCELLED", THIRD + 20)


def told(system, analysis):
    """What the first events of an unfinished analysis say of its bytes."""
    with system.http.stream("GET", f"{analysis}/events") as stream:
        lines = (line.removeprefix("data: ") for line in stream.iter_lines() if "data: " in line)
        first = [json.loads(line) for line in itertools.islice(lines, 3)]
    return {body["received_bytes"] for body in first if "received_bytes" in body}


def test_an_analysis_of_a_whole_video_has_received_all_of_it(system, tus):
    analysis = f"/v1/analyses/{system.finished()}"
    assert look(system, analysis)["received_bytes"] == len(VIDEO)
    path, early = begun(system, tus)
    tus.patch(path, VIDEO[THIRD + 10 :], THIRD + 10)
    assert system.wait(early)["received_bytes"] == len(VIDEO)
    assert told(system, early) == {len(VIDEO)}


def test_the_timeline_is_that_of_a_usual_upload(system, tus):
    path, analysis = begun(system, tus)
    tus.patch(path, VIDEO[THIRD + 10 :], THIRD + 10)
    system.wait(analysis)
    usual = analyze(system, tus.uploaded(VIDEO, "film.mp4")).json()["id"]
    system.wait(f"/v1/analyses/{usual}")
    early, late = (timeline_of(system, one) for one in (analysis, f"/v1/analyses/{usual}"))
    assert early == late


def timeline_of(system, analysis):
    text = system.http.get(f"{analysis}/timeline").text
    return text.replace(analysis.rpartition("/")[2], "")


def test_asking_again_gives_the_same_and_the_upload_goes(system, tus):
    path, analysis = begun(system, tus)
    upload = path.rpartition("/")[2]
    assert analyze(system, upload, early=True).json()["id"] in analysis
    assert analyze(system, upload).json()["id"] in analysis
    assert tus.offset(path) == THIRD + 10
    tus.patch(path, VIDEO[THIRD + 10 :], THIRD + 10)
    assert analyze(system, upload).json()["id"] in analysis
    assert tus.head(path).status_code == 404
    assert stored(system, upload) is None
    assert system.wait(analysis)["state"] == "SUCCEEDED"


def test_a_complete_upload_is_adopted_as_ever(system, tus):
    upload = tus.uploaded(VIDEO)
    analysis = f"/v1/analyses/{analyze(system, upload, early=True).json()['id']}"
    assert system.wait(analysis)["state"] == "SUCCEEDED"
    assert not any(request.HasField("growing") for request in system.script.decodes)


@pytest.mark.parametrize("why", ["index", "media", "key"])
def test_what_cannot_begin_early_is_told_and_leaves_nothing(system, tus, why):
    headers = {"Idempotency-Key": "k"} if why == "key" else {}
    system.script.index_bytes = THIRD if why == "index" else 0
    path = tus.created(len(VIDEO))
    tus.patch(path, VIDEO[:100])
    files = system.files()
    if why == "media":
        system.fail("ProbeMedia", grpc.StatusCode.INVALID_ARGUMENT, "MEDIA_UNREADABLE")
    answer = analyze(system, path.rpartition("/")[2], early=True, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, "UPLOAD_NOT_FINISHED")
    assert system.files() == files
    assert tus.offset(path) == 100


def test_a_segment_that_needs_more_than_was_thought_is_tried_again(system, tus):
    data = os.urandom(900_000)
    needs = ServiceError(grpc.StatusCode.FAILED_PRECONDITION, "MEDIA_INCOMPLETE", "More.")
    system.script.failures["DecodeSegment"] = [needs]
    path, analysis = begun(system, tus, 310_000, data)
    wait_for(lambda: system.script.count("DecodeSegment") == 1)
    tus.patch(path, data[310_000:580_000], 310_000)
    has_progress(system, analysis, 1 / 3)
    tus.patch(path, data[580_000:], 580_000)
    assert system.wait(analysis)["state"] == "SUCCEEDED"


def test_bytes_whose_checksum_is_not_known_to_hold_are_not_read(system, tus):
    path, analysis = begun(system, tus)
    has_progress(system, analysis, 1 / 3)
    rest = VIDEO[THIRD + 10 :]
    bad = tus.patch(path, b"x" * len(rest), THIRD + 10, upload_checksum=checksum(rest))
    assert bad.status_code == 460
    assert segments(system) == [0]
    assert tus.patch(path, rest, THIRD + 10, upload_checksum=checksum(rest)).status_code == 204
    assert system.wait(analysis)["state"] == "SUCCEEDED"


def test_an_upload_that_is_deleted_fails_its_analysis(system, tus):
    path, analysis = begun(system, tus)
    has_progress(system, analysis, 1 / 3)
    assert tus.delete(path).status_code == 204
    ended = system.wait(analysis)
    assert (ended["state"], ended["failure"]["reason"]) == ("FAILED", "UPLOAD_BROKEN")


def test_an_analysis_that_is_deleted_frees_the_bytes(system, tus):
    files = system.files()
    path, analysis = begun(system, tus)
    assert system.http.delete(analysis).status_code == 204
    assert tus.head(path).status_code == 404
    assert system.files() == files


def test_digests_hold_afterwards(system, tus):
    data = os.urandom(30_000)
    path, analysis = begun(system, tus, 12_000, data)
    tus.patch(path, data[12_000:], 12_000)
    system.wait(analysis)
    assert digest_in(system.data_dir, analysis) == hashlib.sha256(data).hexdigest()


def digest_in(data_dir, analysis):
    with closing(sqlite3.connect(data_dir / "emotionmap.sqlite3", timeout=10)) as database:
        query = "SELECT sha256 FROM analyses WHERE id = ?"
        return database.execute(query, (analysis.rpartition("/")[2],)).fetchone()[0]


def test_only_so_many_begin_early_and_others_are_not_held_up(tmp_path):
    with gateway_system(tmp_path, early_analyses_in_flight=1, analyses_in_flight=1) as system:
        tus = Tus(system.http)
        _, waiting = begun(system, tus)
        path = tus.created(len(VIDEO))
        tus.patch(path, VIDEO[:-1])
        second = analyze(system, path.rpartition("/")[2], early=True)
        assert second.json()["reason"] == "UPLOAD_NOT_FINISHED"
        system.finished()
        assert look(system, waiting)["state"] == "RUNNING"


def test_an_upload_that_expires_fails_its_analysis(tmp_path):
    with gateway_system(tmp_path) as system:
        path, analysis = begun(system, Tus(system.http))
        has_progress(system, analysis, 1 / 3)
        expire(system, path.rpartition("/")[2])
    with gateway_system(tmp_path) as system:  # which sweeps when it starts
        assert system.wait(analysis)["failure"]["reason"] == "UPLOAD_BROKEN"
