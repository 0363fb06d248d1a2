"""Cuts ranges of a file into one MP4 with a title card, crossfades and captions.

Everything is encoded, picture by picture: at most two shots are read at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

from emotionmap_media import lettering
from emotionmap_media.container import open_media
from emotionmap_media.fast_cut import FastCut
from emotionmap_media.montage import Shape
from emotionmap_media.outcome import Outcome
from emotionmap_media.polished_file import PolishedFile
from emotionmap_media.range_sound import range_sound
from emotionmap_media.shots import Pictures, ShotSound, active, mixed, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.geometry import Image
    from emotionmap_media.job import CutJob
    from emotionmap_media.shots import Shot
    from emotionmap_media.sound import Samples

TITLE_S = Fraction(5, 2)
MAX_SIZE_PX = (1920, 1080)
"""Largest picture: drawing and encoding cost by the pixel."""
FRAME_RATES = (Fraction(20), Fraction(60))
"""Slower files get a multiple of their rate, so that crossfades are smooth and captions in time."""
SOUND_BLOCKS_PER_S = 20
NOTHING_TO_POLISH = "Without pictures there is nothing to polish, so it was cut fast."


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written over a stretch of the file."""

    span: Span
    text: str
    color_rgb: int
    """Of its mark, 0xRRGGBB."""


@dataclass(frozen=True, slots=True)
class Polish:
    """What a polished cut has more than a fast one."""

    title: str
    """Of the title card; without one there is none."""
    captions: tuple[Caption, ...]
    """By time, not overlapping."""


class PolishedCut:
    """One file that is cut; work is counted in shares of the output's pictures.

    Args:
        job: What is cut.
        polish: What is added.
    """

    def __init__(self, job: CutJob, polish: Polish) -> None:
        self._job, self._polish = job, polish

    def run(self) -> Generator[float, None, Outcome]:
        """Write the output; yield the share done.

        Raises:
            ServiceError: UNIMPLEMENTED `POLISHED_UNAVAILABLE`.
        """
        pen = lettering.load()
        if not self._job.description.has_video:
            outcome = yield from FastCut(self._job).run()
            return replace(outcome, note=NOTHING_TO_POLISH)
        yield 0.0
        title = [None] if pen.writable(self._polish.title) else []
        spans: list[Span | None] = [*title, *self._job.ranges]
        shots = plan(spans, title_s=TITLE_S)
        with ExitStack() as stack:
            # Two that play at once are read from two openings of the file.
            opened = [
                stack.enter_context(open_media(self._job.path, limits=self._job.limits))
                for _ in range(4)
            ]
            shape = _bounded(Shape.of(opened[0], self._job.description))
            stage = _Stage(self._job, self._polish, shots, shape, pen)
            threads = self._job.limits.decode_threads
            matrix = stage.matrix(opened[0])
            file = PolishedFile(self._job.target, shape, matrix=matrix, threads=threads)
            with file:
                sound = stage.sound(opened[2:])
                for time, image in stage.pictures(opened[:2], matrix):
                    self._job.budget.check()
                    file.add_picture(image)
                    while file.sound_end < time and (block := next(sound, None)) is not None:
                        file.add_sound(block)
                    yield float(time / shots[-1].end)
                for block in sound:
                    file.add_sound(block)
        return Outcome(shots[-1].end, 0.0, "", len(self._job.ranges))


