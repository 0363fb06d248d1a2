"""Lays pieces of a video end to end, in whole frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from emotionmap_gateway.documents.edit_lists.frames import FrameClock, clock_of
from emotionmap_gateway.documents.words import emotion_word, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emotionmap.v1 import timeline_pb2

    from emotionmap_gateway.documents.pieces import Moment, Piece


@dataclass(frozen=True, slots=True)
class Mark:
    """One emotion within a clip; frames of the video, half-open."""

    start: int
    end: int
    emotion: int
    confidence: float

    @property
    def text(self) -> str:
        """What an editor shows: "Happy 81%"."""
        return f"{emotion_word(self.emotion)} {self.confidence:.0%}"


@dataclass(frozen=True, slots=True)
class Clip:
    """One piece of the video in the programme; frames, half-open.

    Args:
        at: Where the programme has it.
        start: Where the video has it.
        end: Where the video goes on without it.
        marks: What can be seen or heard in it, by time.
    """

    at: int
    start: int
    end: int
    marks: tuple[Mark, ...]

    @property
    def length(self) -> int:
        """Frames that it plays."""
        return self.end - self.start

    @property
    def name(self) -> str:
        """What an editor calls it: its surest mark."""
        return max(self.marks, key=lambda mark: mark.confidence).text if self.marks else "Piece"


@dataclass(frozen=True, slots=True)
class Programme:
    """Everything that an edit list tells."""

    title: str
    notice: str
    media: timeline_pb2.MediaInfo
    clock: FrameClock
    clips: Sequence[Clip]

    @property
    def length(self) -> int:
        """Frames that it plays."""
        return sum(clip.length for clip in self.clips)

    @property
    def media_url(self) -> str:
        """Where the video is expected: beside the document, under the name it was uploaded as."""
        return f"./{quote(self.title)}"


def programme_of(timeline: timeline_pb2.Timeline, pieces: Sequence[Piece]) -> Programme:
    """Return the programme that plays pieces of a video one after the other."""
    clock = clock_of(timeline.media)
    return Programme(
        title=one_line(timeline.title),
        notice=one_line(timeline.notice),
        media=timeline.media,
        clock=clock,
        clips=list(_clips(pieces, clock)),
    )


def _clips(pieces: Sequence[Piece], clock: FrameClock) -> Iterator[Clip]:
    at = 0
    for piece in pieces:
        start, end = clock.frames(piece.start_ns), clock.frames(piece.end_ns)
        if start < end:  # in a piece shorter than a frame none may begin
            yield Clip(at, start, end, tuple(_marks(piece.moments, clock, end)))
            at += end - start


def _marks(moments: Sequence[Moment], clock: FrameClock, clip_end: int) -> Iterator[Mark]:
    for moment in moments:
        start, end = clock.frames(moment.start_ns), clock.frames(moment.end_ns)
        if start < min(end, clip_end):
            yield Mark(start, min(end, clip_end), moment.emotion, moment.confidence)
