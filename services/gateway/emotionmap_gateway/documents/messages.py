"""Writes analyses, exports and models as JSON, reads options. For timelines see timeline.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import face_service_pb2
from emotionmap_runtime.errors import ServiceError
from google.protobuf.duration_pb2 import Duration

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.timeline import frame_rate
from emotionmap_gateway.documents.words import (
    NS_PER_S,
    duration_ns,
    emotion_word,
    probability,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap.v1 import emotion_pb2, timeline_pb2

STATE_WORDS: Mapping[int, str] = MappingProxyType(
    {
        pb.JOB_STATE_QUEUED: "QUEUED",
        pb.JOB_STATE_RUNNING: "RUNNING",
        pb.JOB_STATE_SUCCEEDED: "SUCCEEDED",
        pb.JOB_STATE_FAILED: "FAILED",
        pb.JOB_STATE_CANCELLED: "CANCELLED",
    }
)

DETECTOR_WORDS: Mapping[int, str] = MappingProxyType(
    {face_service_pb2.FACE_DETECTOR_HAAR: "haar", face_service_pb2.FACE_DETECTOR_YUNET: "yunet"}
)

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
    }
)


def analysis_to_json(analysis: pb.Analysis) -> dict[str, Any]:
    """Return one analysis."""
    return {
        "id": analysis.id,
        "state": STATE_WORDS.get(analysis.state, "QUEUED"),
        "title": analysis.title,
        "created_at": analysis.create_time.ToJsonString(),
        "updated_at": analysis.update_time.ToJsonString(),
        "progress": probability(analysis.progress),
        "failure": _failure(analysis),
        "size_bytes": analysis.size_bytes,
        "media": _media(analysis.media),
        "options": options_to_json(analysis.options),
    }


def export_to_json(export: pb.Export) -> dict[str, Any]:
    """Return one export."""
    return {
        "id": export.id,
        "analysis_id": export.analysis_id,
        "state": STATE_WORDS.get(export.state, "QUEUED"),
        "progress": probability(export.progress),
        "failure": _failure(export),
        "size_bytes": export.size_bytes,
        "duration": seconds(export.duration),
        "file_name": export.file_name,
        "created_at": export.create_time.ToJsonString(),
    }


def model_to_json(model: emotion_pb2.ModelInfo) -> dict[str, Any]:
    """Return identity, limits and measured figures of one model."""
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "licence": model.licence,
        "source": model.source,
        "labels": [emotion_word(emotion) for emotion in model.emotions],
        "metrics": dict(sorted(model.metrics.items())),
    }


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
        "voice_context": seconds(filled.voice_context),
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
        if key == "detector":
            options.detector = _detector(value)
        elif key in _DURATIONS:
            getattr(options, key).CopyFrom(_duration(_number(key, value, _DURATIONS[key])))
        elif key in _WHOLES:
            setattr(options, key, _whole(key, value))
        elif key in _REALS:
            setattr(options, key, _number(key, value, _REALS[key]))
        elif key in _FUSION:
            setattr(options.fusion, key, _number(key, value, _FUSION[key]))
        else:
            raise _invalid(str(key), f"There is no option {_quoted(key)}.")
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
    if filled.detector == face_service_pb2.FACE_DETECTOR_UNSPECIFIED:
        filled.detector = face_service_pb2.FACE_DETECTOR_HAAR
    if filled.detector not in DETECTOR_WORDS:
        raise _invalid("detector", "detector must be haar or yunet.")
    if filled.fusion.face_weight == 0 and filled.fusion.voice_weight == 0:
        raise _invalid("face_weight", "face_weight and voice_weight must not both be 0.")
    return filled


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


def _detector(value: object) -> face_service_pb2.FaceDetector:
    for detector in (face_service_pb2.FACE_DETECTOR_HAAR, face_service_pb2.FACE_DETECTOR_YUNET):
        if value == DETECTOR_WORDS[detector]:
            return detector
    raise _invalid("detector", "detector must be haar or yunet.")


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


def _failure(job: pb.Analysis | pb.Export) -> dict[str, str] | None:
    if not job.HasField("failure"):
        return None
    return {"reason": job.failure.reason, "message": job.failure.message}


def _media(media: timeline_pb2.MediaInfo) -> dict[str, Any]:
    return {
        "duration": seconds(media.duration),
        "fps": frame_rate(media),
        "width": media.width_px,
        "height": media.height_px,
        "has_video": media.has_video,
        "has_audio": media.has_audio,
        "container": media.container,
        "video_codec": media.video_codec,
        "audio_codec": media.audio_codec,
    }
