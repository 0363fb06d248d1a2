"""Decisions made in the light of neighbours take the place of those made alone."""

from __future__ import annotations

import pytest
from emotionmap.v1 import emotion_pb2, fusion_service_pb2, timeline_pb2
from emotionmap_gateway.work.timelines import decided_anew
from emotionmap_runtime.errors import ServiceError

SCORES = emotion_pb2.EmotionDistribution(probabilities=[0, 0, 0, 1, 0, 0, 0])
INTERVAL = timeline_pb2.Interval(
    emotion=emotion_pb2.EMOTION_ANGER,
    confidence=0.5,
    scores=SCORES,
    evidence=emotion_pb2.EVIDENCE_FACE,
)


def test_without_new_decisions_nothing_changes():
    assert decided_anew([INTERVAL], []) == [INTERVAL]


def test_a_new_decision_changes_emotion_confidence_and_scores_alone():
    decision = fusion_service_pb2.SmoothedDecision(
        emotion=emotion_pb2.EMOTION_HAPPY, confidence=0.75, scores=SCORES
    )
    [found] = decided_anew([INTERVAL], [decision])
    assert (found.emotion, found.confidence, found.scores) == (
        emotion_pb2.EMOTION_HAPPY,
        0.75,
        SCORES,
    )
    assert found.evidence == emotion_pb2.EVIDENCE_FACE
    assert INTERVAL.emotion == emotion_pb2.EMOTION_ANGER


def test_a_decision_without_evidence_has_no_scores():
    [found] = decided_anew([INTERVAL], [fusion_service_pb2.SmoothedDecision()])
    assert not found.HasField("scores")
    assert (found.emotion, found.confidence) == (emotion_pb2.EMOTION_UNSPECIFIED, 0)


def test_too_few_decisions_are_an_error():
    with pytest.raises(ServiceError, match="1 of 2") as caught:
        decided_anew([INTERVAL, INTERVAL], [fusion_service_pb2.SmoothedDecision()])
    assert caught.value.reason == "INTERNAL"
