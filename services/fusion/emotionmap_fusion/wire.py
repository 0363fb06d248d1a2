"""Translates between the protos and the values of this service, and checks what comes in."""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING, Final

import numpy as np
from emotionmap.v1 import emotion_pb2, timeline_pb2
from google.protobuf.duration_pb2 import Duration

from emotionmap_fusion import reasons
from emotionmap_fusion.evidence import EMOTIONS, Box, Face, Frame, Span, Speech, is_distribution
from emotionmap_fusion.fuse import Evidence
from emotionmap_fusion.segment import Segment

if TYPE_CHECKING:
    from emotionmap.v1 import audio_service_pb2, face_service_pb2, fusion_service_pb2

    from emotionmap_fusion.evidence import Scores
    from emotionmap_fusion.segment import FusedInterval, TrackSummary

NS_PER_S: Final = 1_000_000_000
DEFAULT_INTERVAL_NS: Final = NS_PER_S
MIN_INTERVAL_NS: Final = NS_PER_S // 5
MAX_INTERVAL_NS: Final = 10 * NS_PER_S
MAX_SEGMENT_NS: Final = 600 * NS_PER_S
"""Ten times the longest segment that the media service plans; bounds what one stream holds."""

MAX_TRACK_ID_CHARS: Final = 64
_TRACK_SUFFIX_CHARS: Final = len("/t2147483647")
_SEGMENT_ID = re.compile(r"[a-z0-9/-]{1,128}")

EVIDENCE: Final = {
    Evidence.NONE: emotion_pb2.EVIDENCE_NONE,
    Evidence.FACE: emotion_pb2.EVIDENCE_FACE,
    Evidence.VOICE: emotion_pb2.EVIDENCE_VOICE,
    Evidence.BOTH: emotion_pb2.EVIDENCE_BOTH,
}


def to_segment(config: fusion_service_pb2.FuseTimelineConfig) -> Segment:
    """Read where a segment lies and how it is divided.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONFIG_INVALID`.
    """
    if not _SEGMENT_ID.fullmatch(config.segment_id):
        raise reasons.config_invalid(
            "segment_id", "segment_id must be 1-128 characters of [a-z0-9/-]."
        )
    interval_ns = DEFAULT_INTERVAL_NS
    if config.HasField("interval"):
        interval_ns = to_ns(config.interval, reasons.CONFIG_INVALID)
    if not MIN_INTERVAL_NS <= interval_ns <= MAX_INTERVAL_NS:
        raise reasons.config_invalid("interval", "interval must be 0.2-10 s.")
    span = to_span(config.range, reasons.CONFIG_INVALID)
    if span.start_ns % interval_ns:
        raise reasons.config_invalid("range", "range must start at a multiple of interval.")
    if span.length_ns > MAX_SEGMENT_NS:
        raise reasons.config_invalid(
            "range", f"range must be at most {MAX_SEGMENT_NS // NS_PER_S} s."
        )
    return Segment(
        span=span,
        interval_ns=interval_ns,
        expects_faces=config.expects_faces,
        expects_speech=config.expects_speech,
    )


def to_frame(message: face_service_pb2.FrameFaces) -> Frame:
    """Read the faces of one frame.

    Raises:
        ServiceError: INVALID_ARGUMENT `EVIDENCE_INVALID`.
    """
    return Frame(
        time_ns=to_ns(message.time_offset, reasons.EVIDENCE_INVALID),
        faces=tuple(_to_face(face) for face in message.faces),
    )


def to_speech(message: audio_service_pb2.SpeechInterval) -> Speech:
    """Read the speech of one interval.

    Raises:
        ServiceError: INVALID_ARGUMENT `EVIDENCE_INVALID`.
    """
    if not 0 <= message.speech <= 1:
        raise _evidence_invalid("A share of speech is not in [0, 1].")
    return Speech(
        span=to_span(message.range, reasons.EVIDENCE_INVALID),
        share=message.speech,
        emotions=to_scores(message.emotions, reasons.EVIDENCE_INVALID)
        if message.HasField("emotions")
        else None,
    )


def to_scores(message: emotion_pb2.EmotionDistribution, reason: str) -> Scores:
    """Read a distribution.

    Raises:
        ServiceError: INVALID_ARGUMENT with `reason` if it is none.
    """
    scores = np.array(message.probabilities, np.float64)
    if not is_distribution(scores):
        raise reasons.refusal(reason, f"Emotions are no distribution over {EMOTIONS} classes.")
    return np.asarray(scores / scores.sum(), np.float64)


