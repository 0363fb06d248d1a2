"""Decodes one segment: sampled gray frames and sound, roughly in time order, then a summary.

A plain generator over plain values, so that it can run on a thread or in a process of its own.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.clock import Span
from emotionmap_media.container import open_media
from emotionmap_media.excerpt import Wanted
from emotionmap_media.geometry import to_gray
from emotionmap_media.reading import Picture, PicturesEnd, Reading, Sound
from emotionmap_media.sampling import Sampler
from emotionmap_media.sound import SoundClock, SoundSource

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.objects import Source
    from emotionmap_media.reading import Event
    from emotionmap_media.sampling import Sample
    from emotionmap_media.sharing import Cores
    from emotionmap_media.sound import Chunk
    from emotionmap_media.streams import Limits

SOUND_RATE_HZ = 16_000
CHUNK_SAMPLES = 64_000
"""Four seconds: each message costs a millisecond, and nothing is shown before its segment ends."""


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """What to decode; times in seconds from time zero."""

    span: Span
    frames_per_second: Fraction
    frame_width_px: int
    audio_margin: Fraction
    interval: Fraction
    with_video: bool = True
    with_audio: bool = True


@dataclass(frozen=True, slots=True)
class GrayFrame:
    """A sampled frame: full-range luma, row by row."""

    time: Fraction
    width_px: int
    height_px: int
    gray: bytes


@dataclass(frozen=True, slots=True)
class SoundChunk:
    """Mono sound at 16 kHz, signed 16-bit little-endian."""

    time: Fraction
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Summary:
    """What a segment came to."""

    frames: int
    samples: int
    is_truncated: bool


Piece: TypeAlias = GrayFrame | SoundChunk | Summary


def decode_segment(
    path: Source, spec: SegmentSpec, *, limits: Limits, budget: Budget, cores: Cores | None = None
) -> Generator[Piece, None, None]:
    """Yield a segment's frames and sound, then its summary.

    Args:
        path: Absolute path of a regular file, or an object.
        spec: What to decode.
        limits: What is read at most.
        budget: What bounds the work.
        cores: Those that are shared with other segments; None decodes with `limits`' threads.

    Raises:
        ServiceError: As in the comment of DecodeSegment.
    """
    with cores.taken() if cores is not None else nullcontext(limits.decode_threads) as threads:
        yield from _decode(path, spec, replace(limits, decode_threads=threads), budget)


def _decode(path: Source, spec: SegmentSpec, limits: Limits, budget: Budget) -> Iterator[Piece]:
    margin = spec.audio_margin
    heard = Span(max(Fraction(0), spec.span.start - margin), spec.span.end + margin)
    with open_media(path, limits=limits, wanted=Wanted.around(heard)) as media:
        sampler = _sampler(media, spec)
        reading = Reading(
            media,
            pictures=Span(sampler.needed_from, spec.span.end) if spec.with_video else None,
            sound=heard if spec.with_audio else None,
            budget=budget,
            grid=sampler.grid,
        )
        frames = samples = 0
        for piece in _Segment(media, spec, sampler, _sound_clock(media, heard)).pieces(reading):
            if isinstance(piece, GrayFrame):
                frames += 1
            else:
                samples += len(piece.pcm) // 2
            yield piece
        truncated = reading.is_at_end and (reading.is_damaged or media.is_cut_off)
        if reading.is_at_end and reading.end <= spec.span.start and not truncated:
            raise past_end()
        yield Summary(frames, samples, truncated)


def past_end() -> ServiceError:
    """Return the error for a time at or after the end of the media."""
    return ServiceError(
        grpc.StatusCode.OUT_OF_RANGE,
        reasons.OFFSET_PAST_END,
        "The time lies at or after the end of the media.",
    )


def _sampler(media: Media, spec: SegmentSpec) -> Sampler[Picture]:
    return Sampler(
        start=spec.span.start,
        end=spec.span.end,
        rate=spec.frames_per_second,
        interval=spec.interval,
        tolerance=media.tolerance,
    )


def _sound_clock(media: Media, span: Span) -> SoundClock | None:
    if media.audio is None:
        return None
    source = SoundSource.of(media, media.audio)
    return SoundClock(span, source, rate_hz=SOUND_RATE_HZ, channels=1, chunk_samples=CHUNK_SAMPLES)


class _Segment:
    """Turns what is read into what is sent."""

    def __init__(
        self, media: Media, spec: SegmentSpec, sampler: Sampler[Picture], clock: SoundClock | None
    ) -> None:
        self._spec, self._sampler, self._clock = spec, sampler, clock
        self._pixel_aspect = media.video.sample_aspect_ratio if media.video is not None else None

    def pieces(self, reading: Reading) -> Iterator[GrayFrame | SoundChunk]:
        for event in reading.events():
            yield from self._pieces_of(event)
        if self._clock is not None and self._spec.with_audio:
            rest = self._clock.finish() if reading.is_at_end else self._clock.fill()
            yield from _chunks(rest)
            yield from _chunks(self._clock.finish())

    def _pieces_of(self, event: Event) -> Iterator[GrayFrame | SoundChunk]:
        if isinstance(event, Sound):
            assert self._clock is not None
            yield from _chunks(self._clock.add(event))
        elif isinstance(event, PicturesEnd):
            yield from self._frames(self._sampler.finish(event.time))
        else:
            yield from self._frames(self._sampler.add(event.time, event))

    def _frames(self, samples: Iterable[Sample[Picture]]) -> Iterator[GrayFrame]:
        for sample in samples:
            gray = to_gray(
                sample.picture.frame,
                pixel_aspect=self._pixel_aspect,
                max_width_px=self._spec.frame_width_px,
            )
            height, width = gray.shape
            yield GrayFrame(sample.time, width, height, gray.tobytes())


def _chunks(chunks: Iterable[Chunk]) -> Iterator[SoundChunk]:
    for chunk in chunks:
        pcm = chunk.samples.astype("<i2", copy=False).tobytes()
        yield SoundChunk(Fraction(chunk.index, SOUND_RATE_HZ), pcm)
