"""Writes a finished timeline as JSON. Not for reading it back; rows are in timeline_rows.py.

It is described by `SCHEMA`, the published JSON Schema of emotionmap.timeline/1.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from emotionmap_gateway.documents.sightings import Corners, boxes_of
from emotionmap_gateway.documents.words import (
    EMOTION_WORDS,
    SCORED_WORDS,
    emotion_word,
    evidence_word,
    probability,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap.v1 import emotion_pb2, timeline_pb2

SCHEMA_NAME: Final = "emotionmap.timeline/1"
SCHEMA: Final[Mapping[str, Any]] = json.loads(
    files("emotionmap_gateway.documents")
    .joinpath("timeline.schema.json")
    .read_text(encoding="utf-8")
)
"""JSON Schema, draft 2020-12."""

THUMBNAIL_MARGIN: Final = 0.25
"""Share of a face's width and height that its thumbnail shows around it."""


def to_json(
    timeline: timeline_pb2.Timeline,
    *,
    analysis_id: str | None,
    options: Mapping[str, Any],
    with_intervals: bool = True,
) -> dict[str, Any]:
    """Return the timeline as the object that `SCHEMA` describes.

    Args:
        timeline: A finished timeline.
        analysis_id: Where its thumbnails are found; None leaves them out.
        options: Options of the analysis, as the API writes them.
        with_intervals: False leaves them out; see `timeline_text`.
    """
    media, intervals = timeline.media, timeline.intervals if with_intervals else ()
    boxes = boxes_of(timeline)
    return {
        "schema": SCHEMA_NAME,
        "title": timeline.title,
        "duration": seconds(media.duration),
        "fps": frame_rate(media),
        "has_video": media.has_video,
        "has_audio": media.has_audio,
        "interval": seconds(timeline.interval),
        "truncated": timeline.truncated,
        "intervals": [interval_to_json(interval) for interval in intervals],
        "people": [_person(person, analysis_id, boxes) for person in timeline.people],
        "analytics": _analytics(timeline.analytics),
        "models": {
            "face": _model(timeline, "face_model"),
            "audio": _model(timeline, "voice_model"),
        },
        "options": dict(options),
        "notice": timeline.notice,
    }


def interval_to_json(interval: timeline_pb2.Interval) -> dict[str, Any]:
    """Return one interval, as it stands in the timeline and in live events."""
    face, voice = interval.face, interval.voice
    return {
        "start": seconds(interval.range.start_offset),
        "end": seconds(interval.range.end_offset),
        "emotion": emotion_word(interval.emotion),
        "confidence": probability(interval.confidence),
        "evidence": evidence_word(interval.evidence),
        "scores": _scores(interval.scores),
        "face": {
            "frames": face.frames,
            "faces": face.faces,
            "quality": probability(face.quality),
            "scores": _scores(face.scores),
        },
        "voice": {"speech": probability(voice.speech), "scores": _scores(voice.scores)},
    }


def person_to_json(person: timeline_pb2.Person, analysis_id: str) -> dict[str, Any]:
    """Return one person as in the timeline, without where on the picture it is."""
    return _person(person, analysis_id, {})


def frame_rate(media: timeline_pb2.MediaInfo) -> str | None:
    """Return the frame rate as "numerator/denominator", None without video."""
    if not media.HasField("frame_rate"):
        return None
    return f"{media.frame_rate.numerator}/{media.frame_rate.denominator}"


def _scores(distribution: emotion_pb2.EmotionDistribution) -> dict[str, float] | None:
    if not distribution.probabilities:
        return None
    values = (probability(value) for value in distribution.probabilities)
    return dict(zip(SCORED_WORDS, values, strict=True))


def _person(
    person: timeline_pb2.Person,
    analysis_id: str | None,
    boxes: Mapping[tuple[str, int], tuple[Corners, Corners]],
) -> dict[str, Any]:
    def where(index: int) -> dict[str, Corners]:
        found = boxes.get((person.id, index))
        return {} if found is None else {"first_box": found[0], "last_box": found[1]}

    return {
        "id": person.id,
        "intervals": [
            {
                "start": seconds(interval.range.start_offset),
                "end": seconds(interval.range.end_offset),
                "emotion": emotion_word(interval.emotion),
                "confidence": probability(interval.confidence),
                **where(index),
            }
            for index, interval in enumerate(person.intervals)
        ],
        "thumbnail": _thumbnail(person, analysis_id) if analysis_id else None,
    }


def _thumbnail(person: timeline_pb2.Person, analysis_id: str) -> str:
    """Return the path of the picture of a person, the face in its middle."""
    offset, box = person.thumbnail_offset, person.thumbnail_box
    # Rounded down: the last picture must not be asked for after its end.
    query = f"t={(offset.seconds * 1000 + offset.nanos // 1_000_000) / 1000}"
    if box.right > box.left and box.bottom > box.top:
        across = (box.right - box.left) * THUMBNAIL_MARGIN
        down = (box.bottom - box.top) * THUMBNAIL_MARGIN
        edges = (box.left - across, box.top - down, box.right + across, box.bottom + down)
        query += "&crop=" + ",".join(f"{min(1.0, max(0.0, edge)):.4f}" for edge in edges)
    return f"/v1/analyses/{analysis_id}/thumbnails?{query}"


def _analytics(analytics: timeline_pb2.Analytics) -> dict[str, Any]:
    taken = {emotion_word(share.emotion): share for share in analytics.shares}
    streak = analytics.longest_streak
    return {
        "seconds": {
            word: round(taken[word].seconds, 3) if word in taken else 0.0
            for word in EMOTION_WORDS.values()
        },
        "share": {
            word: probability(taken[word].share) if word in taken else 0.0
            for word in EMOTION_WORDS.values()
        },
        "top": [emotion_word(emotion) for emotion in analytics.top],
        "longest_streak": {
            "emotion": emotion_word(streak.emotion),
            "start": seconds(streak.range.start_offset),
            "end": seconds(streak.range.end_offset),
        }
        if analytics.HasField("longest_streak")
        else None,
        "switches": analytics.switches,
        "average_length": round(analytics.average_run_s, 3),
        "volatility": probability(analytics.volatility),
    }


def _model(timeline: timeline_pb2.Timeline, field: str) -> dict[str, str] | None:
    if not timeline.HasField(field):
        return None
    model: emotion_pb2.ModelInfo = getattr(timeline, field)
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "licence": model.licence,
    }
