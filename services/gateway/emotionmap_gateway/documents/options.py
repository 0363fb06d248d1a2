"""Reads and checks the options of an analysis, and writes them as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import face_service_pb2, fusion_service_pb2
from emotionmap_runtime.errors import ServiceError
from google.protobuf.duration_pb2 import Duration

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import NS_PER_S, duration_ns, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DETECTOR_WORDS: Mapping[int, str] = MappingProxyType(
    {
        face_service_pb2.FACE_DETECTOR_HAAR: "haar",
        face_service_pb2.FACE_DETECTOR_YUNET: "yunet",
        face_service_pb2.FACE_DETECTOR_DEEPFACE: "deepface",
    }
)
STRATEGY_WORDS: Mapping[int, str] = MappingProxyType(
    {
        fusion_service_pb2.FUSION_STRATEGY_WEIGHTED_MEAN: "weighted_mean",
        fusion_service_pb2.FUSION_STRATEGY_RELIABILITY: "reliability",
    }
)
_WORDS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {"detector": DETECTOR_WORDS, "strategy": STRATEGY_WORDS}
)
"""Of each, the default comes first."""

MODEL_KEYS = ("face_model", "voice_model")
MAX_NAME_CHARS = 128

_MAX_QUOTED_CHARS = 40


@dataclass(frozen=True, slots=True)
class _Number:
    """What a numeric option may be, in the unit of the JSON: seconds, px, or a bare number."""

    low: float
    high: float
    default: float
    below_high: bool = False  # whether `high` itself is refused

    def refusal(self, value: float) -> str | None:
        """Return what a value must be, if it is not."""
        if self.low <= value <= self.high and not (self.below_high and value == self.high):
            return None
        end = "less than " if self.below_high else ""
        return f"from {self.low:g} to {end}{self.high:g}"


_DURATIONS: Mapping[str, _Number] = MappingProxyType(
    {"interval": _Number(0.2, 10, 1), "voice_context": _Number(0.2, 10, 3)}
)
_REALS: Mapping[str, _Number] = MappingProxyType({"frames_per_second": _Number(0.1, 60, 15)})
_WHOLES: Mapping[str, _Number] = MappingProxyType(
    {"frame_width_px": _Number(64, 1920, 640), "min_face_px": _Number(20, 1000, 20)}
)
_FUSION: Mapping[str, _Number] = MappingProxyType(
    {
        "face_weight": _Number(0, 1, 0.55),
        "voice_weight": _Number(0, 1, 0.45),
        "confidence_floor": _Number(0, 1, 0.3, below_high=True),
        "min_face_share": _Number(0, 1, 0.2),
        "min_speech": _Number(0, 1, 0.2),
        "smoothing": _Number(0, 0.95, 0),
        "hysteresis": _Number(0, 0.5, 0),
    }
)


def options_to_json(options: pb.AnalysisOptions) -> dict[str, Any]:
    """Return the options in force, defaults filled in.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`, as `with_defaults`.
    """
    filled = with_defaults(options)
    return {
        "interval": seconds(filled.interval),
        "frames_per_second": filled.frames_per_second,
        "frame_width_px": filled.frame_width_px,
        "detector": DETECTOR_WORDS[filled.detector],
        "min_face_px": filled.min_face_px,
        "face_model": filled.face_model or None,
        "voice_model": filled.voice_model or None,
        "voice_context": seconds(filled.voice_context),
        "strategy": STRATEGY_WORDS[filled.fusion.strategy],
        **{key: getattr(filled.fusion, key) for key in _FUSION},
    }


def options_from_json(document: object) -> pb.AnalysisOptions:
    """Return the options that a JSON document asks for, defaults filled in.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming the key that is unknown, out of
            range or of the wrong type.
    """
    if not isinstance(document, dict):
        raise _invalid("options", "Options must be a JSON object.")
    options = pb.AnalysisOptions()
    for key, value in document.items():
        in_fusion = key in _FUSION or key == "strategy"
        target: Any = options.fusion if in_fusion else options
        if key in _DURATIONS:
            getattr(target, key).CopyFrom(_duration(_number(key, value, _DURATIONS[key])))
        else:
            setattr(target, key, _read(str(key), value))
    return with_defaults(options)


def with_defaults(options: pb.AnalysisOptions) -> pb.AnalysisOptions:
    """Return a checked copy of options in which everything is set.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming the key that is out of range.
    """
    filled = pb.AnalysisOptions()
    filled.CopyFrom(options)
    for message, table in ((filled, _REALS), (filled, _WHOLES), (filled.fusion, _FUSION)):
        for key, number in table.items():
            if not message.HasField(key):
                setattr(message, key, int(number.default) if table is _WHOLES else number.default)
            _number(key, getattr(message, key), number)
    _fill_durations(filled)
    _fill_words(filled)
    for key in MODEL_KEYS:
        _name(key, getattr(filled, key))
    if filled.fusion.face_weight == 0 and filled.fusion.voice_weight == 0:
        raise _invalid("face_weight", "face_weight and voice_weight must not both be 0.")
    return filled


def check_name(key: str, name: str, known: Iterable[str]) -> None:
    """Refuse the name of something that no service has.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming what there is.
    """
    names = list(known)
    if name not in names:
        raise _invalid(key, f"There is no {key} {_quoted(name)}; there are: {', '.join(names)}.")


def _fill_durations(options: pb.AnalysisOptions) -> None:
    if not options.HasField("interval"):
        options.interval.CopyFrom(_duration(_DURATIONS["interval"].default))
    _number("interval", duration_ns(options.interval) / NS_PER_S, _DURATIONS["interval"])
    if not options.HasField("voice_context"):
        # The context covers its interval, so a long interval widens it.
        default = _duration(_DURATIONS["voice_context"].default)
        longest = max(default, options.interval, key=duration_ns)
        options.voice_context.CopyFrom(longest)
    context_ns = duration_ns(options.voice_context)
    _number("voice_context", context_ns / NS_PER_S, _DURATIONS["voice_context"])
    if context_ns < duration_ns(options.interval):
        raise _invalid("voice_context", "voice_context must be at least interval.")


def _fill_words(options: pb.AnalysisOptions) -> None:
    for message, key in ((options, "detector"), (options.fusion, "strategy")):
        words = _WORDS[key]
        setattr(message, key, getattr(message, key) or next(iter(words)))  # 0 is unspecified
        if getattr(message, key) not in words:
            raise _unknown_word(key)


def _read(key: str, value: object) -> Any:
    """Return the value of an option that is no duration, as the message has it."""
    if key in _WORDS:
        return _of_word(key, value)
    if key in MODEL_KEYS:
        return _name(key, value)
    if key in _WHOLES:
        return _whole(key, value)
    number = _REALS.get(key) or _FUSION.get(key)
    if number is None:
        raise _invalid(key, f"There is no option {_quoted(key)}.")
    return _number(key, value, number)


def _number(key: str, value: object, number: _Number) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise _invalid(key, f"{key} must be a number.")
    refusal = number.refusal(value)
    if refusal is not None:
        raise _invalid(key, f"{key} must be {refusal}.")
    return float(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _whole(key: str, value: object) -> int:
    number = _number(key, value, _WHOLES[key])
    if not number.is_integer():
        raise _invalid(key, f"{key} must be a whole number.")
    return int(number)


def _of_word(key: str, value: object) -> int:
    """Return the enum value of a word."""
    for number, word in _WORDS[key].items():
        if value == word:
            return number
    raise _unknown_word(key)


def _unknown_word(key: str) -> ServiceError:
    *others, last = _WORDS[key].values()
    return _invalid(key, f"{key} must be {', '.join(others)} or {last}.")


def _name(key: str, value: object) -> str:
    """Return the name of a model; empty, as null is, stands for the service's default."""
    name = "" if value is None else value
    if not isinstance(name, str) or len(name) > MAX_NAME_CHARS or not _is_plain(name):
        raise _invalid(key, f"{key} must be the name of a model.")
    return name


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isprintable()


def _duration(value_s: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(round(value_s * NS_PER_S))
    return duration


def _invalid(key: str, message: str) -> ServiceError:
    metadata = {"key": key[:_MAX_QUOTED_CHARS]}
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT, reasons.OPTIONS_INVALID, message, metadata=metadata
    )


def _quoted(key: object) -> str:
    return repr(str(key)[:_MAX_QUOTED_CHARS])
