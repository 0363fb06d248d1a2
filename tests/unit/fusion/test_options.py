"""Options of a request: their defaults, and what is refused."""

from __future__ import annotations

import pytest
from emotionmap.v1 import audio_service_pb2, emotion_pb2
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap_fusion import options, wire
from emotionmap_fusion.calibration import read_calibration
from emotionmap_fusion.servicer import FusionServicer
from emotionmap_runtime.errors import ServiceError

UNIFORM = emotion_pb2.EmotionDistribution(probabilities=[1 / 7] * 7)


def config(**fields):
    return pb.FuseTimelineConfig(**fields)


def test_unset_options_are_the_defaults_of_the_contract() -> None:
    weighing = options.to_weighing(config())
    assert (weighing.face_weight, weighing.voice_weight) == (0.55, 0.45)
    assert (weighing.confidence_floor, weighing.min_face_share) == (0.3, 0.2)
    assert weighing.face_mask.all()
    assert weighing.voice_mask.all()


def test_a_weight_of_zero_is_not_unset() -> None:
    given = pb.FusionOptions(face_weight=0, voice_weight=1)
    assert options.to_weighing(config(options=given)).face_weight == 0


def test_masks_pass_over_emotions_of_the_future() -> None:
    mask = options.to_weighing(config(voice_emotions=[4, 99])).voice_mask
    assert mask.tolist() == [False, False, False, True, False, False, False]


@pytest.mark.parametrize("share", [0.2, 0.3, 0.7, 0.1])
def test_speech_reaches_its_threshold_in_the_precision_of_the_wire(share) -> None:
    given = pb.FusionOptions(min_speech=share)
    speech = audio_service_pb2.SpeechInterval(
        range=wire.from_span(wire.Span(0, 1)), speech=share, emotions=UNIFORM
    )
    assert wire.to_speech(speech).share >= options.to_weighing(config(options=given)).min_speech


@pytest.mark.parametrize(
    "fields",
    [
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
def test_weights_out_of_range_are_refused(fields) -> None:
    with pytest.raises(ServiceError) as caught:
        options.to_weighing(config(**fields))
    assert caught.value.reason == "CONFIG_INVALID"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("smoothing", 0.951),
        ("smoothing", -0.1),
        ("smoothing", float("nan")),
        ("hysteresis", 0.51),
        ("hysteresis", -0.1),
        ("confidence_floor", 1.0),
    ],
)
def test_smoothing_out_of_range_is_refused_by_name(field, value) -> None:
    with pytest.raises(ServiceError) as caught:
        options.to_smoothing(pb.FusionOptions(**{field: value}))
    assert (caught.value.reason, caught.value.metadata) == ("CONFIG_INVALID", {"field": field})


def test_nothing_is_smoothed_unless_asked_for() -> None:
    assert not options.to_smoothing(pb.FusionOptions()).is_asked_for
    assert options.to_smoothing(pb.FusionOptions(smoothing=0.95)).is_asked_for
    assert options.to_smoothing(pb.FusionOptions(hysteresis=0.5)).is_asked_for


def test_every_strategy_of_the_contract_is_served_and_no_other() -> None:
    served = FusionServicer(reliability=read_calibration().strategy())._strategies
    assert set(served) == set(pb.FusionStrategy.values())
    with pytest.raises(ServiceError) as caught:
        options.to_strategy(pb.FusionOptions(strategy=99), served)
    assert caught.value.metadata == {"field": "strategy"}
