"""Writes analyses, exports and models as JSON. For timelines see timeline.py."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import analysis_service_pb2 as pb

from emotionmap_gateway.documents.highlights import STYLE_WORDS
from emotionmap_gateway.documents.options import options_to_json
from emotionmap_gateway.documents.timeline import frame_rate
from emotionmap_gateway.documents.words import emotion_word, probability, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap.v1 import emotion_pb2, media_service_pb2, timeline_pb2

STATE_WORDS: Mapping[int, str] = MappingProxyType(
    {
        pb.JOB_STATE_QUEUED: "QUEUED",
        pb.JOB_STATE_RUNNING: "RUNNING",
        pb.JOB_STATE_SUCCEEDED: "SUCCEEDED",
        pb.JOB_STATE_FAILED: "FAILED",
        pb.JOB_STATE_CANCELLED: "CANCELLED",
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
        "received_bytes": analysis.received_bytes,
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
        "style": STYLE_WORDS.get(export.style, "fast"),
        "summary": _summary(export.summary) if export.HasField("summary") else None,
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


def _summary(summary: media_service_pb2.CutSummary) -> dict[str, Any]:
    return {
        "duration": seconds(summary.duration),
        "copied_share": probability(summary.copied_share),
        "note": summary.note,
        "pieces": summary.pieces,
    }


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
        "open_ended": media.open_ended,
    }
