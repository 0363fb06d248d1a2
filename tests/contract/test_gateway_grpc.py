"""AnalysisService over real sockets with its interceptors, with fake services behind it."""

from __future__ import annotations

import json
import threading
from itertools import pairwise

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import analysis_service_pb2_grpc, emotion_pb2, media_service_pb2
from emotionmap_runtime.errors import from_rpc_error
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.contract.gateway_fakes import HIGHLIGHTS, seconds
from tests.contract.gateway_system import MAX_BYTES, VIDEO, gateway_system, wait_for

TIMEOUT_S = 30


@pytest.fixture(scope="module")
def running_system(tmp_path_factory):
    with gateway_system(tmp_path_factory.mktemp("data")) as system:
        yield system


@pytest.fixture
def system(running_system):
    yield running_system
    running_system.reset()


@pytest.fixture(scope="module")
def stub(running_system):
    with grpc.insecure_channel(running_system.grpc_target) as channel:
        yield analysis_service_pb2_grpc.AnalysisServiceStub(channel)


@pytest.fixture(scope="module")
def finished(running_system):
    return running_system.finished()


def requests(video=VIDEO, **config):
    yield pb.CreateAnalysisRequest(config=pb.CreateAnalysisConfig(**config))
    for start in range(0, len(video), 1 << 20):
        yield pb.CreateAnalysisRequest(chunk=video[start : start + (1 << 20)])


def create(stub, video=VIDEO, **config):
    return stub.CreateAnalysis(requests(video, **config), timeout=TIMEOUT_S).analysis


def _finish(result):
    """Read a stream of responses to its end."""
    if hasattr(result, "__next__"):
        list(result)


def refused(call):
    """Return the code and reason that a call is refused with."""
    with pytest.raises(grpc.RpcError) as caught:
        _finish(call())
    error = from_rpc_error(caught.value)
    return error.code, error.reason


def test_an_analysis_is_created_watched_and_read(system, stub):
    analysis = create(stub, title="a/clip.mp4")
    events = list(stub.WatchAnalysis(pb.WatchAnalysisRequest(id=analysis.id), timeout=TIMEOUT_S))
    numbers = [event.event for event in events]
    starts = sorted(
        seconds(interval.range.start_offset)
        for event in events
        for interval in event.intervals.intervals
    )
    assert (analysis.state, analysis.title) == (pb.JOB_STATE_QUEUED, "clip.mp4")
    assert numbers == list(range(1, len(numbers) + 1))
    assert events[-1].analysis.state == pb.JOB_STATE_SUCCEEDED
    assert starts == list(range(9))


def test_progress_never_goes_back(system, stub, finished):
    events = stub.WatchAnalysis(pb.WatchAnalysisRequest(id=finished), timeout=TIMEOUT_S)
    progress = [event.analysis.progress for event in events if event.HasField("analysis")]
    assert all(earlier <= later for earlier, later in pairwise(progress))
    assert progress[-1] == 1


def test_watching_goes_on_after_an_event(system, stub, finished):
    request = pb.WatchAnalysisRequest(id=finished, after_event=4)
    events = list(stub.WatchAnalysis(request, timeout=TIMEOUT_S))
    assert events[0].event == 5


def test_options_come_back_filled_in(system, stub):
    analysis = create(stub, options=pb.AnalysisOptions(min_face_px=40))
    assert analysis.options.min_face_px == 40
    assert analysis.options.interval.seconds == 1
    assert analysis.options.fusion.face_weight == pytest.approx(0.55)