class _Stage:
    """Gives pictures and sound of the output in order."""

    def __init__(
        self,
        job: CutJob,
        polish: Polish,
        shots: Sequence[Shot],
        shape: Shape,
        pen: lettering.Pen,
    ) -> None:
        assert shape.size_px is not None
        self._job, self._shots, self._shape, self._pen = job, shots, shape, pen
        self._size_px, self._polish = shape.size_px, polish
        self._starts = [caption.span.start for caption in polish.captions]
        self._plate = lru_cache(maxsize=64)(self._drawn)

    def matrix(self, media: Media) -> int:
        """Return how colours are coded in the file, and so in the output."""
        assert media.video is not None
        coded = int(media.video.codec_context.colorspace)
        return coded if coded in (1, 5, 6) else 5  # ITU-R BT.709, or BT.601 as FFmpeg takes it

    def pictures(self, media: Sequence[Media], matrix: int) -> Iterator[tuple[Fraction, Image]]:
        """Yield every picture of the output and when it is shown."""
        shown: dict[int, Callable[[float], Image]] = {}
        fades: dict[int, Callable[[float], Image]] = {}
        for number in range(ceil(self._shots[-1].end * self._shape.frame_rate)):
            time = number / self._shape.frame_rate
            current = active(self._shots, time)
            shot = self._shots[current]
            for index in [old for old in shown if old < current - 1]:
                del shown[index]
            if current not in shown:
                shown[current] = self._opened(media[current % 2], shot, matrix)
            if time >= shot.start + shot.fade:
                fades.clear()
                yield time, shown[current](float(time - shot.start))
                continue
            if current not in fades:
                fades[current] = self._faded(shown, current)
            yield time, fades[current](float(time - shot.start))

    def sound(self, media: Sequence[Media]) -> Iterator[Samples]:
        """Yield the output's sound, a stretch at a time; nothing if it has none."""
        rate = self._shape.sound_rate_hz
        if not rate:
            return
        before: ShotSound | None = None
        written = 0
        for number, shot in enumerate(self._shots):
            heard = self._heard(media[number % 2], shot)
            fade_end = round((shot.start + shot.fade) * rate)
            follows = self._shots[number + 1 : number + 2]
            end = round((follows[0].start if follows else shot.end) * rate)
            total = fade_end - written
            for count, done in _blocks(total, rate // SOUND_BLOCKS_PER_S):
                assert before is not None
                yield mixed(before.read(count), heard.read(count), done=done, total=total)
            for count, _ in _blocks(end - fade_end, rate // SOUND_BLOCKS_PER_S):
                yield heard.read(count)
            before, written = heard, end

    def _opened(self, media: Media, shot: Shot, matrix: int) -> Callable[[float], Image]:
        if shot.span is None:
            card = lettering.draw_title(self._pen, self._polish.title, self._size_px)
            return lambda _: card
        return Pictures(
            media,
            shot.span,
            size_px=self._size_px,
            matrix=matrix,
            caption=self._captioned,
            budget=self._job.budget,
        ).at

    def _faded(
        self, shown: dict[int, Callable[[float], Image]], current: int
    ) -> Callable[[float], Image]:
        shot, before = self._shots[current], self._shots[current - 1]
        ahead_s, first = float(shot.start - before.start), shown[current - 1]
        return lettering.crossfade(
            self._pen, lambda time_s: first(ahead_s + time_s), shown[current], float(shot.fade)
        )

    def _captioned(self, time: Fraction, image: Image) -> Image:
        number = bisect_right(self._starts, time) - 1
        if number < 0 or time >= self._polish.captions[number].span.end:
            return image
        caption = self._polish.captions[number]
        return self._plate(caption.text, caption.color_rgb).stamp(image)

    def _drawn(self, text: str, color_rgb: int) -> lettering.Plate:
        return lettering.draw_caption(self._pen, text, color_rgb, self._size_px)

    def _heard(self, media: Media, shot: Shot) -> ShotSound:
        rate, channels = self._shape.sound_rate_hz, self._shape.channels
        length = round(shot.end * rate) - round(shot.start * rate)
        if shot.span is None:
            return ShotSound(iter(()), first=0, length=length, channels=channels)
        chunks = range_sound(media, self._shape, shot.span, self._job.budget)
        first = ceil(shot.span.start * rate)
        return ShotSound(chunks, first=first, length=length, channels=channels)


def _blocks(total: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield lengths that add up to a total, and how much comes before each."""
    for done in range(0, total, most):
        yield min(most, total - done), done


def _bounded(shape: Shape) -> Shape:
    """Return a shape that is not larger or quicker than a polished cut may be."""
    assert shape.size_px is not None
    width, height = shape.size_px
    most = MAX_SIZE_PX if width >= height else MAX_SIZE_PX[::-1]
    scale = min(Fraction(1), Fraction(most[0], width), Fraction(most[1], height))
    size_px = (max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2))
    slowest, quickest = FRAME_RATES
    rate = min(shape.frame_rate, quickest).limit_denominator(1001) or Fraction(25)
    rate *= ceil(slowest / rate)
    return replace(shape, size_px=size_px, frame_rate=rate)