def to_box(message: emotion_pb2.BoundingBox) -> Box:
    """Read a box."""
    return Box(message.left, message.top, message.right, message.bottom)


def to_ns(duration: Duration, reason: str) -> int:
    """Read a time, ns, at least 0.

    Raises:
        ServiceError: INVALID_ARGUMENT with `reason`.
    """
    if duration.seconds < 0 or not 0 <= duration.nanos < NS_PER_S:
        raise reasons.refusal(reason, "A time is negative or malformed.")
    return duration.seconds * NS_PER_S + duration.nanos


def to_span(message: emotion_pb2.TimeRange, reason: str) -> Span:
    """Read a range.

    Raises:
        ServiceError: INVALID_ARGUMENT with `reason` if it is empty or malformed.
    """
    span = Span(to_ns(message.start_offset, reason), to_ns(message.end_offset, reason))
    if span.length_ns <= 0:
        raise reasons.refusal(reason, "A range is empty.")
    return span


def from_interval(interval: FusedInterval, *, track_prefix: str) -> timeline_pb2.Interval:
    """Write a fused interval."""
    decision = interval.decision
    return timeline_pb2.Interval(
        range=from_span(interval.span),
        emotion=decision.emotion,  # type: ignore[arg-type]  # an open enum is a number on the wire
        confidence=decision.confidence,
        evidence=EVIDENCE[decision.evidence],
        scores=from_scores(decision.scores),
        face=timeline_pb2.FaceEvidence(
            frames=interval.frames,
            faces=interval.faces,
            quality=interval.quality,
            scores=from_scores(interval.face_scores),
        ),
        voice=timeline_pb2.VoiceEvidence(
            speech=interval.speech, scores=from_scores(interval.voice_scores)
        ),
        tracks=[_from_track(track, track_prefix) for track in interval.tracks],
    )


def track_prefix(segment_id: str) -> str:
    """Return what the track ids of a segment start with, short enough for any track number."""
    if len(segment_id) + _TRACK_SUFFIX_CHARS <= MAX_TRACK_ID_CHARS:
        return segment_id
    return hashlib.sha256(segment_id.encode()).hexdigest()[:32]


def from_span(span: Span) -> emotion_pb2.TimeRange:
    """Write a range."""
    return emotion_pb2.TimeRange(
        start_offset=from_ns(span.start_ns), end_offset=from_ns(span.end_ns)
    )


def from_ns(time_ns: int) -> Duration:
    """Write a time."""
    return Duration(seconds=time_ns // NS_PER_S, nanos=time_ns % NS_PER_S)


def from_scores(scores: Scores | None) -> emotion_pb2.EmotionDistribution | None:
    """Write a distribution; None stays unset."""
    if scores is None:
        return None
    return emotion_pb2.EmotionDistribution(probabilities=scores.tolist())


def from_box(box: Box) -> emotion_pb2.BoundingBox:
    """Write a box."""
    return emotion_pb2.BoundingBox(left=box.left, top=box.top, right=box.right, bottom=box.bottom)


def _from_track(track: TrackSummary, prefix: str) -> timeline_pb2.TrackEvidence:
    return timeline_pb2.TrackEvidence(
        track_id=f"{prefix}/t{track.track}",
        frames=track.frames,
        scores=from_scores(track.scores),
        first_box=from_box(track.first_box),
        last_box=from_box(track.last_box),
        best_offset=from_ns(track.best_ns),
        best_box=from_box(track.best_box),
    )


def _to_face(message: face_service_pb2.Face) -> Face:
    box = to_box(message.box)
    if not (0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1):
        raise _evidence_invalid("A box is empty or not within the picture.")
    if message.track < 0 or not 0 <= message.quality <= 1 or not math.isfinite(message.quality):
        raise _evidence_invalid("A track or a quality is out of range.")
    return Face(
        box=box,
        emotions=to_scores(message.emotions, reasons.EVIDENCE_INVALID),
        track=message.track,
        quality=message.quality,
    )


def _evidence_invalid(message: str) -> Exception:
    return reasons.refusal(reasons.EVIDENCE_INVALID, message)
