"""Writes the sound of an output as one AAC track."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

    from emotionmap_media.sound import Samples

BITS_PER_CHANNEL_S = 96_000


class SoundTrack:
    """Sound of an output, from its beginning on and without gaps.

    Args:
        output: What to write to.
        rate_hz: Sample rate.
        channels: 1 or 2.

    Attributes:
        written: Samples so far.
    """

    def __init__(self, output: OutputContainer, *, rate_hz: int, channels: int) -> None:
        self._output, self._rate_hz = output, rate_hz
        self._layout = "mono" if channels == 1 else "stereo"
        self._stream: AudioStream = output.add_stream("aac", rate=rate_hz, layout=self._layout)
        self._stream.bit_rate = BITS_PER_CHANNEL_S * channels
        # The other coder takes longer than all else of a cut. This one's intensity stereo costs
        # 3-6 dB above 8 kHz; without it, both are alike.
        self._stream.codec_context.options = {"aac_coder": "fast", "aac_is": "0"}
        self.written = 0

    def add(self, samples: Samples) -> None:
        """Write what is heard next: int16 [T, C]."""
        part = np.ascontiguousarray(samples).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout=self._layout)
        frame.sample_rate = self._rate_hz
        frame.pts, frame.time_base = self.written, Fraction(1, self._rate_hz)
        self.written += len(samples)
        self._mux(frame)

    def finish(self) -> None:
        """Write what is held back."""
        self._mux(None)

    def _mux(self, frame: av.AudioFrame | None) -> None:
        for packet in self._stream.encode(frame):
            self._output.mux(packet)
