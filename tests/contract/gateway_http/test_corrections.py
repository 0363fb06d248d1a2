"""Viewers' own labels: kept beside the timeline, never overlapping, gone with the analysis."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing

import pytest
from emotionmap_gateway.http import edit_wire


@pytest.fixture
def path(system):
    analysis_id = system.finished()
    yield f"/v1/analyses/{analysis_id}/corrections"
    system.http.delete(f"/v1/analyses/{analysis_id}")


def correct(system, path, start, end, emotion):
    return system.http.post(path, json={"start": start, "end": end, "emotion": emotion})


def spans(system, path):
    found = edit_wire.CorrectionList.model_validate(system.http.get(path).json()).corrections
    return [(one.start, one.end, one.emotion) for one in found]


def test_a_correction_is_kept_and_taken_back(system, path):
    response = correct(system, path, 3.0, 4.0, "Surprise")
    made = edit_wire.Correction.model_validate(response.json())
    assert (response.status_code, made.start, made.end, made.emotion) == (201, 3, 4, "Surprise")
    assert response.headers["location"] == f"{path}/{made.id}"
    assert spans(system, path) == [(3, 4, "Surprise")]
    assert system.http.delete(f"{path}/{made.id}").status_code == 204
    again = system.http.delete(f"{path}/{made.id}")
    assert (again.status_code, again.json()["reason"]) == (404, "CORRECTION_NOT_FOUND")
    assert spans(system, path) == []


@pytest.mark.parametrize(
    ("newer", "left"),
    [
        ((0, 2), [(0, 2, "Fear"), (2, 6, "Happy")]),
        ((1, 3), [(1, 3, "Fear"), (3, 6, "Happy")]),
        ((5, 7), [(2, 5, "Happy"), (5, 7, "Fear")]),
        ((3, 4), [(2, 3, "Happy"), (3, 4, "Fear"), (4, 6, "Happy")]),
        ((2, 6), [(2, 6, "Fear")]),
        ((1, 9), [(1, 9, "Fear")]),
        ((6, 9), [(2, 6, "Happy"), (6, 9, "Fear")]),
    ],
)
def test_a_newer_one_replaces_what_it_overlaps(system, path, newer, left):
    correct(system, path, 2, 6, "Happy")
    correct(system, path, *newer, "Fear")
    assert spans(system, path) == left


def test_one_replaces_several(system, path):
    for start in range(9):
        correct(system, path, start, start + 1, "Sadness")
    correct(system, path, 1.5, 7.25, "Unsure")
    left = spans(system, path)
    assert left[1:4] == [(1, 1.5, "Sadness"), (1.5, 7.25, "Unsure"), (7.25, 8, "Sadness")]
    assert len(left) == 5


def test_times_are_whole_milliseconds(system, path):
    made = correct(system, path, 0.00049, 1.2346, "Anger").json()
    assert (made["start"], made["end"]) == (0, 1.235)


@pytest.mark.parametrize(
    ("start", "end", "emotion", "reason"),
    [
        (4, 4, "Happy", "CORRECTION_INVALID"),
        (4, 3, "Happy", "CORRECTION_INVALID"),
        (4, 4.0004, "Happy", "CORRECTION_INVALID"),
        (8, 9.001, "Happy", "CORRECTION_INVALID"),
        (-1, 3, "Happy", "REQUEST_INVALID"),
        (1, 3, "Joy", "REQUEST_INVALID"),
        (1, 1e300, "Happy", "REQUEST_INVALID"),
    ],
)
def test_what_is_no_label_of_a_stretch_is_refused(system, path, start, end, emotion, reason):
    response = correct(system, path, start, end, emotion)
    assert (response.status_code, response.json()["reason"]) == (400, reason)
    assert spans(system, path) == []


def test_labels_are_exported_for_training(system, path):
    correct(system, path, 1, 2.5, "Surprise")
    correct(system, path, 3, 4, "Unsure")
    response = system.http.get(path, params={"format": "csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.DictReader(io.StringIO(response.text))) == [
        {"path": "clip.mp4", "start": "1.0", "end": "2.5", "emotion": "Surprise"}
    ]
    assert system.http.get(path, params={"format": "xml"}).status_code == 400


def test_an_unfinished_analysis_takes_none(system):
    system.script.gate.clear()
    path = f"/v1/analyses/{system.created()}/corrections"
    refusal = correct(system, path, 0, 1, "Happy")
    assert (refusal.status_code, refusal.json()["reason"]) == (400, "ANALYSIS_NOT_FINISHED")
    assert spans(system, path) == []


def test_deleting_the_analysis_deletes_its_corrections(system):
    analysis_id = system.finished()
    path = f"/v1/analyses/{analysis_id}/corrections"
    correct(system, path, 0, 1, "Happy")
    system.http.patch(f"/v1/analyses/{analysis_id}/people/p1", json={"name": "Ada"})
    system.http.delete(f"/v1/analyses/{analysis_id}")
    assert system.http.get(path).json()["reason"] == "ANALYSIS_NOT_FOUND"
    with closing(sqlite3.connect(system.data_dir / "emotionmap.sqlite3")) as database:
        for table in ("corrections", "person_edits"):
            query = f"select count(*) from {table} where analysis_id = ?"
            assert database.execute(query, [analysis_id]).fetchone() == (0,)
