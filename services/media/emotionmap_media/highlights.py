"""Cuts ranges of a file into one MP4: re-encoded, so that every cut is exact."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from emotionmap_media.container import open_media
from emotionmap_media.decode import past_end
from emotionmap_media.landing import Span
from emotionmap_media.montage import Montage, Shape
from emotionmap_media.probe import describe
from emotionmap_media.reading import Picture, Reading, Sound
from emotionmap_media.sound import SoundClock, SoundSource

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.probe import Description
    from emotionmap_media.streams import Limits

CHUNK_BYTES = 512 * 1024
PROGRESS_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Progress:
    """Share of the work done, in [0, 1]."""

    share: float


@dataclass(frozen=True, slots=True)
class FileChunk:
    """Next bytes of the finished file."""

    data: bytes


Output: TypeAlias = Progress | FileChunk


def cut_highlights(
    path: Path, ranges: Sequence[Span], *, limits: Limits, budget: Budget
) -> Generator[Output, None, None]:
    """Yield progress while ranges are cut into an MP4, then its bytes.

    Args:
        path: The media file.
        ranges: In playing order, non-empty, not overlapping, seconds from time zero. What of them
            lies behind the end is left out.
        limits: What is read at most.
        budget: What bounds the work.

    Raises:
        ServiceError: As in the comment of CutHighlights.
    """
    description = describe(path, limits=limits, budget=budget)
    if any(span.start >= description.duration for span in ranges):
        raise past_end()
    wanted = [Span(span.start, min(span.end, description.duration)) for span in ranges]
    with tempfile.TemporaryDirectory(prefix="emotionmap-") as folder:
        target = Path(folder, "highlights.mp4")
        with open_media(path, limits=limits) as media:
            yield from _cut(media, description, wanted, target, limits, budget)
        yield Progress(1.0)
        with target.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                yield FileChunk(data)


def _cut(
    media: Media,
    description: Description,
    ranges: Sequence[Span],
    target: Path,
    limits: Limits,
    budget: Budget,
) -> Iterator[Progress]:
    total = sum(span.end - span.start for span in ranges)
    shape = Shape.of(media, description)
    told, done = -PROGRESS_STEP, Fraction(0)
    with Montage(target, shape, threads=limits.decode_threads) as montage:
        for span in ranges:
            for reached in _cut_one(media, shape, span, montage, budget):
                share = float((done + min(reached, span.end) - span.start) / total)
                if share >= told + PROGRESS_STEP:
                    told = share
                    yield Progress(min(1.0, share))
            done += span.end - span.start


def _cut_one(
    media: Media, shape: Shape, span: Span, montage: Montage, budget: Budget
) -> Iterator[Fraction]:
    """Add one range; yield how far on the media clock it has come."""
    reading = Reading(
        media,
        pictures=span if shape.size_px else None,
        sound=span if shape.sound_rate_hz else None,
        budget=budget,
    )
    clock = _clock(media, shape, span)
    montage.begin(span)
    yield span.start
    for event in reading.events():
        if isinstance(event, Picture):
            montage.add_picture(event)
            yield max(span.start, event.time)
        elif isinstance(event, Sound) and clock is not None:
            for chunk in clock.add(event):
                montage.add_sound(chunk)
    if clock is not None:
        for chunk in clock.finish():
            montage.add_sound(chunk)
    montage.end()


def _clock(media: Media, shape: Shape, span: Span) -> SoundClock | None:
    if media.audio is None or not shape.sound_rate_hz:
        return None
    return SoundClock(
        span,
        SoundSource.of(media, media.audio),
        rate_hz=shape.sound_rate_hz,
        channels=shape.channels,
        chunk_samples=shape.sound_rate_hz // 2,
    )
