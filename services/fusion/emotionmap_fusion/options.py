"""Reads the options of a request, with the defaults of fusion_service.proto."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emotionmap_fusion import reasons
from emotionmap_fusion.evidence import EMOTIONS
from emotionmap_fusion.fuse import Weighing
from emotionmap_fusion.smoothing import Smoothing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emotionmap.v1 import fusion_service_pb2

    from emotionmap_fusion.evidence import Mask
    from emotionmap_fusion.fuse import Strategy


def to_weighing(config: fusion_service_pb2.FuseTimelineConfig) -> Weighing:
    """Read how evidence is weighed.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONFIG_INVALID`.
    """
    options = config.options
    weighing = Weighing(
        face_weight=_to_share(options, "face_weight", 0.55),
        voice_weight=_to_share(options, "voice_weight", 0.45),
        confidence_floor=_to_floor(options),
        min_face_share=_to_share(options, "min_face_share", 0.2),
        # Speech travels as a 32-bit float: compare in its precision, so that 0.7 reaches 0.7.
        min_speech=float(np.float32(_to_share(options, "min_speech", 0.2))),
        face_mask=_to_mask("face_emotions", config.face_emotions),
        voice_mask=_to_mask("voice_emotions", config.voice_emotions),
    )
    if weighing.face_weight == 0 and weighing.voice_weight == 0:
        raise reasons.config_invalid(
            "face_weight", "face_weight and voice_weight must not both be 0."
        )
    return weighing


def to_strategy(
    options: fusion_service_pb2.FusionOptions, strategies: Mapping[int, Strategy]
) -> Strategy:
    """Read how the answers of both models become one.

    Args:
        options: The options.
        strategies: By number of `FusionStrategy`.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONFIG_INVALID`.
    """
    if options.strategy not in strategies:
        raise reasons.config_invalid("strategy", "strategy is unknown.")
    return strategies[options.strategy]


def to_smoothing(options: fusion_service_pb2.FusionOptions) -> Smoothing:
    """Read how neighbours count.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONFIG_INVALID`.
    """
    return Smoothing(
        smoothing=_to_share(options, "smoothing", 0.0, most=0.95),
        hysteresis=_to_share(options, "hysteresis", 0.0, most=0.5),
        confidence_floor=_to_floor(options),
    )


def _to_share(
    options: fusion_service_pb2.FusionOptions, name: str, default: float, *, most: float = 1
) -> float:
    value: float = getattr(options, name) if options.HasField(name) else default
    if not 0 <= value <= most:  # also false for NaN
        raise reasons.config_invalid(name, f"{name} must be in [0, {most:g}].")
    return value


def _to_floor(options: fusion_service_pb2.FusionOptions) -> float:
    floor = _to_share(options, "confidence_floor", 0.3)
    if floor == 1:
        raise reasons.config_invalid("confidence_floor", "confidence_floor must be less than 1.")
    return floor


def _to_mask(name: str, emotions: Sequence[int]) -> Mask:
    """Read which emotions a model can express; unknown ones are passed over, none means all."""
    mask = np.zeros(EMOTIONS, np.bool_)
    for emotion in emotions:
        if 1 <= emotion <= EMOTIONS:
            mask[emotion - 1] = True
    if emotions and not mask.any():
        raise reasons.config_invalid(name, f"{name} names no known emotion.")
    return mask if emotions else ~mask
