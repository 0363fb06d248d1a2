"""What comes over the wire is checked once, in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from emotionmap.v1 import audio_service_pb2, emotion_pb2, face_service_pb2
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap_fusion import reasons, wire
from emotionmap_fusion.settings import Settings
from emotionmap_runtime.errors import ServiceError
from google.protobuf.duration_pb2 import Duration
from pydantic import ValidationError

PROTO = Path(__file__).parents[3] / "proto/emotionmap/v1/fusion_service.proto"
UNIFORM = emotion_pb2.EmotionDistribution(probabilities=[1 / 7] * 7)


def config(**fields):
    fields = {"segment_id": "a/0", "range": wire.from_span(wire.Span(0, 10**9))} | fields
    return pb.FuseTimelineConfig(**fields)


def test_every_reason_is_documented() -> None:
    documented = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PROTO.read_text()))
    known = {value for name, value in vars(reasons).items() if name == value}
    assert known == documented


def test_unset_options_are_the_defaults_of_the_contract() -> None:
    weighing = wire.to_weighing(config())
    assert (weighing.face_weight, weighing.voice_weight) == (0.55, 0.45)
    assert (weighing.confidence_floor, weighing.min_face_share) == (0.3, 0.2)
    assert weighing.face_mask.all()
    assert weighing.voice_mask.all()
    assert wire.to_segment(config()).interval_ns == 10**9


def test_a_weight_of_zero_is_not_unset() -> None:
    options = pb.FusionOptions(face_weight=0, voice_weight=1)
    assert wire.to_weighing(config(options=options)).face_weight == 0


def test_masks_pass_over_emotions_of_the_future() -> None:
    mask = wire.to_weighing(config(voice_emotions=[4, 99])).voice_mask
    assert mask.tolist() == [False, False, False, True, False, False, False]


@pytest.mark.parametrize("share", [0.2, 0.3, 0.7, 0.1])
def test_speech_reaches_its_threshold_in_the_precision_of_the_wire(share) -> None:
    options = pb.FusionOptions(min_speech=share)
    speech = audio_service_pb2.SpeechInterval(
        range=wire.from_span(wire.Span(0, 1)), speech=share, emotions=UNIFORM
    )
    assert wire.to_speech(speech).share >= wire.to_weighing(config(options=options)).min_speech


@pytest.mark.parametrize(
    "fields",
    [
        {"segment_id": ""},
        {"segment_id": "A"},
        {"segment_id": "a" * 129},
        {"interval": Duration(nanos=199_999_999)},
        {"interval": Duration(seconds=10, nanos=1)},
        {"interval": Duration(seconds=-1)},
        {"range": wire.from_span(wire.Span(5, 5))},
        {"range": wire.from_span(wire.Span(5, 10**9))},
        {"range": wire.from_span(wire.Span(0, 601 * 10**9))},
        {"options": pb.FusionOptions(face_weight=1.01)},
        {"options": pb.FusionOptions(voice_weight=-0.1)},
        {"options": pb.FusionOptions(face_weight=0, voice_weight=0)},
        {"options": pb.FusionOptions(confidence_floor=1)},
        {"options": pb.FusionOptions(min_face_share=float("nan"))},
        {"options": pb.FusionOptions(min_speech=float("inf"))},
        {"face_emotions": [99]},
        {"voice_emotions": [0]},
    ],
)
def test_parameters_out_of_range_are_refused(fields) -> None:
    def read():
        wire.to_weighing(config(**fields))
        wire.to_segment(config(**fields))

    with pytest.raises(ServiceError) as caught:
        read()
    assert caught.value.reason == "CONFIG_INVALID"


def one_face(**fields):
    box = emotion_pb2.BoundingBox(left=0.1, top=0.1, right=0.2, bottom=0.2)
    fields = {"box": box, "emotions": UNIFORM, "track": 1, "quality": 0.5} | fields
    return face_service_pb2.FrameFaces(faces=[face_service_pb2.Face(**fields)])


def distribution(*probabilities):
    return emotion_pb2.EmotionDistribution(probabilities=probabilities)


@pytest.mark.parametrize(
    "fields",
    [
        {"emotions": distribution()},
        {"emotions": distribution(1.0)},
        {"emotions": distribution(*[1 / 8] * 8)},
        {"emotions": distribution(0.9, 0, 0, 0, 0, 0, 0)},
        {"emotions": distribution(2, -1, 0, 0, 0, 0, 0)},
        {"emotions": distribution(float("nan"), 1, 0, 0, 0, 0, 0)},
        {"box": emotion_pb2.BoundingBox(left=0.2, top=0.1, right=0.2, bottom=0.2)},
        {"box": emotion_pb2.BoundingBox(left=-0.1, top=0.1, right=0.2, bottom=0.2)},
        {"quality": 1.5},
        {"quality": float("nan")},
        {"track": -1},
    ],
)
def test_what_is_no_face_is_refused(fields) -> None:
    with pytest.raises(ServiceError) as caught:
        wire.to_frame(one_face(**fields))
    assert caught.value.reason == "EVIDENCE_INVALID"


@pytest.mark.parametrize("speech", [-0.1, 1.1, float("nan")])
def test_what_is_no_share_of_speech_is_refused(speech) -> None:
    message = audio_service_pb2.SpeechInterval(range=wire.from_span(wire.Span(0, 1)), speech=speech)
    with pytest.raises(ServiceError, match="speech"):
        wire.to_speech(message)


@pytest.mark.parametrize("segment_id", ["a", "a/0", "x" * 52, "x" * 53, "x" * 128])
def test_track_ids_stay_short_and_distinct(segment_id) -> None:
    prefix = wire.track_prefix(segment_id)
    assert re.fullmatch(r"[a-z0-9/-]{1,64}", f"{prefix}/t2147483647")
    assert prefix != wire.track_prefix(segment_id[:-1] + "y")


@pytest.mark.parametrize("time_ns", [0, 1, 999_999_999, 10**9, 86_400 * 10**9 + 1])
def test_times_survive_the_wire_exactly(time_ns) -> None:
    assert wire.to_ns(wire.from_ns(time_ns), reasons.CONFIG_INVALID) == time_ns


def test_settings_come_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("EMOTIONMAP_FUSION_PORT", "50999")
    assert Settings().port == 50999
    assert Settings(port=0).metrics_port == 0
    with pytest.raises(ValidationError):
        Settings(port=70_000)
