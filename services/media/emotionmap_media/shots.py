"""What a polished cut shows and plays one after another: its title card and the ranges.

Each shot begins while the one before it still plays, as long as their crossfade lasts; never more
than two play at once.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from av.video.frame import VideoFrame

from emotionmap_media.fades import RangeSound
from emotionmap_media.geometry import Orientation, to_bgr
from emotionmap_media.reading import Picture, Reading
from emotionmap_media.tracks import CLOCK_HZ, TICK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.geometry import Image
    from emotionmap_media.sound import Chunk, Samples

CROSSFADE = Fraction(1, 2)
"""Longest crossfade, seconds."""
CROSSFADE_SHARE = Fraction(1, 3)
"""Share of the shorter of two shots that their crossfade takes at most."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot.

    Attributes:
        span: What it shows of the file; None for the title card.
        start: When it begins in the output, seconds.
        length: Seconds.
        fade: How much of its beginning it shares with the one before, seconds.
    """

    span: Span | None
    start: Fraction
    length: Fraction
    fade: Fraction

    @property
    def end(self) -> Fraction:
        """When it is over in the output, seconds."""
        return self.start + self.length


def plan(spans: Sequence[Span | None], *, title_s: Fraction) -> list[Shot]:
    """Return shots for ranges; None stands for a title card that lasts `title_s`."""
    shots: list[Shot] = []
    for span in spans:
        length = title_s if span is None else span.end - span.start
        if not shots:
            shots.append(Shot(span, Fraction(0), length, Fraction(0)))
            continue
        fade = min(CROSSFADE, CROSSFADE_SHARE * min(length, shots[-1].length))
        shots.append(Shot(span, shots[-1].end - fade, length, fade))
    return shots


class Pictures:
    """Pictures of one range, by seconds from its beginning. Times must not go back.

    Args:
        media: The open file; nobody else may read it meanwhile.
        span: The range.
        size_px: Size of the pictures.
        matrix: How colours are coded in the file (`av`'s number of a colour space).
        caption: Changes a picture that is shown at a time of the file.
        budget: What bounds the work.
    """

    def __init__(
        self,
        media: Media,
        span: Span,
        *,
        size_px: tuple[int, int],
        matrix: int,
        caption: Callable[[Fraction, Image], Image],
        budget: Budget,
    ) -> None:
        self._span, self._size_px, self._matrix, self._caption = span, size_px, matrix, caption
        self._aspect = media.video.sample_aspect_ratio if media.video is not None else None
        reading = Reading(media, pictures=span, sound=None, budget=budget)
        self._coming = (event for event in reading.events() if isinstance(event, Picture))
        self._next = next(self._coming, None)
        self._shown: VideoFrame | None = None
        self._image = np.zeros((size_px[1], size_px[0], 3), np.uint8)

    def at(self, time_s: float) -> Image:
        """Return what is on screen: uint8 [H, W, 3], RGB; black before the first picture."""
        time = self._span.start + Fraction(round(time_s * CLOCK_HZ), CLOCK_HZ)
        while self._next is not None and self._next.time <= time + TICK:
            self._shown = self._next.frame
            self._next = next(self._coming, None)
        if self._shown is not None:
            self._image, self._shown = self._to_rgb(self._shown), None
        return self._caption(time, self._image)

    def _to_rgb(self, frame: VideoFrame) -> Image:
        width, height = self._size_px
        aspect = self._aspect or Fraction(1)
        if not Orientation.of(frame).is_upright or aspect != 1:
            frame = VideoFrame.from_ndarray(to_bgr(frame, pixel_aspect=aspect), format="bgr24")
        rgb: Any = frame.reformat(
            width=width, height=height, format="rgb24", src_colorspace=self._matrix
        ).to_ndarray()
        image: Image = rgb  # uint8, as asked for
        return image


class ShotSound:
    """Sound of one shot, exactly as long as it is.

    Args:
        chunks: Sound of its range; none for silence.
        first: Index of the range's first sample.
        length: Samples.
        channels: 1 or 2.
    """

    def __init__(self, chunks: Iterator[Chunk], *, first: int, length: int, channels: int) -> None:
        self._pieces = _exact(chunks, RangeSound(length, fade=0, channels=channels), first)
        self._rest = np.zeros((0, channels), np.int16)

    def read(self, count: int) -> Samples:
        """Return the next samples, int16 [T, C]; fewer only at the end."""
        parts, have = [self._rest], len(self._rest)
        while have < count and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            have += len(piece)
        joined = np.concatenate(parts)
        self._rest = joined[count:]
        return joined[:count]


def _exact(chunks: Iterator[Chunk], sound: RangeSound, first: int) -> Iterator[Samples]:
    for chunk in chunks:
        yield from sound.add(chunk.index - first, chunk.samples)
    yield from sound.finish()


def mixed(before: Samples, after: Samples, *, done: int, total: int) -> Samples:
    """Return sound that turns from one into another, equally loud throughout.

    Args:
        before: int16 [T, C].
        after: The same.
        done: Samples of the crossfade before these.
        total: Samples of the crossfade.
    """
    angle = (np.arange(done, done + len(before)) + 0.5)[:, None] * (np.pi / 2 / total)
    both = before * np.cos(angle) + after * np.sin(angle)
    faded: Samples = np.clip(np.rint(both), -32768, 32767).astype(np.int16)
    return faded


def active(shots: Sequence[Shot], time: Fraction) -> int:
    """Return the number of the latest shot that has begun at a time."""
    return max(0, bisect_right(shots, time, key=lambda shot: shot.start) - 1)
