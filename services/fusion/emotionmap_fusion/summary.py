"""Reads the intervals of a whole timeline and writes what needs all of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from emotionmap.v1 import fusion_service_pb2, timeline_pb2

from emotionmap_fusion import options, reasons, wire
from emotionmap_fusion.analytics import AnalyticsSums
from emotionmap_fusion.people import PeopleJoin, Sighting
from emotionmap_fusion.smoothing import decide_steadily, smooth

if TYPE_CHECKING:
    from emotionmap_fusion.analytics import Analytics
    from emotionmap_fusion.evidence import Scores, Span
    from emotionmap_fusion.people import Person
    from emotionmap_fusion.smoothing import SteadyDecision

MAX_SIGHTINGS: Final = 1_000_000
"""Most tracks over all intervals that are followed; about 500 bytes each bound the memory."""

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024 - 64 * 1024
"""What a client receives in one message, less room for the figures."""

DECISION_BYTES: Final = 41
"""Most that one smoothed decision takes in an answer: 28 of probabilities, 13 of the rest."""

MAX_SMOOTHED: Final = 90_000
"""Most intervals that are smoothed: five hours of 0.2 s, and what an answer holds."""


class Summary:
    """Takes the intervals of a timeline in order, then gives its figures and people.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONFIG_INVALID` if the segments are not in order, or an
            option is out of range.
    """

    def __init__(self, config: fusion_service_pb2.SummarizeTimelineConfig) -> None:
        self._smoothing = options.to_smoothing(config.options)
        self._waiting: list[tuple[Span, Scores | None]] = []
        self._sums = AnalyticsSums()
        self._people = PeopleJoin(_borders(config))
        self._end_ns = 0
        self._sightings = 0

    def add(self, interval: timeline_pb2.Interval) -> None:
        """Take the next interval.

        Raises:
            ServiceError: INVALID_ARGUMENT `INTERVALS_INVALID`.
        """
        span = wire.to_span(interval.range, reasons.INTERVALS_INVALID)
        if span.start_ns != self._end_ns:
            raise _invalid("Intervals are not contiguous from zero.")
        self._end_ns = span.end_ns
        scores = None
        if interval.HasField("scores"):
            scores = wire.to_scores(interval.scores, reasons.INTERVALS_INVALID)
        if self._smoothing.is_asked_for:
            self._wait(span, scores)
        else:
            self._sums.add(span, emotion=interval.emotion, scores=scores)
        self._people.add(span, self._to_sightings(interval, span))

    def to_response(self) -> fusion_service_pb2.SummarizeTimelineResponse:
        """Return the figures and people.

        Raises:
            ServiceError: INVALID_ARGUMENT `INTERVALS_INVALID` if there was no interval.
        """
        if self._end_ns == 0:
            raise _invalid("There is no interval.")
        smoothed = self._decide_waiting()
        room_bytes = MAX_ANSWER_BYTES - len(smoothed) * DECISION_BYTES
        people = self._people.people(max_bytes=room_bytes)
        return fusion_service_pb2.SummarizeTimelineResponse(
            analytics=_from_analytics(self._sums.figures()),
            people=[_from_person(person, number) for number, person in enumerate(people, start=1)],
            smoothed=map(_from_decision, smoothed),
        )

    def _wait(self, span: Span, scores: Scores | None) -> None:
        if len(self._waiting) == MAX_SMOOTHED:
            raise _invalid(f"More than {MAX_SMOOTHED} intervals cannot be smoothed.")
        self._waiting.append((span, scores))

    def _decide_waiting(self) -> list[SteadyDecision]:
        """Decide on what waits for its neighbours, and add it to the figures."""
        scores = smooth([own for _, own in self._waiting], smoothing=self._smoothing.smoothing)
        decisions = list(
            decide_steadily(
                scores,
                hysteresis=self._smoothing.hysteresis,
                confidence_floor=self._smoothing.confidence_floor,
            )
        )
        for (span, _), decision in zip(self._waiting, decisions, strict=True):
            self._sums.add(span, emotion=decision.emotion, scores=decision.scores)
        self._waiting.clear()
        return decisions

    def _to_sightings(self, interval: timeline_pb2.Interval, span: Span) -> list[Sighting]:
        self._sightings += len(interval.tracks)
        if self._sightings > MAX_SIGHTINGS:
            raise _invalid(f"There are more than {MAX_SIGHTINGS} tracks in the intervals.")
        frames = max(interval.face.frames, 1)
        return [_to_sighting(track, span, frames) for track in interval.tracks]


def _to_sighting(track: timeline_pb2.TrackEvidence, span: Span, frames: int) -> Sighting:
    scores = wire.to_scores(track.scores, reasons.INTERVALS_INVALID)
    best = int(np.argmax(scores))
    return Sighting(
        track_id=track.track_id,
        span=span,
        frames=track.frames,
        seen_ns=span.length_ns * min(track.frames, frames) // frames,
        emotion=best + 1,
        confidence=float(scores[best]),
        first_box=wire.to_box(track.first_box),
        last_box=wire.to_box(track.last_box),
        best_ns=wire.to_ns(track.best_offset, reasons.INTERVALS_INVALID),
        best_box=wire.to_box(track.best_box),
    )


def _borders(config: fusion_service_pb2.SummarizeTimelineConfig) -> list[int]:
    """Return where one segment ends and the next begins."""
    spans = [wire.to_span(segment, reasons.CONFIG_INVALID) for segment in config.segments]
    for before, after in pairwise(spans):
        if before.end_ns != after.start_ns:
            raise reasons.refusal(reasons.CONFIG_INVALID, "Segments are not contiguous.")
    return [span.start_ns for span in spans[1:]]


def _from_decision(decision: SteadyDecision) -> fusion_service_pb2.SmoothedDecision:
    return fusion_service_pb2.SmoothedDecision(
        emotion=decision.emotion,  # type: ignore[arg-type]  # an open enum is a number on the wire
        confidence=decision.confidence,
        scores=wire.from_scores(decision.scores),
    )


def _from_analytics(figures: Analytics) -> timeline_pb2.Analytics:
    streak = figures.longest_streak
    return timeline_pb2.Analytics(
        shares=[
            timeline_pb2.EmotionShare(
                emotion=emotion,  # type: ignore[arg-type]  # an open enum is a number on the wire
                seconds=length_ns / wire.NS_PER_S,
                share=length_ns / figures.total_ns,
            )
            for emotion, length_ns in figures.lengths_ns.items()
        ],
        top=figures.top,  # type: ignore[arg-type]
        longest_streak=timeline_pb2.Streak(
            emotion=streak.emotion,  # type: ignore[arg-type]
            range=wire.from_span(streak.span),
        )
        if streak
        else None,
        switches=figures.switches,
        average_run_s=figures.average_run_ns / wire.NS_PER_S,
        volatility=figures.volatility,
    )


def _from_person(person: Person, number: int) -> timeline_pb2.Person:
    best = person.best
    return timeline_pb2.Person(
        id=f"p{number}",
        intervals=[
            timeline_pb2.PersonInterval(
                range=wire.from_span(sighting.span),
                emotion=sighting.emotion,  # type: ignore[arg-type]
                confidence=sighting.confidence,
            )
            for sighting in person.sightings
        ],
        thumbnail_offset=wire.from_ns(best.best_ns),
        thumbnail_box=wire.from_box(best.best_box),
    )


def _invalid(message: str) -> Exception:
    return reasons.refusal(reasons.INTERVALS_INVALID, message)
