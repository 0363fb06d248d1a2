"""Looks at a file, complete or not, and plans its segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.index import AHEAD_S, describe_growing, segment_end_bytes
from emotionmap_media.plan import NOTHING, plan_segments, plan_surely
from emotionmap_media.probe import describe

if TYPE_CHECKING:
    from fractions import Fraction

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.objects import Source
    from emotionmap_media.plan import SoFar
    from emotionmap_media.probe import Description
    from emotionmap_media.streams import Limits


@dataclass(frozen=True, slots=True)
class PlanWish:
    """How a file is to be planned; lengths in seconds."""

    interval: Fraction
    segment: Fraction | None
    audio_margin: Fraction
    so_far: SoFar | None
    """What was planned before; None if the plan must not grow."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a file is and how to work through it."""

    found: Description
    spans: list[Span]
    end_bytes: list[int]
    """How many bytes each span is likely to need; empty of a complete file."""
    grows: bool
    """Whether these are not the only spans of the file."""


def look_ahead(source: Source, wish: PlanWish, *, limits: Limits, budget: Budget) -> Prospect:
    """Describe a file and plan its segments.

    Raises:
        ServiceError: As in the comment of ProbeMedia.
    """
    if not isinstance(source, GrowingMedia):
        found = describe(source, limits=limits, budget=budget)
        spans = _rest(found, wish)
        return Prospect(found, spans, [], grows=wish.so_far not in (None, NOTHING))
    found, reaches = describe_growing(source, limits=limits, budget=budget, so_far=wish.so_far)
    spans = _sure(found, wish) if found.is_open_ended else _rest(found, wish)
    ends = segment_end_bytes(spans, reaches, audio_margin=wish.audio_margin)
    return Prospect(found, spans, ends, grows=found.is_open_ended)


def _rest(found: Description, wish: PlanWish) -> list[Span]:
    """Return all spans that are not planned yet."""
    so_far = wish.so_far or NOTHING
    if so_far.end >= found.duration:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_UNREADABLE,
            "The file is shorter than its beginning said.",
        )
    return plan_segments(
        found.duration,
        interval=wish.interval,
        segment=wish.segment,
        key_frames=found.key_frames,
        so_far=so_far,
    )


def _sure(found: Description, wish: PlanWish) -> list[Span]:
    """Return the next spans of which all is there."""
    spans = plan_surely(
        found.duration,
        interval=wish.interval,
        segment=wish.segment,
        key_frames=found.key_frames,
        so_far=wish.so_far or NOTHING,
    )
    latest = found.duration - wish.audio_margin - AHEAD_S
    return [span for span in spans if span.end <= latest]
