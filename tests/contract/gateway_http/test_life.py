"""Analyses are listed, watched, cancelled and deleted."""

from __future__ import annotations

import json
import time

import pytest
from emotionmap_gateway.http import wire

from tests.contract.gateway_system import wait_for


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


def test_a_quiet_event_stream_is_kept_alive(system, monkeypatch):
    monkeypatch.setattr("emotionmap_gateway.http.events.KEEP_ALIVE_S", 0.1)
    system.script.gate.clear()
    analysis_id = system.created()
    with system.http.stream("GET", f"/v1/analyses/{analysis_id}/events") as stream:
        assert any(line == ": keep-alive" for line in stream.iter_lines())


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
