"""AnalysisService over real sockets with its interceptors, with fake services behind it."""

from __future__ import annotations

import threading
from itertools import pairwise

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.contract.gateway_grpc.calls import TIMEOUT_S, create, refused, requests
from tests.contract.gateway_script import seconds
from tests.contract.gateway_system import MAX_BYTES, VIDEO, wait_for


def test_an_analysis_is_created_watched_and_read(system, stub):
    analysis = create(stub, title="a/clip.mp4")
    events = list(stub.WatchAnalysis(pb.WatchAnalysisRequest(id=analysis.id), timeout=TIMEOUT_S))
    numbers = [event.event for event in events]
    starts = sorted(
        seconds(interval.range.start_offset)
        for event in events
        for interval in event.intervals.intervals
    )
    assert analysis.state in (pb.JOB_STATE_QUEUED, pb.JOB_STATE_RUNNING)  # it may begin at once
    assert analysis.title == "clip.mp4"
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


def test_an_analysis_tells_how_much_of_its_video_is_here(system, stub):
    analysis = create(stub)
    assert (analysis.received_bytes, analysis.size_bytes) == (len(VIDEO), len(VIDEO))


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
