"""What the answer on a whole timeline holds, and that it always fits a message."""

from __future__ import annotations

import pytest
from emotionmap.v1 import emotion_pb2, timeline_pb2
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap_fusion import summary, wire
from emotionmap_fusion.people import PERSON_BYTES, PERSON_INTERVAL_BYTES
from emotionmap_fusion.summary import DECISION_BYTES, MAX_ANSWER_BYTES, MAX_SMOOTHED, Summary
from emotionmap_runtime.errors import ServiceError
from emotionmap_runtime.server import MAX_MESSAGE_BYTES

S = 1_000_000_000
DAY_NS = 86_400 * S
SCORES = emotion_pb2.EmotionDistribution(probabilities=[0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1])
BOX = emotion_pb2.BoundingBox(left=0.25, top=0.25, right=0.5, bottom=0.5)


def summary_of(count, *, tracks=(), **options):
    found = Summary(pb.SummarizeTimelineConfig(options=pb.FusionOptions(**options)))
    for index in range(count):
        span = wire.Span(index * S, (index + 1) * S)
        seen = [track(name, index) for name in tracks]
        found.add(timeline_pb2.Interval(range=wire.from_span(span), scores=SCORES, tracks=seen))
    return found


def track(name, index):
    return timeline_pb2.TrackEvidence(
        track_id=name,
        frames=15,
        scores=SCORES,
        first_box=BOX,
        last_box=BOX,
        best_offset=wire.from_ns(index * S),
        best_box=BOX,
    )


def test_a_decision_takes_no_more_than_is_reckoned_with() -> None:
    full = pb.SmoothedDecision(emotion=7, confidence=0.4, scores=SCORES)
    one, two = (pb.SummarizeTimelineResponse(smoothed=[full] * n).ByteSize() for n in (1, 2))
    assert two - one <= DECISION_BYTES


def test_an_interval_of_a_person_takes_no_more_than_is_reckoned_with() -> None:
    late = wire.from_span(wire.Span(DAY_NS - 1, DAY_NS + S - 1))
    full = timeline_pb2.PersonInterval(range=late, emotion=7, confidence=0.4)
    one, two = (timeline_pb2.Person(intervals=[full] * n).ByteSize() for n in (1, 2))
    assert two - one <= PERSON_INTERVAL_BYTES


def test_a_person_takes_no_more_than_is_reckoned_with() -> None:
    offset = wire.from_ns(DAY_NS - 1)
    full = timeline_pb2.Person(id="p1000000", thumbnail_offset=offset, thumbnail_box=BOX)
    one, two = (pb.SummarizeTimelineResponse(people=[full] * n).ByteSize() for n in (1, 2))
    assert two - one <= PERSON_BYTES


def test_the_most_decisions_fit_a_message() -> None:
    """At least four hours, the longest video, at the shortest interval of 0.2 s."""
    assert MAX_SMOOTHED * DECISION_BYTES < MAX_ANSWER_BYTES < MAX_MESSAGE_BYTES
    assert MAX_SMOOTHED >= 4 * 3600 / 0.2


def test_people_get_the_room_that_decisions_leave(monkeypatch) -> None:
    room = 5 * DECISION_BYTES + PERSON_BYTES + 7 * PERSON_INTERVAL_BYTES
    monkeypatch.setattr(summary, "MAX_ANSWER_BYTES", room)
    smoothed = summary_of(5, tracks=["a/t1", "a/t2"], smoothing=0.5).to_response()
    monkeypatch.setattr(summary, "MAX_ANSWER_BYTES", 3 * room)
    plain = summary_of(5, tracks=["a/t1", "a/t2"]).to_response()
    assert (len(smoothed.people), len(smoothed.smoothed)) == (1, 5)
    assert (len(plain.people), len(plain.smoothed)) == (2, 0)


def test_more_intervals_than_can_be_smoothed_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(summary, "MAX_SMOOTHED", 3)
    assert len(summary_of(3, hysteresis=0.1).to_response().smoothed) == 3
    assert summary_of(4).to_response().analytics.shares
    with pytest.raises(ServiceError) as caught:
        summary_of(4, hysteresis=0.1)
    assert caught.value.reason == "INTERVALS_INVALID"
