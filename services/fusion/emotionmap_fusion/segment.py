"""Aligns the evidence of one segment to its intervals and fuses each as soon as it is complete.

Keeps sums, not frames: memory grows with the intervals that wait and the tracks in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from emotionmap_fusion import reasons
from emotionmap_fusion.evidence import EMOTIONS, Span
from emotionmap_fusion.fuse import decide, is_expressible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_fusion.evidence import Box, Face, Frame, Mask, Scores, Speech
    from emotionmap_fusion.fuse import Decision, Strategy, Weighing

MAX_FACES_PER_FRAME: Final = 256
MAX_TRACKS_PER_INTERVAL: Final = 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: where it lies, how it is divided, and what will be told about it."""

    span: Span
    interval_ns: int
    expects_faces: bool
    expects_speech: bool

    @property
    def intervals(self) -> int:
        """Number of intervals; the last may be shorter."""
        return -(-self.span.length_ns // self.interval_ns)

    def interval(self, index: int) -> Span:
        """Return where an interval lies."""
        start_ns = self.span.start_ns + index * self.interval_ns
        return Span(start_ns, min(start_ns + self.interval_ns, self.span.end_ns))

    def index_at(self, time_ns: int) -> int:
        """Return the number of the interval that contains a time of the segment."""
        return (time_ns - self.span.start_ns) // self.interval_ns


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One track within one interval."""

    track: int
    frames: int
    scores: Scores
    first_box: Box
    last_box: Box
    best_ns: int
    best_box: Box


@dataclass(frozen=True, slots=True)
class FusedInterval:
    """One interval with its evidence and decision."""

    span: Span
    decision: Decision
    frames: int
    faces: int
    quality: float
    face_scores: Scores | None
    speech: float
    voice_scores: Scores | None
    tracks: tuple[TrackSummary, ...]


class _WeightedMean:
    """Mean of distributions, weighed by quality; by count where every quality is 0."""

    def __init__(self) -> None:
        self.count = 0
        self.quality_sum = 0.0
        self._weighted = np.zeros(EMOTIONS)
        self._plain = np.zeros(EMOTIONS)

    def add(self, face: Face) -> None:
        self.count += 1
        self.quality_sum += face.quality
        self._weighted += face.quality * face.emotions
        self._plain += face.emotions

    def mean(self) -> Scores:
        total = self._weighted if self._weighted.sum() > 0 else self._plain
        return np.asarray(total / total.sum(), np.float64)


class _Track:
    """Sums over one track within one interval."""

    def __init__(self, frame: Frame, face: Face) -> None:
        self._mean = _WeightedMean()
        self._frames = 0
        self._last_ns = -1
        self._first_box = face.box
        self._best = (-1.0, frame.time_ns, face.box)

    def add(self, frame: Frame, face: Face) -> None:
        self._mean.add(face)
        self._frames += frame.time_ns != self._last_ns
        self._last_ns = frame.time_ns
        self._last_box = face.box
        fitness = face.box.area * face.quality
        if fitness > self._best[0]:
            self._best = (fitness, frame.time_ns, face.box)

    def summary(self, track: int) -> TrackSummary:
        _, best_ns, best_box = self._best
        return TrackSummary(
            track=track,
            frames=self._frames,
            scores=self._mean.mean(),
            first_box=self._first_box,
            last_box=self._last_box,
            best_ns=best_ns,
            best_box=best_box,
        )


class _Pending:
    """Evidence of one interval so far."""

    def __init__(self) -> None:
        self.frames = 0
        self.frames_with_face = 0
        self.faces = _WeightedMean()
        self.tracks: dict[int, _Track] = {}
        self.speech: Speech | None = None

    def add(self, frame: Frame) -> None:
        self.frames += 1
        self.frames_with_face += bool(frame.faces)
        for face in frame.faces:
            self.faces.add(face)
            if face.track:
                self.tracks.setdefault(face.track, _Track(frame, face)).add(frame, face)
        if len(self.tracks) > MAX_TRACKS_PER_INTERVAL:
            raise reasons.refusal(
                reasons.EVIDENCE_INVALID,
                f"An interval has more than {MAX_TRACKS_PER_INTERVAL} tracks.",
            )

    def fused(self, span: Span, weighing: Weighing, strategy: Strategy) -> FusedInterval:
        face = self.faces.mean() if self.faces.count else None
        voice = self.speech.emotions if self.speech else None
        speech = self.speech.share if self.speech else 0.0
        if speech < weighing.min_speech:
            voice = None
        enough = face is not None and self.frames_with_face / self.frames >= weighing.min_face_share
        tracks = [track.summary(number) for number, track in self.tracks.items()]
        return FusedInterval(
            span=span,
            decision=decide(face if enough else None, voice, weighing=weighing, strategy=strategy),
            frames=self.frames,
            faces=self.faces.count,
            quality=self.faces.quality_sum / self.faces.count if self.faces.count else 0.0,
            face_scores=face,
            speech=speech,
            voice_scores=voice,
            tracks=tuple(sorted(tracks, key=lambda track: (-track.frames, track.track))),
        )


class SegmentFusion:
    """Takes the evidence of a segment in any interleaving and gives its intervals in order.

    Args:
        segment: The segment.
        weighing: How evidence is weighed.
        strategy: How the answers of both models become one.
    """

    def __init__(self, segment: Segment, *, weighing: Weighing, strategy: Strategy) -> None:
        self._segment = segment
        self._weighing = weighing
        self._strategy = strategy
        self._pending: dict[int, _Pending] = {}
        self._next = 0
        self._last_frame_ns = -1
        # Everything before these times has been told.
        self._faces_until_ns = segment.span.start_ns
        self._speech_until_ns = segment.span.start_ns

    def add_frame(self, frame: Frame) -> None:
        """Take the faces of one frame.

        Raises:
            ServiceError: INVALID_ARGUMENT `EVIDENCE_INVALID`.
        """
        span = self._segment.span
        if not self._segment.expects_faces:
            raise _invalid("Faces came although none were announced.")
        if not span.start_ns <= frame.time_ns < span.end_ns:
            raise _invalid("A frame lies outside the segment.")
        if frame.time_ns <= self._last_frame_ns:
            raise _invalid("A frame is not later than the one before.")
        if len(frame.faces) > MAX_FACES_PER_FRAME:
            raise _invalid(f"A frame has more than {MAX_FACES_PER_FRAME} faces.")
        for face in frame.faces:
            _check_expressible(face.emotions, self._weighing.face_mask)
        self._last_frame_ns = self._faces_until_ns = frame.time_ns
        self._at(self._segment.index_at(frame.time_ns)).add(frame)

    def add_speech(self, speech: Speech) -> None:
        """Take the speech of one interval.

        Raises:
            ServiceError: INVALID_ARGUMENT `EVIDENCE_INVALID`.
        """
        span = self._segment.span
        if not self._segment.expects_speech:
            raise _invalid("Speech came although none was announced.")
        if not span.start_ns <= speech.span.start_ns < span.end_ns:
            raise _invalid("Speech lies outside the segment.")
        if speech.span.start_ns < self._speech_until_ns:
            raise _invalid("Speech is not later than the one before.")
        index = self._segment.index_at(speech.span.start_ns)
        if speech.span != self._segment.interval(index):
            raise _invalid("Speech does not cover exactly one interval.")
        if speech.emotions is not None:
            _check_expressible(speech.emotions, self._weighing.voice_mask)
        self._speech_until_ns = speech.span.end_ns
        self._at(index).speech = speech

    def take_complete(self) -> Iterator[FusedInterval]:
        """Give the intervals that nothing can be added to any more, each once, in order."""
        until_ns = self._segment.span.end_ns
        if self._segment.expects_faces:
            until_ns = min(until_ns, self._faces_until_ns)
        if self._segment.expects_speech:
            until_ns = min(until_ns, self._speech_until_ns)
        yield from self._take(until_ns)

    def take_rest(self) -> Iterator[FusedInterval]:
        """Give the intervals that are left, once no more evidence comes."""
        yield from self._take(self._segment.span.end_ns)

    def _take(self, until_ns: int) -> Iterator[FusedInterval]:
        while self._next < self._segment.intervals:
            span = self._segment.interval(self._next)
            if span.end_ns > until_ns:
                return
            pending = self._pending.pop(self._next, None) or _Pending()
            self._next += 1
            yield pending.fused(span, self._weighing, self._strategy)

    def _at(self, index: int) -> _Pending:
        return self._pending.setdefault(index, _Pending())


def _check_expressible(scores: Scores, mask: Mask) -> None:
    if not is_expressible(scores, mask):
        raise _invalid("Emotions lie mostly on what their model cannot express.")


def _invalid(message: str) -> Exception:
    return reasons.refusal(reasons.EVIDENCE_INVALID, message)
