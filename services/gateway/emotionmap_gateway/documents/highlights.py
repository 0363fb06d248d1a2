"""Checks a wish for a highlights video, and turns it into what the media service is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, media_service_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.pieces import (
    NOBODY_MERGED,
    by_strength,
    pieces_of,
    strongest_within,
)
from emotionmap_gateway.documents.selection import (
    Selection,
    invalid,
    selection_of_words,
    to_selection,
)
from emotionmap_gateway.documents.words import NS_PER_S, duration_ns, emotion_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.documents.pieces import Moment, Piece

MAX_LENGTH_S = (1, 24 * 3600)
"""Least and greatest limit to the length of a highlights video."""
MAX_RANGES = 10_000
"""Limit of `CutHighlightsRequest.ranges`."""
MAX_TITLE_CHARS = 200

ORDER_WORDS: Mapping[pb.HighlightsOrder, str] = MappingProxyType(
    {pb.HIGHLIGHTS_ORDER_TIME: "time", pb.HIGHLIGHTS_ORDER_STRENGTH: "strength"}
)
STYLE_WORDS: Mapping[media_service_pb2.HighlightsStyle, str] = MappingProxyType(
    {
        media_service_pb2.HIGHLIGHTS_STYLE_FAST: "fast",
        media_service_pb2.HIGHLIGHTS_STYLE_POLISHED: "polished",
    }
)
"""Of each, the default comes first."""

COLORS_RGB: Mapping[int, int] = MappingProxyType(
    {
        emotion_pb2.EMOTION_ANGER: 0xE8561F,
        emotion_pb2.EMOTION_DISGUST: 0x09A375,
        emotion_pb2.EMOTION_FEAR: 0xBD95FF,
        emotion_pb2.EMOTION_HAPPY: 0xFFD23F,
        emotion_pb2.EMOTION_SADNESS: 0x4378E8,
        emotion_pb2.EMOTION_SURPRISE: 0x89F2FF,
        emotion_pb2.EMOTION_NEUTRAL: 0xAAB2C0,
        emotion_pb2.EMOTION_UNSPECIFIED: 0x606877,
    }
)
"""The page's colours on dark ground (web/src/model/emotions.ts)."""


@dataclass(frozen=True, slots=True)
class HighlightsWish:
    """Checked: what a highlights video shall be."""

    selection: Selection
    order: pb.HighlightsOrder = pb.HIGHLIGHTS_ORDER_TIME
    max_length_ns: int | None = None
    style: media_service_pb2.HighlightsStyle = media_service_pb2.HIGHLIGHTS_STYLE_FAST

    def to_message(self) -> pb.CreateHighlightsRequest:
        """Return it in one form, whatever the one it was asked for in."""
        message = pb.CreateHighlightsRequest(
            selection=self.selection.to_message(), order=self.order, style=self.style
        )
        if self.max_length_ns is not None:
            message.max_length.FromNanoseconds(self.max_length_ns)
        return message


def to_wish(request: pb.CreateHighlightsRequest) -> HighlightsWish:
    """Check what is asked for, defaults filled in.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming the key.
    """
    order = request.order or next(iter(ORDER_WORDS))
    style = request.style or next(iter(STYLE_WORDS))
    if order not in ORDER_WORDS:
        raise invalid("order", f"order must be {' or '.join(ORDER_WORDS.values())}.")
    if style not in STYLE_WORDS:
        raise invalid("style", f"style must be {' or '.join(STYLE_WORDS.values())}.")
    max_length_ns = duration_ns(request.max_length) if request.HasField("max_length") else None
    low_s, high_s = MAX_LENGTH_S
    if max_length_ns is not None and not low_s * NS_PER_S <= max_length_ns <= high_s * NS_PER_S:
        raise invalid("max_length", f"max_length must be from {low_s} to {high_s} s.")
    return HighlightsWish(to_selection(request.selection), order, max_length_ns, style)


def highlights_from_json(document: Mapping[str, Any]) -> pb.CreateHighlightsRequest:
    """Return what the fields of `HighlightsWish` ask for; all are there, of their types.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming the key.
    """
    selection = selection_of_words(
        emotions=document["emotions"],
        min_confidence=document["min_confidence"],
        people=document["people"],
        lead_in_s=document["lead_in"],
        lead_out_s=document["lead_out"],
        shortest_s=document["shortest"],
    )
    request = pb.CreateHighlightsRequest(
        selection=selection.to_message(),
        order=next(order for order, word in ORDER_WORDS.items() if word == document["order"]),
        style=next(style for style, word in STYLE_WORDS.items() if word == document["style"]),
    )
    if document["max_length"] is not None:
        request.max_length.FromNanoseconds(round(document["max_length"] * NS_PER_S))
    return request


def cut_request(
    media_key: str,
    timeline: timeline_pb2.Timeline,
    wish: HighlightsWish,
    *,
    merged: Mapping[str, str] = NOBODY_MERGED,
) -> media_service_pb2.CutHighlightsRequest:
    """Return what the media service is asked for.

    Args:
        media_key: Where the video lies.
        timeline: Its finished timeline.
        wish: What the highlights shall be.
        merged: As for `pieces_of`.

    Raises:
        ServiceError: FAILED_PRECONDITION `HIGHLIGHTS_EMPTY`; INVALID_ARGUMENT `OPTIONS_INVALID`.
    """
    pieces = strongest_within(
        pieces_of(timeline, wish.selection, merged=merged), wish.max_length_ns
    )
    if not pieces:
        raise ServiceError(
            grpc.StatusCode.FAILED_PRECONDITION,
            reasons.HIGHLIGHTS_EMPTY,
            "No moment of the video matches.",
        )
    if len(pieces) > MAX_RANGES:
        raise invalid("min_confidence", f"More than {MAX_RANGES} moments match; ask for fewer.")
    playing = by_strength(pieces) if wish.order == pb.HIGHLIGHTS_ORDER_STRENGTH else pieces
    request = media_service_pb2.CutHighlightsRequest(
        media_key=media_key,
        ranges=[_range(piece.start_ns, piece.end_ns) for piece in playing],
        style=wish.style,
    )
    if wish.style == media_service_pb2.HIGHLIGHTS_STYLE_POLISHED:
        request.title = timeline.title[:MAX_TITLE_CHARS]
        request.captions.extend(_captions(pieces))
    return request


def _captions(pieces: Sequence[Piece]) -> list[media_service_pb2.CutCaption]:
    """Return what is written over the pieces, by time."""
    moments = chain.from_iterable(piece.moments for piece in pieces)
    return [_caption(moment) for moment in moments]


def _caption(moment: Moment) -> media_service_pb2.CutCaption:
    return media_service_pb2.CutCaption(
        range=_range(moment.start_ns, moment.end_ns),
        text=f"{emotion_word(moment.emotion)} {moment.confidence:.0%}",
        color_rgb=COLORS_RGB.get(moment.emotion, COLORS_RGB[emotion_pb2.EMOTION_UNSPECIFIED]),
    )


def _range(start_ns: int, end_ns: int) -> emotion_pb2.TimeRange:
    time_range = emotion_pb2.TimeRange()
    time_range.start_offset.FromNanoseconds(start_ns)
    time_range.end_offset.FromNanoseconds(end_ns)
    return time_range
