"""Puts sampled frames together that travel as one message: each message costs a millisecond.

Pure: knows times and sizes, not where frames come from or go to.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from emotionmap_media.decode import GrayFrame, SoundChunk, Summary

if TYPE_CHECKING:
    from collections.abc import Generator

    from emotionmap_media.decode import Piece

MAX_FRAMES = 8
"""Half a second at the default of 15 a second; 1.8 MB of 640 x 360."""
MAX_BYTES = 3 * 1024 * 1024
"""As `FrameBatch` has it, so that a message stays below the 4 MiB that gRPC takes."""
MAX_LENGTH = Fraction(1, 2)
"""From the first frame to the last, seconds: how much later a result may come for company."""


@dataclass(frozen=True, slots=True)
class FrameGroup:
    """Frames in time order, at least one."""

    frames: tuple[GrayFrame, ...]


Parcel: TypeAlias = FrameGroup | SoundChunk | Summary


def together(pieces: Generator[Piece, None, None]) -> Generator[Parcel, None, None]:
    """Yield the pieces of a segment, frames together; closes `pieces` when it is closed.

    Sound goes ahead of frames that wait. Frames of a segment that fails may be lost: they are
    decoded again with it.
    """
    waiting: list[GrayFrame] = []
    try:
        for piece in pieces:
            if waiting and not _has_room(waiting, piece):
                yield FrameGroup(tuple(waiting))
                waiting.clear()
            if isinstance(piece, GrayFrame):
                waiting.append(piece)
            else:
                yield piece
    finally:
        pieces.close()


def _has_room(waiting: list[GrayFrame], piece: Piece) -> bool:
    """Tell whether frames that wait may wait on, now that a piece comes."""
    if isinstance(piece, Summary):
        return False
    if piece.time - waiting[0].time >= MAX_LENGTH:
        return False
    if isinstance(piece, SoundChunk):
        return True
    size = sum(len(frame.gray) for frame in waiting) + len(piece.gray)
    return len(waiting) < MAX_FRAMES and size <= MAX_BYTES
