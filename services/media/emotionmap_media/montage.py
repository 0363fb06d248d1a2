"""Writes an MP4 (H.264 and AAC) of ranges that play one behind the other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from emotionmap_media.fades import RangeSound
from emotionmap_media.mp4_file import Mp4File
from emotionmap_media.sound_track import SoundTrack
from emotionmap_media.spliced import SplicedTrack
from emotionmap_media.tracks import EncodedTrack

if TYPE_CHECKING:
    from pathlib import Path

    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.groups import Run
    from emotionmap_media.probe import Description
    from emotionmap_media.reading import Picture
    from emotionmap_media.sound import Chunk
    from emotionmap_media.splicing import Splice

FADE_S = Fraction(1, 100)
"""Sound fades in and out at every cut, so that none clicks."""
SOUND_RATES_HZ = (44_100, 48_000)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the output looks and sounds like."""

    size_px: tuple[int, int] | None
    """Width and height, even; None without pictures."""
    frame_rate: Fraction
    sound_rate_hz: int
    """0 without sound."""
    channels: int
    pixel_aspect: Fraction | None

    @classmethod
    def of(cls, media: Media, description: Description) -> Shape:
        """Keep what the source has as far as an MP4 can."""
        size = (description.width_px, description.height_px) if description.has_video else None
        sound_rate_hz = channels = 0
        if description.has_audio and media.audio is not None:
            rate = media.audio.codec_context.sample_rate
            sound_rate_hz = rate if rate in SOUND_RATES_HZ else 48_000
            channels = min(2, media.audio.codec_context.channels)
        return cls(
            size_px=(_even(size[0]), _even(size[1])) if size else None,
            frame_rate=description.frame_rate or Fraction(25),
            sound_rate_hz=sound_rate_hz,
            channels=channels,
            pixel_aspect=media.video.sample_aspect_ratio if media.video is not None else None,
        )


class Montage(Mp4File):
    """An MP4 that grows range by range.

    Args:
        path: File to write.
        media: Where the pictures come from.
        shape: What it looks and sounds like.
        threads: Threads of the encoder.
        splice: How pictures of `media` can be copied; None encodes all of them.
    """

    def __init__(
        self, path: Path, media: Media, shape: Shape, *, threads: int, splice: Splice | None = None
    ) -> None:
        super().__init__(path)
        self._media, self._shape = media, shape
        self._threads, self._splice = threads, splice
        self._offset = Fraction(0)
        self._span: Span | None = None
        self._sound = RangeSound(0, fade=0, channels=shape.channels)
        self._sound_start = 0

    def _begin(self) -> None:
        self._pictures = self._add_pictures() if self._shape.size_px else None
        self._audio = None
        if self._shape.sound_rate_hz:
            self._audio = SoundTrack(
                self._output, rate_hz=self._shape.sound_rate_hz, channels=self._shape.channels
            )

    @property
    def copied(self) -> int:
        """Pictures that were copied."""
        return self._pictures.copied if isinstance(self._pictures, SplicedTrack) else 0

    @property
    def encoded(self) -> int:
        """Pictures that were encoded."""
        return self._pictures.encoded if self._pictures is not None else 0

    @property
    def length(self) -> Fraction:
        """How long the ranges so far play, seconds."""
        return self._offset

    def begin(self, span: Span) -> None:
        """Start a range."""
        self._span = span
        if self._pictures is not None:
            self._pictures.begin(span, self._offset)
        rate, written = self._shape.sound_rate_hz, self._audio.written if self._audio else 0
        # Counted from the beginning of the output: roundings of many ranges never add up.
        wanted = round((self._offset + span.end - span.start) * rate) - written
        self._sound = RangeSound(wanted, fade=int(FADE_S * rate), channels=self._shape.channels)
        self._sound_start = ceil(span.start * rate)

    def add_picture(self, picture: Picture) -> None:
        """Take the next picture; the last one up to the range's start opens the range."""
        assert self._pictures is not None
        self._pictures.add_picture(picture)

    def add_run(self, run: Run) -> None:
        """Take the next pictures to be copied; only where a splice was given."""
        assert isinstance(self._pictures, SplicedTrack)
        self._pictures.add_run(run)

    def add_sound(self, chunk: Chunk) -> None:
        """Take the next stretch of the range's sound."""
        assert self._audio is not None
        for samples in self._sound.add(chunk.index - self._sound_start, chunk.samples):
            self._audio.add(samples)

    def end(self) -> None:
        """Finish a range."""
        span = self._span
        assert span is not None
        if self._pictures is not None:
            self._pictures.end()
        self._offset += span.end - span.start
        if self._audio is not None:
            for samples in self._sound.finish():
                self._audio.add(samples)

    def _add_pictures(self) -> SplicedTrack | EncodedTrack:
        assert self._shape.size_px is not None
        if self._splice is not None:
            assert self._media.video is not None
            return SplicedTrack(self._output, source=self._media.video, splice=self._splice)
        return EncodedTrack(
            self._output,
            size_px=self._shape.size_px,
            frame_rate=self._shape.frame_rate,
            pixel_aspect=self._shape.pixel_aspect,
            threads=self._threads,
        )

    def _finish(self) -> None:
        if self._pictures is not None:
            self._pictures.finish(self._offset)
        if self._audio is not None:
            self._audio.finish()


def _even(pixels: int) -> int:
    return max(2, pixels - pixels % 2)
