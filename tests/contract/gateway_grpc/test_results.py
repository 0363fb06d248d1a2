"""Timelines and highlights over gRPC."""

from __future__ import annotations

import json

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, media_service_pb2

from tests.contract.gateway_grpc.calls import TIMEOUT_S, create, refused
from tests.contract.gateway_script import HIGHLIGHTS, seconds
from tests.contract.gateway_system import wait_for


def test_the_timeline_is_whole(system, stub, finished):
    timeline = stub.GetTimeline(pb.GetTimelineRequest(id=finished)).timeline
    assert [seconds(item.range.start_offset) for item in timeline.intervals] == list(range(9))
    assert timeline.face_model.name == "fake-face"
    assert timeline.notice
    assert [person.id for person in timeline.people] == ["p1"]


@pytest.mark.parametrize(
    ("form", "start"),
    [
        (pb.TIMELINE_FORMAT_UNSPECIFIED, b'{"schema":"emotionmap.timeline/1"'),
        (pb.TIMELINE_FORMAT_JSON, b'{"schema":"emotionmap.timeline/1"'),
        (pb.TIMELINE_FORMAT_CSV, b"start,end,emotion"),
        (pb.TIMELINE_FORMAT_VTT, b"WEBVTT"),
    ],
)
def test_the_timeline_is_sent_in_every_form(system, stub, finished, form, start):
    request = pb.ExportTimelineRequest(id=finished, format=form)
    document = b"".join(part.chunk for part in stub.ExportTimeline(request, timeout=TIMEOUT_S))
    assert document.startswith(start)
    if start.startswith(b"{"):
        path = f"/v1/analyses/{finished}/timeline"
        assert json.loads(document) == system.http.get(path).json()


def test_an_unfinished_analysis_has_no_timeline(system, stub):
    system.script.gate.clear()
    analysis_id = create(stub).id
    wish = highlights_of(analysis_id, emotion_pb2.EMOTION_HAPPY)
    expected = (grpc.StatusCode.FAILED_PRECONDITION, "ANALYSIS_NOT_FINISHED")
    for call in (
        lambda: stub.GetTimeline(pb.GetTimelineRequest(id=analysis_id)),
        lambda: stub.ExportTimeline(pb.ExportTimelineRequest(id=analysis_id)),
        lambda: stub.CreateHighlights(wish),
    ):
        assert refused(call) == expected


def highlights_of(analysis_id, *emotions, **wish):
    selection = pb.Selection(emotions=emotions)
    return pb.CreateHighlightsRequest(analysis_id=analysis_id, selection=selection, **wish)


def test_highlights_are_cut_and_downloaded(system, stub, finished):
    wish = highlights_of(finished, emotion_pb2.EMOTION_HAPPY)
    export = stub.CreateHighlights(wish).export
    request = pb.GetExportRequest(id=export.id)
    done = wait_for(
        lambda: (now := stub.GetExport(request).export).state == pb.JOB_STATE_SUCCEEDED and now
    )
    parts = stub.DownloadExport(pb.DownloadExportRequest(id=export.id), timeout=TIMEOUT_S)
    assert (done.size_bytes, seconds(done.duration)) == (len(HIGHLIGHTS), 3.9)
    assert (done.summary.copied_share, done.summary.pieces) == (0.75, 2)
    assert done.style == media_service_pb2.HIGHLIGHTS_STYLE_FAST
    assert b"".join(part.chunk for part in parts) == HIGHLIGHTS


def test_the_whole_wish_reaches_the_media_service(system, stub, finished):
    selection = pb.Selection(emotions=[emotion_pb2.EMOTION_HAPPY], lead_out={"nanos": 500_000_000})
    wish = pb.CreateHighlightsRequest(
        analysis_id=finished,
        selection=selection,
        order=pb.HIGHLIGHTS_ORDER_STRENGTH,
        style=media_service_pb2.HIGHLIGHTS_STYLE_POLISHED,
    )
    export = stub.CreateHighlights(wish).export
    asked = wait_for(lambda: [c for c in system.script.configs if hasattr(c, "captions")])[-1]
    # Happy is on in 0-2 and, surer, in 6-8.
    spans = [(seconds(r.start_offset), seconds(r.end_offset)) for r in asked.ranges]
    assert (spans, asked.style) == ([(6, 8.5), (0, 2.5)], export.style)
    assert [seconds(caption.range.start_offset) for caption in asked.captions] == [0, 6]
    assert seconds(export.duration) == 5
    assert not export.HasField("summary")


def test_an_export_that_runs_has_no_file(system, stub, finished):
    system.script.gate.clear()
    wish = highlights_of(finished, emotion_pb2.EMOTION_UNSPECIFIED)
    export = stub.CreateHighlights(wish).export
    answer = refused(lambda: stub.DownloadExport(pb.DownloadExportRequest(id=export.id)))
    assert answer == (grpc.StatusCode.FAILED_PRECONDITION, "EXPORT_NOT_FINISHED")


def test_an_export_is_cancelled_and_stays(system, stub, finished):
    wish = highlights_of(finished, emotion_pb2.EMOTION_HAPPY)
    system.wait(f"/v1/exports/{stub.CreateHighlights(wish).export.id}")  # others take turns
    system.script.gate.clear()
    export = stub.CreateHighlights(wish).export
    wait_for(lambda: system.script.cuts == 1)
    request = pb.CancelExportRequest(id=export.id)
    assert stub.CancelExport(request).export.state == pb.JOB_STATE_CANCELLED
    wait_for(lambda: system.script.cuts == 0, timeout_s=1)
    system.script.gate.set()
    assert (
        stub.CancelExport(request).export
        == stub.GetExport(pb.GetExportRequest(id=export.id)).export
    )


@pytest.mark.parametrize("export_id", ["none", ""])
def test_an_export_that_there_is_not_cannot_be_cancelled(system, stub, export_id):
    answer = refused(lambda: stub.CancelExport(pb.CancelExportRequest(id=export_id)))
    assert answer == (grpc.StatusCode.NOT_FOUND, "EXPORT_NOT_FOUND")


def test_a_finished_export_cannot_be_cancelled(system, stub, finished):
    export = stub.CreateHighlights(highlights_of(finished, emotion_pb2.EMOTION_SADNESS)).export
    system.wait(f"/v1/exports/{export.id}")
    answer = refused(lambda: stub.CancelExport(pb.CancelExportRequest(id=export.id)))
    assert answer == (grpc.StatusCode.FAILED_PRECONDITION, "EXPORT_FINISHED")


@pytest.mark.parametrize(
    ("wish", "code", "reason"),
    [
        ({}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
        ({"emotions": [99]}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
        ({"emotions": [4], "min_confidence": 1.1}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
        ({"emotions": [4], "min_confidence": float("nan")}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
        ({"emotions": [4], "lead_in": {"seconds": 11}}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
        ({"emotions": [4], "people": ["p9"]}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
        ({"emotions": [emotion_pb2.EMOTION_FEAR]}, "FAILED_PRECONDITION", "HIGHLIGHTS_EMPTY"),
    ],
)
def test_bad_highlights_wishes_are_refused(system, stub, finished, wish, code, reason):
    request = pb.CreateHighlightsRequest(analysis_id=finished, selection=wish)
    assert refused(lambda: stub.CreateHighlights(request)) == (grpc.StatusCode[code], reason)
