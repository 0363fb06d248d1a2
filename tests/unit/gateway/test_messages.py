"""Analyses, exports and models as JSON; options read and checked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, face_service_pb2, timeline_pb2
from emotionmap_gateway.documents import messages
from emotionmap_runtime.errors import ServiceError
from google.protobuf.duration_pb2 import Duration

CONTRACT = Path(__file__).parents[3] / "proto/emotionmap/v1"
DEFAULTS = {
    "interval": 1.0,
    "frames_per_second": 15.0,
    "frame_width_px": 640,
    "detector": "haar",
    "min_face_px": 20,
    "voice_context": 3.0,
    "face_weight": 0.55,
    "voice_weight": 0.45,
    "confidence_floor": 0.3,
    "min_face_share": 0.2,
    "min_speech": 0.2,
}


def test_no_options_are_the_defaults() -> None:
    assert messages.options_to_json(messages.options_from_json({})) == DEFAULTS
    assert messages.options_to_json(pb.AnalysisOptions()) == DEFAULTS


def test_options_survive_the_round_trip() -> None:
    wanted = DEFAULTS | {
        "interval": 0.2,
        "frames_per_second": 0.1,
        "detector": "yunet",
        "min_face_px": 1000,
        "face_weight": 0.0,
        "voice_weight": 1.0,
        "confidence_floor": 0.0,
    }
    options = messages.options_from_json(json.loads(json.dumps(wanted)))
    assert options.interval == Duration(nanos=200_000_000)
    assert options.detector == face_service_pb2.FACE_DETECTOR_YUNET
    assert messages.options_to_json(options) == wanted


def test_a_long_interval_widens_its_context() -> None:
    assert (
        messages.options_to_json(messages.options_from_json({"interval": 5}))["voice_context"]
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
    ],
)
def test_a_refused_option_is_named(options, key) -> None:
    with pytest.raises(ServiceError) as caught:
        messages.options_from_json(options)
    assert caught.value.reason == "OPTIONS_INVALID"
    assert caught.value.metadata == {"key": key}
    assert key in caught.value.message
    assert re.fullmatch(r"[^\n]+\.", caught.value.message)


@pytest.mark.parametrize("document", [[], None, "haar", 1])
def test_options_are_an_object(document) -> None:
    with pytest.raises(ServiceError, match="JSON object"):
        messages.options_from_json(document)


def test_a_long_unknown_key_is_cut() -> None:
    with pytest.raises(ServiceError) as caught:
        messages.options_from_json({"x" * 10_000: 1})
    assert len(caught.value.message) < 100


@pytest.mark.parametrize(
    "options",
    [
        pb.AnalysisOptions(frames_per_second=0),
        pb.AnalysisOptions(detector=99),
        pb.AnalysisOptions(interval=Duration()),
        pb.AnalysisOptions(interval=Duration(seconds=-1)),
        pb.AnalysisOptions(fusion={"confidence_floor": 1.0}),
    ],
)
def test_options_of_grpc_are_checked_too(options) -> None:
    with pytest.raises(ServiceError) as caught:
        messages.with_defaults(options)
    assert caught.value.reason == "OPTIONS_INVALID"


def test_filling_in_does_not_touch_the_request() -> None:
    options = pb.AnalysisOptions()
    messages.with_defaults(options)
    assert options == pb.AnalysisOptions()


def test_every_option_of_the_proto_is_in_the_json() -> None:
    analysis = set(pb.AnalysisOptions.DESCRIPTOR.fields_by_name) - {"fusion"}
    fusion = set(pb.AnalysisOptions.DESCRIPTOR.fields_by_name["fusion"].message_type.fields_by_name)
    assert set(DEFAULTS) == analysis | fusion


@pytest.mark.parametrize(("proto", "key"), [("fusion_service", "face_weight")])
def test_defaults_are_those_of_the_contract(proto, key) -> None:
    text = (CONTRACT / f"{proto}.proto").read_text()
    assert f"Unset means {DEFAULTS[key]}." in text


def analysis(**fields):
    media = timeline_pb2.MediaInfo(
        duration=Duration(seconds=19, nanos=700_400_000), width_px=1280, height_px=720
    )
    created = pb.Analysis(
        id="a1", title="clip.mp4", progress=0.33333334, media=media, size_bytes=5, **fields
    )
    created.create_time.FromJsonString("2026-01-02T03:04:05Z")
    created.update_time.FromJsonString("2026-01-02T03:04:06.5Z")
    return created


def test_an_analysis_in_json() -> None:
    found = messages.analysis_to_json(analysis(state=pb.JOB_STATE_RUNNING))
    assert (found["state"], found["progress"], found["failure"]) == ("RUNNING", 0.3333, None)
    assert found["created_at"] == "2026-01-02T03:04:05Z"
    assert found["media"]["duration"] == 19.7
    assert found["media"]["fps"] is None
    assert found["options"] == DEFAULTS
    json.dumps(found, allow_nan=False)


def test_a_failure_in_json() -> None:
    failure = pb.Failure(reason="DECODE_TIMEOUT", message="It took too long.", code=4)
    found = messages.analysis_to_json(analysis(state=pb.JOB_STATE_FAILED, failure=failure))
    assert found["failure"] == {"reason": "DECODE_TIMEOUT", "message": "It took too long."}


def test_every_state_has_a_word() -> None:
    assert set(messages.STATE_WORDS) == set(pb.JobState.values()) - {pb.JOB_STATE_UNSPECIFIED}


def test_an_export_in_json() -> None:
    export = pb.Export(
        id="e1", analysis_id="a1", state=pb.JOB_STATE_SUCCEEDED, duration=Duration(seconds=3)
    )
    found = messages.export_to_json(export)
    assert (found["id"], found["analysis_id"], found["state"]) == ("e1", "a1", "SUCCEEDED")
    assert found["duration"] == 3.0


def test_a_model_in_json() -> None:
    model = emotion_pb2.ModelInfo(
        name="voice", emotions=[emotion_pb2.EMOTION_ANGER], metrics={"b": 1.0, "a": 0.5}
    )
    found = messages.model_to_json(model)
    assert found["labels"] == ["Anger"]
    assert list(found["metrics"].items()) == [("a", 0.5), ("b", 1.0)]
