"""Writes an MP4 (H.264 and AAC) of ranges that play one behind the other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Self

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange

from emotionmap_media.fades import RangeSound
from emotionmap_media.geometry import Orientation, to_bgr

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from av.audio.stream import AudioStream
    from av.video.stream import VideoStream

    from emotionmap_media.container import Media
    from emotionmap_media.landing import Span
    from emotionmap_media.probe import Description
    from emotionmap_media.reading import Picture
    from emotionmap_media.sound import Chunk, Samples

CLOCK_HZ = 90_000
"""Ticks of the output's picture clock: whole numbers for all usual frame rates."""
FADE_S = Fraction(1, 100)
"""Sound fades in and out at every cut, so that none clicks."""
QUALITY_CRF = 21
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


class Montage:
    """An MP4 that grows range by range.

    Args:
        path: File to write.
        shape: What it looks and sounds like.
        threads: Threads of the encoder.
    """

    def __init__(self, path: Path, shape: Shape, *, threads: int) -> None:
        self._path, self._shape, self._threads = path, shape, threads
        self._offset = Fraction(0)
        self._span: Span | None = None
        self._shown: VideoFrame | None = None
        self._starts_range = True
        self._last_ticks = -1
        self._durations: dict[int, int] = {}
        self._sound = RangeSound(0, fade=0, channels=shape.channels)
        self._sound_start = 0
        self._sound_written = 0

    def __enter__(self) -> Self:
        self._output = av.open(str(self._path), "w", options={"movflags": "+faststart"})
        self._video = self._add_video() if self._shape.size_px else None
        self._audio = self._add_audio() if self._shape.sound_rate_hz else None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._output.close()

    def begin(self, span: Span) -> None:
        """Start a range."""
        self._span, self._shown, self._starts_range = span, None, True
        rate = self._shape.sound_rate_hz
        # Counted from the beginning of the output: roundings of many ranges never add up.
        wanted = round((self._offset + span.end - span.start) * rate) - self._sound_written
        self._sound = RangeSound(wanted, fade=int(FADE_S * rate), channels=self._shape.channels)
        self._sound_start = ceil(span.start * rate)

    def add_picture(self, picture: Picture) -> None:
        """Take the next picture; the last one up to the range's start opens the range."""
        span = self._span
        assert span is not None
        if picture.time >= span.end:
            return
        if picture.time > span.start:
            if self._starts_range:
                self._encode(self._shown or self._black(), span.start)
            self._encode(picture.frame, picture.time)
        else:
            self._shown = picture.frame

    def add_sound(self, chunk: Chunk) -> None:
        """Take the next stretch of the range's sound."""
        for samples in self._sound.add(chunk.index - self._sound_start, chunk.samples):
            self._mux_sound(samples)

    def end(self) -> None:
        """Finish a range."""
        span = self._span
        assert span is not None
        if self._video is not None and self._starts_range:
            self._encode(self._shown or self._black(), span.start)
        self._offset += span.end - span.start
        if self._audio is not None:
            for samples in self._sound.finish():
                self._mux_sound(samples)

    def _add_video(self) -> VideoStream:
        assert self._shape.size_px is not None
        rate = self._shape.frame_rate.limit_denominator(1001)
        stream = self._output.add_stream("libx264", rate=rate or 25)
        stream.width, stream.height = self._shape.size_px
        stream.pix_fmt = "yuv420p"
        stream.thread_count = self._threads
        stream.codec_context.time_base = Fraction(1, CLOCK_HZ)
        stream.codec_context.options = {
            "preset": "veryfast",
            "crf": str(QUALITY_CRF),
            "forced-idr": "1",
            # Without them the last packet is the last picture, and its length ends the film.
            "bf": "0",
        }
        return stream

    def _add_audio(self) -> AudioStream:
        layout = "mono" if self._shape.channels == 1 else "stereo"
        stream: AudioStream = self._output.add_stream(
            "aac", rate=self._shape.sound_rate_hz, layout=layout
        )
        stream.bit_rate = 96_000 * self._shape.channels
        return stream

    def _encode(self, source: VideoFrame, time: Fraction) -> None:
        assert self._span is not None
        assert self._video is not None
        ticks = round((self._offset + time - self._span.start) * CLOCK_HZ)
        if ticks <= self._last_ticks:
            return  # two pictures within a tick: the first was not seen
        frame = self._to_output(source)
        frame.pts, frame.time_base = ticks, Fraction(1, CLOCK_HZ)
        any_frame: Any = frame  # its stub has no setter
        any_frame.pict_type = PictureType.I if self._starts_range else PictureType.NONE
        self._durations[self._last_ticks] = ticks - self._last_ticks
        self._last_ticks, self._starts_range = ticks, False
        self._mux_video(frame)

    def _mux_video(self, frame: VideoFrame | None) -> None:
        assert self._video is not None
        for packet in self._video.encode(frame):
            # A packet's length is known once the next picture came.
            if packet.pts in self._durations:
                packet.duration = self._durations.pop(packet.pts)
            self._output.mux(packet)

    def _to_output(self, source: VideoFrame) -> VideoFrame:
        assert self._shape.size_px is not None
        width, height = self._shape.size_px
        orientation = Orientation.of(source)
        aspect = self._shape.pixel_aspect or Fraction(1)
        if not orientation.is_upright or aspect != 1:
            source = VideoFrame.from_ndarray(to_bgr(source, pixel_aspect=aspect), format="bgr24")
        return source.reformat(
            width=width, height=height, format="yuv420p", dst_color_range=ColorRange.MPEG
        )

    def _black(self) -> VideoFrame:
        assert self._shape.size_px is not None
        width, height = self._shape.size_px
        return VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="bgr24")

    def _mux_sound(self, samples: Samples) -> None:
        assert self._audio is not None
        layout = "mono" if self._shape.channels == 1 else "stereo"
        part = np.ascontiguousarray(samples).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
        frame.sample_rate = self._shape.sound_rate_hz
        frame.pts, frame.time_base = self._sound_written, Fraction(1, frame.sample_rate)
        self._sound_written += len(samples)
        for packet in self._audio.encode(frame):
            self._output.mux(packet)

    def _finish(self) -> None:
        if self._video is not None:
            end = round(self._offset * CLOCK_HZ)
            self._durations[self._last_ticks] = max(1, end - self._last_ticks)
            self._mux_video(None)
        if self._audio is not None:
            for packet in self._audio.encode(None):
                self._output.mux(packet)


def _even(pixels: int) -> int:
    return max(2, pixels - pixels % 2)
