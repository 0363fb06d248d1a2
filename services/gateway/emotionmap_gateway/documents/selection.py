"""Reads and checks which moments of a timeline are meant. pieces.py finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.words import (
    EMOTION_WORDS,
    NS_PER_S,
    SCORED_WORDS,
    duration_ns,
    emotion_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emotionmap.v1 import emotion_pb2
    from google.protobuf.duration_pb2 import Duration

MAX_MARGIN_S = 10
MAX_SHORTEST_S = 60
MAX_PEOPLE = 100
MAX_PERSON_CHARS = 64


@dataclass(frozen=True, slots=True)
class Selection:
    """Checked: which moments are meant."""

    emotions: frozenset[emotion_pb2.Emotion]
    """Not empty; 0 is Unsure."""
    min_confidence: float = 0.0
    people: frozenset[str] = frozenset()
    """If empty, what counts is the decision over all people and voices."""
    lead_in_ns: int = 0
    lead_out_ns: int = 0
    shortest_ns: int = 0

    def to_message(self) -> pb.Selection:
        """Return it in one order, whatever the one it was asked for in."""
        message = pb.Selection(
            emotions=sorted(self.emotions),
            min_confidence=self.min_confidence,
            people=sorted(self.people),
        )
        message.lead_in.FromNanoseconds(self.lead_in_ns)
        message.lead_out.FromNanoseconds(self.lead_out_ns)
        message.shortest.FromNanoseconds(self.shortest_ns)
        return message


EVERY_EMOTION = Selection(
    frozenset(
        cast("emotion_pb2.Emotion", number)
        for number, word in EMOTION_WORDS.items()
        if word in SCORED_WORDS
    )
)
"""What is meant where nothing is said: every interval that has an emotion."""


def to_selection(message: pb.Selection) -> Selection:
    """Check a selection.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming the key.
    """
    if not message.emotions or not set(message.emotions) <= set(EMOTION_WORDS):
        raise invalid("emotions", "emotions must name at least one emotion, and only known ones.")
    if not 0 <= message.min_confidence <= 1:
        raise invalid("min_confidence", "min_confidence must be from 0 to 1.")
    if len(message.people) > MAX_PEOPLE:
        raise invalid("people", f"people must name at most {MAX_PEOPLE}.")
    if any(not 0 < len(name) <= MAX_PERSON_CHARS for name in message.people):
        raise invalid("people", "people must be ids of people of the timeline.")
    return Selection(
        emotions=frozenset(message.emotions),
        min_confidence=message.min_confidence,
        people=frozenset(message.people),
        lead_in_ns=_within("lead_in", message.lead_in, MAX_MARGIN_S),
        lead_out_ns=_within("lead_out", message.lead_out, MAX_MARGIN_S),
        shortest_ns=_within("shortest", message.shortest, MAX_SHORTEST_S),
    )


def selection_of_words(
    *,
    emotions: Iterable[str],
    min_confidence: float = 0.0,
    people: Iterable[str] = (),
    lead_in_s: float = 0.0,
    lead_out_s: float = 0.0,
    shortest_s: float = 0.0,
) -> Selection:
    """Check a selection as HTTP has it: words and seconds.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming the key.
    """
    wanted = [emotion_of(word) for word in emotions]
    known = [cast("emotion_pb2.Emotion", emotion) for emotion in wanted if emotion is not None]
    if len(known) < len(wanted):
        raise invalid("emotions", f"emotions must be of {', '.join(EMOTION_WORDS.values())}.")
    message = pb.Selection(emotions=known, min_confidence=min_confidence, people=people)
    for key, value_s, most_s in (
        ("lead_in", lead_in_s, MAX_MARGIN_S),
        ("lead_out", lead_out_s, MAX_MARGIN_S),
        ("shortest", shortest_s, MAX_SHORTEST_S),
    ):
        if not 0 <= value_s <= most_s:
            raise _not_within(key, most_s)
        getattr(message, key).FromNanoseconds(round(value_s * NS_PER_S))
    return to_selection(message)


def invalid(key: str, message: str) -> ServiceError:
    """Return the error for what was asked for under a key."""
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT, reasons.OPTIONS_INVALID, message, metadata={"key": key}
    )


def _within(key: str, value: Duration, most_s: int) -> int:
    """Return a duration in nanoseconds.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`.
    """
    if not 0 <= duration_ns(value) <= most_s * NS_PER_S:
        raise _not_within(key, most_s)
    return duration_ns(value)


def _not_within(key: str, most_s: int) -> ServiceError:
    return invalid(key, f"{key} must be from 0 to {most_s} s.")
