"""Reads the intervals of a whole timeline and writes what needs all of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from emotionmap.v1 import fusion_service_pb2, timeline_pb2

from emotionmap_fusion import reasons, wire
from emotionmap_fusion.analytics import AnalyticsSums
from emotionmap_fusion.people import PeopleJoin, Sighting

if TYPE_CHECKING:
    from emotionmap_fusion.analytics import Analytics
    from emotionmap_fusion.evidence import Span
    from emotionmap_fusion.people import Person

MAX_SIGHTINGS: Final = 1_000_000
"""Most tracks over all intervals that are followed; about 500 bytes each bound the memory."""


class Summary:
    """Takes the intervals of a timeline in order, then gives its figures and people.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONFIG_INVALID` if the segments are not in order.
    """

    def __init__(self, config: fusion_service_pb2.SummarizeTimelineConfig) -> None:
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
        self._sums.add(span, emotion=interval.emotion, scores=scores)
        self._people.add(span, self._to_sightings(interval, span))

    def to_response(self) -> fusion_service_pb2.SummarizeTimelineResponse:
        """Return the figures and people.

        Raises:
            ServiceError: INVALID_ARGUMENT `INTERVALS_INVALID` if there was no interval.
        """
        if self._end_ns == 0:
            raise _invalid("There is no interval.")
        return fusion_service_pb2.SummarizeTimelineResponse(
            analytics=_from_analytics(self._sums.figures()),
            people=[
                _from_person(person, number)
                for number, person in enumerate(self._people.people(), start=1)
            ],
        )

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