def test_http_and_grpc_show_the_same_analysis(system, stub, finished):
    analysis = stub.GetAnalysis(pb.GetAnalysisRequest(id=finished)).analysis
    body = system.http.get(f"/v1/analyses/{finished}").json()
    assert (analysis.id, analysis.title, analysis.size_bytes) == (
        body["id"],
        body["title"],
        body["size_bytes"],
    )


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [pb.CreateAnalysisRequest(chunk=b"x")],
        [pb.CreateAnalysisRequest()],
        [pb.CreateAnalysisRequest(config=pb.CreateAnalysisConfig())] * 2,
    ],
    ids=["nothing", "bytes first", "neither", "config twice"],
)
def test_a_stream_out_of_order_is_refused(system, stub, messages):
    files = system.files()
    answer = refused(lambda: stub.CreateAnalysis(iter(messages), timeout=TIMEOUT_S))
    assert answer == (grpc.StatusCode.INVALID_ARGUMENT, "CONFIG_MISSING")
    assert system.files() == files


@pytest.mark.parametrize(
    ("video", "config", "code", "reason"),
    [
        (b"", {}, "INVALID_ARGUMENT", "MEDIA_EMPTY"),
        (bytes(MAX_BYTES + 1), {}, "RESOURCE_EXHAUSTED", "MEDIA_TOO_LARGE"),
        (
            VIDEO,
            {"options": pb.AnalysisOptions(frames_per_second=99)},
            "INVALID_ARGUMENT",
            "OPTIONS_INVALID",
        ),
        (VIDEO, {"idempotency_key": "ü"}, "INVALID_ARGUMENT", "OPTIONS_INVALID"),
    ],
)
def test_what_cannot_be_analysed_is_refused(system, stub, video, config, code, reason):
    files = system.files()
    answer = refused(lambda: create(stub, video, **config))
    assert answer == (grpc.StatusCode[code], reason)
    assert system.files() == files


def test_errors_of_media_pass_through(system, stub):
    system.fail("ProbeMedia", grpc.StatusCode.UNIMPLEMENTED, "CODEC_UNSUPPORTED")
    answer = refused(lambda: create(stub))
    assert answer == (grpc.StatusCode.UNIMPLEMENTED, "CODEC_UNSUPPORTED")


def test_a_client_that_leaves_in_mid_upload_leaves_nothing(system, stub):
    files = system.files()

    def stalling():
        yield from requests(bytes(1_500_000))
        wait_for(lambda: False, timeout_s=5)

    call = stub.CreateAnalysis.future(stalling(), timeout=TIMEOUT_S)
    wait_for(lambda: system.files() != files)
    call.cancel()
    wait_for(lambda: system.files() == files)
    assert system.files() == files


