"""Cuts ranges of a file into one MP4, copying pictures where that gives what encoding would.

Pictures are encoded at the edges of ranges; where nothing can be copied, all are encoded. Sound is
always encoded, as one track.
"""

from __future__ import annotations

import logging
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from emotionmap_media.container import open_media
from emotionmap_media.groups import GroupReading, Run
from emotionmap_media.montage import Montage, Shape
from emotionmap_media.outcome import Outcome, full_note, partial_note
from emotionmap_media.range_sound import range_sound, sound_clock
from emotionmap_media.reading import Picture, Reading, Sound
from emotionmap_media.splicing import Splice, Unsuitable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.job import CutJob
    from emotionmap_media.sound import Chunk
    from emotionmap_media.splicing import Hindrance

log = logging.getLogger(__name__)


class FastCut:
    """One file that is cut; work is counted in shares of the ranges' length.

    Args:
        job: What is cut.
    """

    def __init__(self, job: CutJob) -> None:
        self._job = job
        # Once: with hundreds of ranges a sum for every picture costs more than the cut.
        self._length = sum((span.end - span.start for span in job.ranges), Fraction(0))

    def run(self) -> Generator[float, None, Outcome]:
        """Write the output, copying if possible; yield the share done."""
        yield 0.0
        with open_media(self._job.path, limits=self._job.limits) as media:
            try:
                splice = Splice.of(media, threads=self._threads)
                return (yield from self._spliced(media, splice))
            except Unsuitable as reason:
                log.info("pictures are encoded in full", extra={"reason": reason.hindrance.value})
                return (yield from self._encoded(media, full_note(reason.hindrance)))

    def _spliced(self, media: Media, splice: Splice) -> Generator[float, None, Outcome]:
        shape = Shape.of(media, self._job.description)
        hindrances: Counter[Hindrance] = Counter()
        with (
            open_media(self._job.path, limits=self._job.limits) as heard,
            Montage(
                self._job.target, media, shape, threads=self._threads, splice=splice
            ) as montage,
        ):
            for done, span in self._counted():
                montage.begin(span)
                sound = _SoundFeed(heard, shape, span, montage, self._job.budget)
                reading = GroupReading(media, span, splice, self._job.budget)
                for event in reading.events():
                    reached = _add(montage, event)
                    sound.feed(reached)
                    yield self._share(done, span, reached)
                sound.feed(None)
                montage.end()
                hindrances += reading.hindrances
        _tell(montage, hindrances)
        return self._outcome(montage, partial_note(hindrances))

    def _encoded(self, media: Media, note: str) -> Generator[float, None, Outcome]:
        shape = Shape.of(media, self._job.description)
        with Montage(self._job.target, media, shape, threads=self._threads) as montage:
            for done, span in self._counted():
                for reached in _encode_one(media, shape, span, montage, self._job.budget):
                    yield self._share(done, span, reached)
        return self._outcome(montage, note)

    def _outcome(self, montage: Montage, note: str) -> Outcome:
        pictures = montage.copied + montage.encoded
        share = montage.copied / pictures if pictures else 0.0
        return Outcome(montage.length, share, note, len(self._job.ranges))

    def _counted(self) -> Iterator[tuple[Fraction, Span]]:
        """Yield each range, and how many seconds were done before it."""
        done = Fraction(0)
        for span in self._job.ranges:
            yield done, span
            done += span.end - span.start

    def _share(self, done: Fraction, span: Span, reached: Fraction) -> float:
        within = min(max(reached, span.start), span.end) - span.start
        return float((done + within) / self._length)

    @property
    def _threads(self) -> int:
        return self._job.limits.decode_threads


class _SoundFeed:
    """Gives a montage the sound of a range, as far as its pictures have come.

    Read apart from the pictures: those may be read twice where a seek was too late.
    """

    def __init__(
        self, media: Media, shape: Shape, span: Span, montage: Montage, budget: Budget
    ) -> None:
        self._montage = montage
        self._chunks = range_sound(media, shape, span, budget)
        self._rate_hz = shape.sound_rate_hz
        self._next: Chunk | None = next(self._chunks, None)

    def feed(self, until: Fraction | None) -> None:
        """Add sound up to a time on the media clock; None adds all that is left."""
        while self._next is not None:
            if until is not None and Fraction(self._next.index, self._rate_hz) > until:
                return
            self._montage.add_sound(self._next)
            self._next = next(self._chunks, None)


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
    clock = sound_clock(media, shape, span)
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
