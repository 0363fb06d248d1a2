"""Options are read, checked, filled in and written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import face_service_pb2, fusion_service_pb2
from emotionmap_gateway.documents import options as documents
from emotionmap_gateway.http import wire
from emotionmap_runtime.errors import ServiceError
from google.protobuf.duration_pb2 import Duration

CONTRACT = Path(__file__).parents[3] / "proto/emotionmap/v1"
DEFAULTS = {
    "interval": 1.0,
    "frames_per_second": 15.0,
    "frame_width_px": 640,
    "detector": "haar",
    "min_face_px": 20,
    "face_model": None,
    "voice_model": None,
    "voice_context": 3.0,
    "strategy": "weighted_mean",
    "face_weight": 0.55,
    "voice_weight": 0.45,
    "confidence_floor": 0.3,
    "min_face_share": 0.2,
    "min_speech": 0.2,
    "smoothing": 0.0,
    "hysteresis": 0.0,
}


def test_no_options_are_the_defaults() -> None:
    assert documents.options_to_json(documents.options_from_json({})) == DEFAULTS
    assert documents.options_to_json(pb.AnalysisOptions()) == DEFAULTS


def test_the_reference_gives_the_same_defaults() -> None:
    assert wire.Options().model_dump() == DEFAULTS


def test_options_survive_the_round_trip() -> None:
    wanted = DEFAULTS | {
        "interval": 0.2,
        "frames_per_second": 0.1,
        "detector": "yunet",
        "min_face_px": 1000,
        "face_weight": 0.0,
        "voice_weight": 1.0,
        "confidence_floor": 0.0,
        "face_model": "mine",
        "strategy": "reliability",
        "smoothing": 0.95,
        "hysteresis": 0.5,
    }
    options = documents.options_from_json(json.loads(json.dumps(wanted)))
    assert options.interval == Duration(nanos=200_000_000)
    assert options.detector == face_service_pb2.FACE_DETECTOR_YUNET
    assert options.fusion.strategy == fusion_service_pb2.FUSION_STRATEGY_RELIABILITY
    assert documents.options_to_json(options) == wanted


def test_a_long_interval_widens_its_context() -> None:
    assert (
        documents.options_to_json(documents.options_from_json({"interval": 5}))["voice_context"]
        == 5.0
    )


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"colour": 1}, "colour"),
        ({"interval": 0.19}, "interval"),
        ({"interval": 10.1}, "interval"),
        ({"interval": "1"}, "interval"),
        ({"interval": True}, "interval"),
        ({"interval": None}, "interval"),
        ({"interval": float("nan")}, "interval"),
        ({"frames_per_second": 0}, "frames_per_second"),
        ({"frames_per_second": 10**400}, "frames_per_second"),
        ({"frame_width_px": 640.5}, "frame_width_px"),
        ({"frame_width_px": 63}, "frame_width_px"),
        ({"min_face_px": 19}, "min_face_px"),
        ({"detector": "HAAR"}, "detector"),
        ({"detector": ["haar"]}, "detector"),
        ({"voice_context": 11}, "voice_context"),
        ({"interval": 4, "voice_context": 3}, "voice_context"),
        ({"face_weight": -0.1}, "face_weight"),
        ({"face_weight": 0, "voice_weight": 0}, "face_weight"),
        ({"confidence_floor": 1}, "confidence_floor"),
        ({"min_speech": 1.1}, "min_speech"),
        ({"smoothing": 0.96}, "smoothing"),
        ({"hysteresis": 0.51}, "hysteresis"),
        ({"strategy": "best"}, "strategy"),
        ({"strategy": 1}, "strategy"),
        ({"face_model": 1}, "face_model"),
        ({"face_model": "x" * 129}, "face_model"),
        ({"voice_model": "a\nb"}, "voice_model"),
        ({"voice_model": "\ud800"}, "voice_model"),
    ],
)
def test_a_refused_option_is_named(options, key) -> None:
    with pytest.raises(ServiceError) as caught:
        documents.options_from_json(options)
    assert caught.value.reason == "OPTIONS_INVALID"
    assert caught.value.metadata == {"key": key}
    assert key in caught.value.message
    assert re.fullmatch(r"[^\n]+\.", caught.value.message)


@pytest.mark.parametrize("document", [[], None, "haar", 1])
def test_options_are_an_object(document) -> None:
    with pytest.raises(ServiceError, match="JSON object"):
        documents.options_from_json(document)


def test_a_long_unknown_key_is_cut() -> None:
    with pytest.raises(ServiceError) as caught:
        documents.options_from_json({"x" * 10_000: 1})
    assert len(caught.value.message) < 100


@pytest.mark.parametrize(
    "options",
    [
        pb.AnalysisOptions(frames_per_second=0),
        pb.AnalysisOptions(detector=99),
        pb.AnalysisOptions(interval=Duration()),
        pb.AnalysisOptions(interval=Duration(seconds=-1)),
        pb.AnalysisOptions(fusion={"confidence_floor": 1.0}),
        pb.AnalysisOptions(fusion={"strategy": 9}),
        pb.AnalysisOptions(face_model="\x00"),
    ],
)
def test_options_of_grpc_are_checked_too(options) -> None:
    with pytest.raises(ServiceError) as caught:
        documents.with_defaults(options)
    assert caught.value.reason == "OPTIONS_INVALID"


def test_a_name_that_is_known_is_taken_and_another_refused() -> None:
    documents.check_name("face_model", "b", ["a", "b"])
    with pytest.raises(ServiceError, match="no face_model 'c'; there are: a, b") as caught:
        documents.check_name("face_model", "c", ["a", "b"])
    assert caught.value.metadata == {"key": "face_model"}


def test_every_detector_and_strategy_has_a_word() -> None:
    detectors, strategies = face_service_pb2.FaceDetector, fusion_service_pb2.FusionStrategy
    assert set(documents.DETECTOR_WORDS) == set(detectors.values()) - {0}
    assert set(documents.STRATEGY_WORDS) == set(strategies.values()) - {0}


def test_filling_in_does_not_touch_the_request() -> None:
    options = pb.AnalysisOptions()
    documents.with_defaults(options)
    assert options == pb.AnalysisOptions()


def test_every_option_of_the_proto_is_in_the_json() -> None:
    analysis = set(pb.AnalysisOptions.DESCRIPTOR.fields_by_name) - {"fusion"}
    fusion = set(pb.AnalysisOptions.DESCRIPTOR.fields_by_name["fusion"].message_type.fields_by_name)
    assert set(DEFAULTS) == analysis | fusion


@pytest.mark.parametrize("key", ["face_weight", "voice_weight", "confidence_floor"])
def test_defaults_are_those_of_the_contract(key) -> None:
    text = (CONTRACT / "fusion_service.proto").read_text()
    assert f"Unset means {DEFAULTS[key]}." in text
