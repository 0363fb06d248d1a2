"""Writes an MP4 (H.264 and AAC) picture by picture, at a steady rate."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from emotionmap_media.mp4_file import Mp4File
from emotionmap_media.sound_track import SoundTrack
from emotionmap_media.tracks import QUALITY_CRF

if TYPE_CHECKING:
    from pathlib import Path

    from emotionmap_media.geometry import Image
    from emotionmap_media.montage import Shape
    from emotionmap_media.sound import Samples

KEY_FRAME_EVERY_S = 2


class PolishedFile(Mp4File):
    """An MP4 that grows picture by picture.

    Args:
        path: File to write.
        shape: What it looks and sounds like; it has pictures.
        matrix: How its colours are coded (`av`'s number of a colour space).
        threads: Threads of the encoder.
    """

    def __init__(self, path: Path, shape: Shape, *, matrix: int, threads: int) -> None:
        super().__init__(path)
        self._shape, self._matrix, self._threads = shape, matrix, threads
        self._count = 0

    def _begin(self) -> None:
        self._add_pictures()
        shape = self._shape
        self._sound = (
            SoundTrack(self._output, rate_hz=shape.sound_rate_hz, channels=shape.channels)
            if shape.sound_rate_hz
            else None
        )

    def _finish(self) -> None:
        self._mux(None)
        if self._sound is not None:
            self._sound.finish()

    @property
    def sound_end(self) -> Fraction:
        """How long the sound so far plays, seconds."""
        rate = self._shape.sound_rate_hz
        return Fraction(self._sound.written, rate) if self._sound is not None else Fraction(0)

    def add_picture(self, image: Image) -> None:
        """Write what is shown next: uint8 [H, W, 3], RGB."""
        frame = VideoFrame.from_ndarray(image, format="rgb24").reformat(
            format="yuv420p", dst_colorspace=self._matrix, dst_color_range=ColorRange.MPEG
        )
        frame.pts, frame.time_base = self._count, 1 / self._shape.frame_rate
        self._count += 1
        self._mux(frame)

    def add_sound(self, samples: Samples) -> None:
        """Write what is heard next: int16 [T, C]."""
        assert self._sound is not None
        self._sound.add(samples)

    def _add_pictures(self) -> None:
        assert self._shape.size_px is not None
        rate = self._shape.frame_rate
        self._video = self._output.add_stream("libx264", rate=rate)
        self._video.width, self._video.height = self._shape.size_px
        self._video.pix_fmt = "yuv420p"
        self._video.thread_count = self._threads
        context = self._video.codec_context
        context.time_base = 1 / rate
        context.colorspace, context.color_range = self._matrix, ColorRange.MPEG
        context.gop_size = max(1, round(KEY_FRAME_EVERY_S * rate))
        # Like a fast cut's: without B-frames the last packet is the last picture.
        context.options = {"preset": "veryfast", "crf": str(QUALITY_CRF), "bf": "0"}

    def _mux(self, frame: VideoFrame | None) -> None:
        for packet in self._video.encode(frame):
            self._output.mux(packet)
