"""Colours of markers. Editors have few; neighbours on the page are as far apart here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from emotionmap.v1 import emotion_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

OTIO_COLORS: Mapping[int, str] = MappingProxyType(
    {
        emotion_pb2.EMOTION_ANGER: "RED",
        emotion_pb2.EMOTION_DISGUST: "GREEN",
        emotion_pb2.EMOTION_FEAR: "PURPLE",
        emotion_pb2.EMOTION_HAPPY: "YELLOW",
        emotion_pb2.EMOTION_SADNESS: "BLUE",
        emotion_pb2.EMOTION_SURPRISE: "CYAN",
        emotion_pb2.EMOTION_NEUTRAL: "WHITE",
        emotion_pb2.EMOTION_UNSPECIFIED: "BLACK",
    }
)
"""Of those that `Marker.2` names."""

EDL_COLORS: Mapping[int, str] = MappingProxyType(
    dict(OTIO_COLORS) | {emotion_pb2.EMOTION_FEAR: "MAGENTA"}
)
"""Of the eight that locators in edit decision lists have."""
