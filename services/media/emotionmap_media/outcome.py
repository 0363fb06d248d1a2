"""What a cut came to, and why it copied no more than it did, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from emotionmap_media.splicing import Hindrance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

NOTES: Mapping[Hindrance, str] = MappingProxyType(
    {
        Hindrance.NO_PICTURES: "",
        Hindrance.CODEC: "its pictures are not H.264",
        Hindrance.CONTAINER: "its container does not time every picture exactly",
        Hindrance.PARAMETER_SETS: "its parameter sets are missing or there are several",
        Hindrance.PARAMETER_CHANGE: "its encoding changes on the way",
        Hindrance.PROFILE: "it has more than 8 bits a sample or a format that cannot be joined",
        Hindrance.INTERLACED: "it is interlaced",
        Hindrance.CROPPING: "its pictures are cropped in a way that cannot be joined",
        Hindrance.ENCODER: "the encoder has no such pictures",
        Hindrance.OPEN_GROUP: "pictures refer to some before their key frame",
        Hindrance.EDIT_LIST: "an edit list hides some of its pictures",
        Hindrance.DAMAGE: "some of its pictures are damaged",
        Hindrance.TIMES: "some of its pictures have no time of their own",
        Hindrance.REORDERING: "its pictures are reordered further than it says",
        Hindrance.LENGTH: "its key frames are too far apart",
    }
)
"""How the sentence of each hindrance ends; nothing could be copied where it is empty."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cut came to."""

    duration: Fraction
    """Length of the video as cut, seconds."""
    copied_share: float
    """Share of its pictures that were copied, in [0, 1]."""
    note: str
    """Why pictures were encoded that could have been copied; empty if all that could be were."""
    pieces: int


def full_note(hindrance: Hindrance) -> str:
    """Return why all of a file was encoded."""
    end = NOTES[hindrance]
    return f"The video was encoded in full: {end}." if end else ""


def partial_note(hindrances: Mapping[Hindrance, int]) -> str:
    """Return why parts of a file were encoded, told by what hindered most often."""
    if not hindrances:
        return ""
    most = max(sorted(hindrances), key=lambda one: hindrances[one])
    return f"Parts of the video were encoded: {NOTES[most]}."
