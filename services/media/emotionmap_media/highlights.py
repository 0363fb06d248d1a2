"""Cuts ranges of a file into one MP4, every cut exact.

Pictures are copied where that gives what encoding would, and encoded at the edges of ranges; where
nothing can be copied, all are encoded. Sound is always encoded, as one track.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from emotionmap_media.container import open_media
from emotionmap_media.decode import past_end
from emotionmap_media.groups import GroupReading, Run
from emotionmap_media.landing import Span
from emotionmap_media.montage import Montage, Shape
from emotionmap_media.probe import describe
from emotionmap_media.reading import Picture, Reading, Sound
from emotionmap_media.sound import SoundClock, SoundSource
from emotionmap_media.splicing import Splice, Unsuitable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.probe import Description
    from emotionmap_media.sound import Chunk
    from emotionmap_media.splicing import Hindrance
    from emotionmap_media.streams import Limits

CHUNK_BYTES = 512 * 1024
PROGRESS_STEP = 0.01

log = logging.getLogger(__name__)


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
        cut = _Cut(path, description, wanted, target, limits, budget)
        yield from _risen(cut.run())
        yield Progress(1.0)
        with target.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                yield FileChunk(data)


def _risen(shares: Iterator[float]) -> Iterator[Progress]:
    """Yield progress in steps; never less than before, even where the work started anew."""
    told = -PROGRESS_STEP
    for share in shares:
        if share >= told + PROGRESS_STEP:
            told = share
            yield Progress(min(1.0, share))


@dataclass(frozen=True, slots=True)
class _Cut:
    """One file that is cut; work is counted in shares of the ranges' length."""

    path: Path
    description: Description
    ranges: Sequence[Span]
    target: Path
    limits: Limits
    budget: Budget

    def run(self) -> Iterator[float]:
        """Write the output, copying if possible; yield the share done."""
        yield 0.0
        with open_media(self.path, limits=self.limits) as media:
            try:
                yield from self._spliced(media, Splice.of(media, threads=self._threads))
            except Unsuitable as reason:
                log.info("pictures are encoded in full", extra={"reason": reason.hindrance.value})
                yield from self._encoded(media)

    def _spliced(self, media: Media, splice: Splice) -> Iterator[float]:
        shape = Shape.of(media, self.description)
        hindrances: Counter[Hindrance] = Counter()
        with (
            open_media(self.path, limits=self.limits) as heard,
            Montage(self.target, media, shape, threads=self._threads, splice=splice) as montage,
        ):
            for done, span in self._counted():
                montage.begin(span)
                sound = _SoundFeed(heard, shape, span, montage, self.budget)
                reading = GroupReading(media, span, splice, self.budget)
                for event in reading.events():
                    reached = _add(montage, event)
                    sound.feed(reached)
                    yield self._share(done, span, reached)
                sound.feed(None)
                montage.end()
                hindrances += reading.hindrances
        _tell(montage, hindrances)

    def _encoded(self, media: Media) -> Iterator[float]:
        shape = Shape.of(media, self.description)
        with Montage(self.target, media, shape, threads=self._threads) as montage:
            for done, span in self._counted():
                for reached in _encode_one(media, shape, span, montage, self.budget):
                    yield self._share(done, span, reached)

    def _counted(self) -> Iterator[tuple[Fraction, Span]]:
        """Yield each range, and how many seconds were done before it."""
        done = Fraction(0)
        for span in self.ranges:
            yield done, span
            done += span.end - span.start

    def _share(self, done: Fraction, span: Span, reached: Fraction) -> float:
        total = sum(span.end - span.start for span in self.ranges)
        within = min(max(reached, span.start), span.end) - span.start
        return float((done + within) / total)

    @property
    def _threads(self) -> int:
        return self.limits.decode_threads


class _SoundFeed:
    """Gives a montage the sound of a range, as far as its pictures have come.

    Read apart from the pictures: those may be read twice where a seek was too late.
    """

    def __init__(
        self, media: Media, shape: Shape, span: Span, montage: Montage, budget: Budget
    ) -> None:
        self._montage = montage
        self._chunks: Iterator[Chunk] = iter(())
        clock = _clock(media, shape, span)
        if clock is not None:
            reading = Reading(media, pictures=None, sound=span, budget=budget)
            self._chunks = _chunks(reading, clock)
        self._rate_hz = shape.sound_rate_hz
        self._next: Chunk | None = next(self._chunks, None)

    def feed(self, until: Fraction | None) -> None:
        """Add sound up to a time on the media clock; None adds all that is left."""
        while self._next is not None:
            if until is not None and Fraction(self._next.index, self._rate_hz) > until:
                return
            self._montage.add_sound(self._next)
            self._next = next(self._chunks, None)


def _chunks(reading: Reading, clock: SoundClock) -> Iterator[Chunk]:
    for event in reading.events():
        if isinstance(event, Sound):
            yield from clock.add(event)
    yield from clock.finish()


def _add(montage: Montage, event: Picture | Run) -> Fraction:
    """Add pictures; return how far they have come."""
    if isinstance(event, Run):
        montage.add_run(event)
        return event.last
    montage.add_picture(event)
    return event.time


def _tell(montage: Montage, hindrances: Counter[Hindrance]) -> None:
    log.info(
        "pictures copied",
        extra={
            "copied": montage.copied,
            "encoded": montage.encoded,
            "hindrances": {one.value: count for one, count in sorted(hindrances.items())},
        },
    )


def _encode_one(
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
            yield event.time
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
