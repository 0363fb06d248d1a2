"""Choosing among models over gRPC: what there is, what is refused, what the timeline names."""

from __future__ import annotations

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import face_service_pb2, fusion_service_pb2

from tests.contract.gateway_grpc.calls import TIMEOUT_S, create, refused


def create_with(stub, **options):
    return create(stub, options=pb.AnalysisOptions(**options))


def test_all_models_and_detectors_are_listed_the_default_first(stub):
    answer = stub.ListModels(pb.ListModelsRequest(), timeout=TIMEOUT_S)
    assert [model.name for model in answer.face_models] == ["fake-face", "other-face"]
    assert [model.name for model in answer.voice_models] == ["fake-voice", "other-voice"]
    assert (answer.face, answer.voice) == (answer.face_models[0], answer.voice_models[0])
    assert list(answer.detectors) == [face_service_pb2.FACE_DETECTOR_HAAR]


def test_the_chosen_models_score_and_are_named(system, stub):
    fusion = fusion_service_pb2.FusionOptions(smoothing=0.2)
    analysis = create_with(stub, face_model="other-face", voice_model="other-voice", fusion=fusion)
    assert analysis.options.face_model == "other-face"
    assert analysis.options.fusion.strategy == fusion_service_pb2.FUSION_STRATEGY_WEIGHTED_MEAN
    system.wait(f"/v1/analyses/{analysis.id}")
    timeline = stub.GetTimeline(pb.GetTimelineRequest(id=analysis.id), timeout=TIMEOUT_S).timeline
    assert (timeline.face_model.name, timeline.voice_model.name) == ("other-face", "other-voice")
    assert max(interval.confidence for interval in timeline.intervals) == 0.75


@pytest.mark.parametrize(
    "options",
    [
        {"face_model": "none"},
        {"voice_model": "none"},
        {"voice_model": "x" * 129},
        {"detector": face_service_pb2.FACE_DETECTOR_DEEPFACE},
        {"fusion": fusion_service_pb2.FusionOptions(strategy=9)},
        {"fusion": fusion_service_pb2.FusionOptions(smoothing=0.96)},
        {"fusion": fusion_service_pb2.FusionOptions(hysteresis=-0.1)},
    ],
)
def test_what_there_is_not_is_refused(stub, options):
    answer = refused(lambda: create_with(stub, **options))
    assert answer == (grpc.StatusCode.INVALID_ARGUMENT, "OPTIONS_INVALID")