def test_a_repeated_key_returns_the_first_analysis(system, stub):
    first = create(stub, idempotency_key="k")
    assert create(stub, idempotency_key="k").id == first.id
    answer = refused(lambda: create(stub, b"another video", idempotency_key="k"))
    assert answer == (grpc.StatusCode.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED")


def test_list_is_paged(system, stub):
    made = [create(stub).id for _ in range(3)][::-1]
    first = stub.ListAnalyses(pb.ListAnalysesRequest(page_size=2))
    rest = stub.ListAnalyses(pb.ListAnalysesRequest(page_token=first.next_page_token))
    ids = [analysis.id for page in (first, rest) for analysis in page.analyses]
    assert ids[:3] == made


def test_an_invented_page_token_is_refused(system, stub):
    answer = refused(lambda: stub.ListAnalyses(pb.ListAnalysesRequest(page_token="?")))
    assert answer == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


def test_cancel_stops_and_stays(system, stub):
    system.script.gate.clear()
    analysis = create(stub)
    wait_for(lambda: system.script.active)
    request = pb.CancelAnalysisRequest(id=analysis.id)
    assert stub.CancelAnalysis(request).analysis.state == pb.JOB_STATE_CANCELLED
    assert stub.CancelAnalysis(request).analysis.state == pb.JOB_STATE_CANCELLED
    wait_for(lambda: system.script.active == 0, timeout_s=2)


def test_a_finished_analysis_cannot_be_cancelled(system, stub, finished):
    answer = refused(lambda: stub.CancelAnalysis(pb.CancelAnalysisRequest(id=finished)))
    assert answer == (grpc.StatusCode.FAILED_PRECONDITION, "ANALYSIS_FINISHED")


def test_delete_leaves_nothing(system, stub):
    analysis_id = system.finished()
    stub.DeleteAnalysis(pb.DeleteAnalysisRequest(id=analysis_id))
    answer = refused(lambda: stub.GetAnalysis(pb.GetAnalysisRequest(id=analysis_id)))
    assert answer == (grpc.StatusCode.NOT_FOUND, "ANALYSIS_NOT_FOUND")
    assert not [name for name in system.files() if analysis_id in name]


def test_watching_ends_when_the_analysis_is_deleted(system, stub):
    system.script.gate.clear()
    analysis = create(stub)
    events = stub.WatchAnalysis(pb.WatchAnalysisRequest(id=analysis.id), timeout=TIMEOUT_S)
    next(events)
    stub.DeleteAnalysis(pb.DeleteAnalysisRequest(id=analysis.id))
    assert refused(lambda: events) == (grpc.StatusCode.NOT_FOUND, "ANALYSIS_NOT_FOUND")


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


@pytest.mark.parametrize(
    ("method", "request_message", "reason"),
    [
        ("GetAnalysis", pb.GetAnalysisRequest(id="none"), "ANALYSIS_NOT_FOUND"),
        ("WatchAnalysis", pb.WatchAnalysisRequest(id="none"), "ANALYSIS_NOT_FOUND"),
        ("CancelAnalysis", pb.CancelAnalysisRequest(id="none"), "ANALYSIS_NOT_FOUND"),
        ("DeleteAnalysis", pb.DeleteAnalysisRequest(id="none"), "ANALYSIS_NOT_FOUND"),
        ("GetTimeline", pb.GetTimelineRequest(id="none"), "ANALYSIS_NOT_FOUND"),
        ("ExportTimeline", pb.ExportTimelineRequest(id="none"), "ANALYSIS_NOT_FOUND"),
        (
            "CreateHighlights",
            pb.CreateHighlightsRequest(analysis_id="none", selection={"emotions": [4]}),
            "ANALYSIS_NOT_FOUND",
        ),
        ("GetExport", pb.GetExportRequest(id="none"), "EXPORT_NOT_FOUND"),
        ("DownloadExport", pb.DownloadExportRequest(id="none"), "EXPORT_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_not_found(system, stub, method, request_message, reason):
    answer = refused(lambda: getattr(stub, method)(request_message, timeout=TIMEOUT_S))
    assert answer == (grpc.StatusCode.NOT_FOUND, reason)


def test_models_are_named(system, stub):
    response = stub.ListModels(pb.ListModelsRequest())
    assert (response.face.name, response.voice.name) == ("fake-face", "fake-voice")


def test_models_of_a_service_that_is_away_are_unavailable(system, stub):
    system.services["face"].kill()
    try:
        answer = refused(lambda: stub.ListModels(pb.ListModelsRequest(), timeout=TIMEOUT_S))
    finally:
        system.services["face"].start()
    assert answer == (grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE")


def test_health_and_reflection_name_the_service(system):
    with grpc.insecure_channel(system.grpc_target) as channel:
        health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        answer = next(
            reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]))
        )
    names = {service.name for service in answer.list_services_response.service}
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert "emotionmap.v1.AnalysisService" in names


def test_a_malformed_key_is_refused_before_the_video_comes(system, stub):
    refusal = threading.Event()

    def waiting():
        yield pb.CreateAnalysisRequest(config=pb.CreateAnalysisConfig(idempotency_key="\t"))
        refusal.wait(TIMEOUT_S)

    answer = refused(lambda: stub.CreateAnalysis(waiting(), timeout=TIMEOUT_S))
    refusal.set()
    assert answer == (grpc.StatusCode.INVALID_ARGUMENT, "OPTIONS_INVALID")
