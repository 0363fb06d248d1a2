"""Corrections, people, search and edit lists over gRPC; the same calls as over HTTP."""

from __future__ import annotations

import grpc
import opentimelineio as otio
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2

from tests.contract.gateway_grpc.calls import TIMEOUT_S, refused
from tests.contract.gateway_script import seconds, span

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
HAPPY, FEAR = emotion_pb2.EMOTION_HAPPY, emotion_pb2.EMOTION_FEAR


@pytest.fixture(scope="module")
def finished(running_system):
    running_system.script.people = 2
    return running_system.finished(name="Ärger.mp4")


def correct(stub, analysis_id, start_s, end_s, emotion):
    request = pb.CreateCorrectionRequest(
        analysis_id=analysis_id, range=span(start_s, end_s), emotion=emotion
    )
    return stub.CreateCorrection(request, timeout=TIMEOUT_S).correction


def exported(stub, **wish):
    request = pb.ExportTimelineRequest(**wish)
    return b"".join(part.chunk for part in stub.ExportTimeline(request, timeout=TIMEOUT_S))


def test_corrections_are_kept_listed_and_taken_back(system, stub, finished):
    first = correct(stub, finished, 1, 5, FEAR)
    second = correct(stub, finished, 2, 3.0005, 0)
    request = pb.ListCorrectionsRequest(analysis_id=finished)
    listed = stub.ListCorrections(request).corrections
    assert [
        (seconds(one.range.start_offset), seconds(one.range.end_offset), one.emotion)
        for one in listed
    ] == [(1, 2, FEAR), (2, 3.001, 0), (3.001, 5, FEAR)]
    assert (listed[0].id, listed[1]) == (first.id, second)
    body = system.http.get(f"/v1/analyses/{finished}/corrections").json()
    assert [one["id"] for one in body["corrections"]] == [one.id for one in listed]
    for one in listed:
        stub.DeleteCorrection(pb.DeleteCorrectionRequest(analysis_id=finished, id=one.id))
    assert not stub.ListCorrections(request).corrections


@pytest.mark.parametrize(
    ("start_s", "end_s", "emotion"),
    [(1, 1, FEAR), (2, 1, FEAR), (-1, 1, FEAR), (8, 10, FEAR), (1, 2, 99), (1, 2, -1)],
)
def test_what_is_no_label_of_a_stretch_is_refused(stub, finished, start_s, end_s, emotion):
    answer = refused(lambda: correct(stub, finished, start_s, end_s, emotion))
    assert answer == (INVALID, "CORRECTION_INVALID")


def test_people_are_changed_and_listed(stub, finished):
    wish = pb.UpdatePersonRequest(analysis_id=finished, id="p2", name="Ada", merged_into="p1")
    changed = stub.UpdatePerson(wish).person
    assert (changed.person.id, changed.name, changed.merged_into) == ("p2", "Ada", "p1")
    people = stub.ListPeople(pb.ListPeopleRequest(analysis_id=finished)).people
    assert [(one.person.id, one.name) for one in people] == [("p1", ""), ("p2", "Ada")]
    again = pb.UpdatePersonRequest(analysis_id=finished, id="p2", hidden=True, merged_into="")
    changed = stub.UpdatePerson(again).person
    assert (changed.name, changed.hidden, changed.merged_into) == ("Ada", True, "")


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ({"id": "p1", "merged_into": "p1"}, (INVALID, "PERSON_INVALID")),
        ({"id": "p1", "merged_into": "p9"}, (INVALID, "PERSON_INVALID")),
        ({"id": "p1", "name": "x" * 101}, (INVALID, "PERSON_INVALID")),
        ({"id": "p9", "name": "x"}, (NOT_FOUND, "PERSON_NOT_FOUND")),
    ],
)
def test_what_cannot_be_changed_is_refused(stub, finished, wish, answer):
    request = pb.UpdatePersonRequest(analysis_id=finished, **wish)
    assert refused(lambda: stub.UpdatePerson(request)) == answer


def test_titles_are_searched(stub, finished):
    def found(query):
        page = stub.ListAnalyses(pb.ListAnalysesRequest(query=query))
        return [one.id for one in page.analyses]

    assert found("äRGER") == [finished]
    assert found("nowhere") == []
    answer = refused(lambda: found("x" * 256))
    assert answer == (INVALID, "OPTIONS_INVALID")


@pytest.mark.parametrize(
    ("form", "start"),
    [
        (pb.TIMELINE_FORMAT_EDL, b"TITLE: Arger.mp4"),
        (pb.TIMELINE_FORMAT_FCPXML, b"<?xml"),
        (pb.TIMELINE_FORMAT_OTIO, b'{"OTIO_SCHEMA"'),
        (pb.TIMELINE_FORMAT_SKIP_LIST, b"4.000 6.000 0"),
    ],
)
def test_edit_lists_are_those_of_http(system, stub, finished, form, start):
    document = exported(stub, id=finished, format=form)
    word = pb.TimelineFormat.Name(form).removeprefix("TIMELINE_FORMAT_").lower()
    path = f"/v1/analyses/{finished}/timeline"
    assert document.startswith(start)
    assert system.http.get(path, params={"format": word}).content == document


def test_a_selection_tells_what_is_kept(stub, finished):
    wish = pb.Selection(emotions=[HAPPY], min_confidence=0.55)
    wish.lead_in.seconds = 1
    text = exported(stub, id=finished, format=pb.TIMELINE_FORMAT_OTIO, selection=wish).decode()
    (clip,) = otio.adapters.read_from_string(text, "otio_json").tracks[0]
    assert clip.source_range.start_time.to_seconds() == 5
    assert clip.source_range.duration.to_seconds() == 3


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ({"format": 99}, (INVALID, "OPTIONS_INVALID")),
        ({"format": pb.TIMELINE_FORMAT_EDL, "selection": {}}, (INVALID, "OPTIONS_INVALID")),
        (
            {"format": pb.TIMELINE_FORMAT_EDL, "selection": {"emotions": [FEAR]}},
            (PRECONDITION, "HIGHLIGHTS_EMPTY"),
        ),
    ],
)
def test_bad_edit_lists_are_refused(stub, finished, wish, answer):
    assert refused(lambda: exported(stub, id=finished, **wish)) == answer


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        ("CreateCorrection", pb.CreateCorrectionRequest(analysis_id="none")),
        ("ListCorrections", pb.ListCorrectionsRequest(analysis_id="none")),
        ("DeleteCorrection", pb.DeleteCorrectionRequest(analysis_id="none", id="x")),
        ("UpdatePerson", pb.UpdatePersonRequest(analysis_id="none", id="p1")),
        ("ListPeople", pb.ListPeopleRequest(analysis_id="none")),
    ],
)
def test_what_is_not_there_is_not_found(stub, method, request_message):
    answer = refused(lambda: getattr(stub, method)(request_message, timeout=TIMEOUT_S))
    assert answer == (NOT_FOUND, "ANALYSIS_NOT_FOUND")


def test_an_unfinished_analysis_takes_no_edits(system, stub):
    system.script.gate.clear()
    analysis_id = system.created()
    try:
        for call in (
            lambda: correct(stub, analysis_id, 0, 1, HAPPY),
            lambda: stub.ListPeople(pb.ListPeopleRequest(analysis_id=analysis_id)),
            lambda: exported(stub, id=analysis_id, format=pb.TIMELINE_FORMAT_EDL),
        ):
            assert refused(call) == (PRECONDITION, "ANALYSIS_NOT_FINISHED")
    finally:
        system.script.gate.set()
