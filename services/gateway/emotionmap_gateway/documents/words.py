"""The words and rounded numbers of every document: one table, used both ways."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

from emotionmap.v1 import emotion_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.duration_pb2 import Duration

UNSURE = "Unsure"

EMOTION_WORDS: Mapping[int, str] = MappingProxyType(
    {
        emotion_pb2.EMOTION_ANGER: "Anger",
        emotion_pb2.EMOTION_DISGUST: "Disgust",
        emotion_pb2.EMOTION_FEAR: "Fear",
        emotion_pb2.EMOTION_HAPPY: "Happy",
        emotion_pb2.EMOTION_SADNESS: "Sadness",
        emotion_pb2.EMOTION_SURPRISE: "Surprise",
        emotion_pb2.EMOTION_NEUTRAL: "Neutral",
        emotion_pb2.EMOTION_UNSPECIFIED: UNSURE,
    }
)
"""Word of each emotion, in the order of a distribution, Unsure last."""

EVIDENCE_WORDS: Mapping[int, str] = MappingProxyType(
    {
        emotion_pb2.EVIDENCE_NONE: "none",
        emotion_pb2.EVIDENCE_FACE: "face",
        emotion_pb2.EVIDENCE_VOICE: "voice",
        emotion_pb2.EVIDENCE_BOTH: "both",
    }
)

SCORED_WORDS = tuple(word for word in EMOTION_WORDS.values() if word != UNSURE)
"""Words of the emotions that have a probability, in the order of a distribution."""

NS_PER_S = 1_000_000_000

_SPACES = re.compile(r"\s+")
_NEVER_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Control characters, those that turn the direction of what follows, and those that are none."""


def emotion_word(emotion: int) -> str:
    """Return the word of an emotion; one that this version does not know is Unsure."""
    return EMOTION_WORDS.get(emotion, UNSURE)


def emotion_of(word: str) -> int | None:
    """Return the `Emotion` of a word, None if there is no such word."""
    return next((emotion for emotion, known in EMOTION_WORDS.items() if known == word), None)


def evidence_word(evidence: int) -> str:
    """Return the word of a kind of evidence."""
    return EVIDENCE_WORDS.get(evidence, "none")


def duration_ns(duration: Duration) -> int:
    """Return a duration in nanoseconds, exactly."""
    return duration.seconds * NS_PER_S + duration.nanos


def duration_ms(duration: Duration) -> int:
    """Return a duration in milliseconds, rounded half up, as every document writes it."""
    return (duration_ns(duration) + 500_000) // 1_000_000


def seconds(duration: Duration) -> float:
    """Return a duration in seconds, rounded to 3 decimals."""
    return duration_ms(duration) / 1000


def probability(value: float) -> float:
    """Return a probability, share or quality rounded to 4 decimals.

    Seven of them that sum to 1 still do within 7 * 0.00005 < 0.001.
    """
    return round(value, 4)


def one_line(text: str) -> str:
    """Return a name or title fit to be shown: one line, no control characters."""
    shown = (" " if unicodedata.category(char) in _NEVER_SHOWN else char for char in text)
    return _SPACES.sub(" ", "".join(shown)).strip()
