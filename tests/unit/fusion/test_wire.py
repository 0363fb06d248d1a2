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


def test_an_interval_is_a_second_unless_told_otherwise() -> None:
    assert wire.to_segment(config()).interval_ns == 10**9


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
    ],
)
def test_parameters_out_of_range_are_refused(fields) -> None:
    with pytest.raises(ServiceError) as caught:
        wire.to_segment(config(**fields))
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
