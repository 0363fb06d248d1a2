"""Lays the pictures of ranges one behind the other in an output, all of them encoded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange

from emotionmap_media.clock import Span
from emotionmap_media.geometry import Orientation, to_bgr

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

    from emotionmap_media.reading import Picture

CLOCK_HZ = 90_000
"""Ticks of the output's picture clock: whole numbers for most usual frame rates."""
TICK = Fraction(1, CLOCK_HZ)
"""What lies nearer to a cut, seconds, lies at it: callers round, and so do containers."""
QUALITY_CRF = 21


class PictureTrack(ABC):
    """Pictures of one range after another, each from when it is shown.

    Attributes:
        encoded: Pictures that were encoded.
    """

    def __init__(self) -> None:
        self.encoded = 0
        self._span, self._offset = Span(Fraction(0), Fraction(0)), Fraction(0)
        self._shown: VideoFrame | None = None
        self._starts_range = True
        self._last_ticks = -1

    def begin(self, span: Span, offset: Fraction) -> None:
        """Start a range.

        Args:
            span: Where it lies in the source.
            offset: Where it starts in the output, seconds.
        """
        self._span, self._offset = span, offset
        self._shown, self._starts_range = None, True

    def add_picture(self, picture: Picture) -> None:
        """Take the next picture; the last one up to the range's start opens the range."""
        if picture.time >= self._span.end - TICK:
            return
        if picture.time > self._span.start + TICK:
            self._open()
            self._put(picture.frame, picture.time)
        else:
            self._shown = picture.frame

    def end(self) -> None:
        """Finish a range; one without pictures is black."""
        self._open()

    def finish(self, end: Fraction) -> None:
        """Write what is held back; the last picture is shown until `end`, seconds."""
        self._close(round(end * CLOCK_HZ))

    def _open(self) -> None:
        if self._starts_range:
            self._put(self._shown or self._black(), self._span.start)

    def _put(self, frame: VideoFrame, time: Fraction) -> None:
        ticks = self._ticks(time)
        if ticks <= self._last_ticks:
            return  # two pictures within a tick: the first was not seen
        self._write(frame, ticks, opens_range=self._starts_range)
        self.encoded += 1
        self._last_ticks, self._starts_range = ticks, False

    def _ticks(self, time: Fraction) -> int:
        return round((self._offset + time - self._span.start) * CLOCK_HZ)

    @abstractmethod
    def _write(self, frame: VideoFrame, ticks: int, *, opens_range: bool) -> None:
        """Write a picture that is shown from `ticks` on."""

    @abstractmethod
    def _close(self, end_ticks: int) -> None:
        """Write what is held back."""

    @abstractmethod
    def _black(self) -> VideoFrame:
        """Return what is shown where there is no picture."""


class EncodedTrack(PictureTrack):
    """Encodes every picture, upright and with square pixels.

    Args:
        output: What to write to.
        size_px: Width and height, even.
        frame_rate: Usual number of pictures a second.
        pixel_aspect: Width of a source's pixel over its height; None means square.
        threads: Threads of the encoder.
    """

    def __init__(
        self,
        output: OutputContainer,
        *,
        size_px: tuple[int, int],
        frame_rate: Fraction,
        pixel_aspect: Fraction | None,
        threads: int,
    ) -> None:
        super().__init__()
        self._output, self._size_px = output, size_px
        self._aspect = pixel_aspect or Fraction(1)
        self._durations: dict[int, int] = {}
        self._stream = self._add_stream(frame_rate, threads)

    def _add_stream(self, frame_rate: Fraction, threads: int) -> VideoStream:
        rate = frame_rate.limit_denominator(1001)
        stream = self._output.add_stream("libx264", rate=rate or 25)
        stream.width, stream.height = self._size_px
        stream.pix_fmt = "yuv420p"
        stream.thread_count = threads
        stream.codec_context.time_base = Fraction(1, CLOCK_HZ)
        stream.codec_context.options = {
            "preset": "veryfast",
            "crf": str(QUALITY_CRF),
            "forced-idr": "1",
            # Without them the last packet is the last picture, and its length ends the film.
            "bf": "0",
        }
        return stream

    def _write(self, frame: VideoFrame, ticks: int, *, opens_range: bool) -> None:
        shown = self._to_output(frame)
        shown.pts, shown.time_base = ticks, Fraction(1, CLOCK_HZ)
        any_frame: Any = shown  # its stub has no setter
        any_frame.pict_type = PictureType.I if opens_range else PictureType.NONE
        self._durations[self._last_ticks] = ticks - self._last_ticks
        self._mux(shown)

    def _mux(self, frame: VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            # A packet's length is known once the next picture came.
            if packet.pts in self._durations:
                packet.duration = self._durations.pop(packet.pts)
            self._output.mux(packet)

    def _to_output(self, source: VideoFrame) -> VideoFrame:
        width, height = self._size_px
        if not Orientation.of(source).is_upright or self._aspect != 1:
            pixels = to_bgr(source, pixel_aspect=self._aspect)
            source = VideoFrame.from_ndarray(pixels, format="bgr24")
        return source.reformat(
            width=width, height=height, format="yuv420p", dst_color_range=ColorRange.MPEG
        )

    def _black(self) -> VideoFrame:
        width, height = self._size_px
        return VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="bgr24")

    def _close(self, end_ticks: int) -> None:
        self._durations[self._last_ticks] = max(1, end_ticks - self._last_ticks)
        self._mux(None)
