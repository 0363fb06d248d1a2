"""Puts decoded sound on an exact sample clock.

Sample n of the output is heard at n / rate seconds from time zero, whatever part of a file is
decoded: the resampler always starts at a source sample that coincides with an output sample, so
that its filter stands in the same phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd
from typing import TYPE_CHECKING, Any, TypeAlias

import av
import numpy as np

from emotionmap_media.streams import sound_phase, time_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.stream import AudioStream
    from numpy.typing import NDArray

    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.reading import Sound

Samples: TypeAlias = "NDArray[np.int16]"

JITTER = Fraction(1, 50)
"""Timestamps that are off by less than this, seconds, are rounding or jitter, not gaps."""
BLOCKS_PER_S = 6
"""Frames are joined to blocks of this length: the resampler's work is mostly done per call."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of sound: int16 [T, C], from the output sample numbered `index` on."""

    index: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class SoundSource:
    """The clock of a stream of sound."""

    origin: Fraction
    """When the stream starts, seconds from time zero."""
    tick: Fraction
    """Length of a tick of its timestamps, seconds."""
    phase: int
    """Where its first frame would start, samples, had the codec's warm-up been kept."""

    @classmethod
    def of(cls, media: Media, stream: AudioStream) -> SoundSource:
        """Read an open file's clock."""
        return cls(media.start(stream), time_base(stream), sound_phase(stream))


class SoundClock:
    """Resamples sound and lays it out on the sample clock.

    Gaps are filled with silence, overlaps are cut.

    Args:
        span: Wanted stretch, seconds.
        source: The stream's clock; before its start nothing is filled in.
        rate_hz: Output rate.
        channels: 1 or 2.
        chunk_samples: Length of a chunk; the last may be shorter.
    """

    def __init__(
        self,
        span: Span,
        source: SoundSource,
        *,
        rate_hz: int,
        channels: int,
        chunk_samples: int,
    ) -> None:
        self._source = source
        self._rate_hz, self._channels, self._chunk_samples = rate_hz, channels, chunk_samples
        self._base = round(source.origin * rate_hz)
        self._cursor = max(ceil(span.start * rate_hz), self._base)
        self._end = ceil(span.end * rate_hz)
        self._pending: list[Samples] = []
        self._pending_samples = 0
        self._jitter = max(JITTER, source.tick * Fraction(3, 2))
        self._block = av.AudioFifo()
        self._resampler: av.AudioResampler | None = None
        self._layout: tuple[int, str, str] | None = None
        self._expected = 0
        self._is_anchored = False
        self._out = 0

    def add(self, sound: Sound) -> Iterator[Chunk]:
        """Take the next decoded frame; yield the chunks that it completes."""
        frame = sound.frame
        layout = (frame.sample_rate, frame.format.name, frame.layout.name)
        position, is_counted = self._position(sound)
        off = abs(position - self._expected)
        is_off = off * self._jitter.denominator > self._jitter.numerator * frame.sample_rate
        # A first frame cut short by its codec's warm-up is placed by its rounded time; the next
        # one knows better.
        is_better = is_counted and not self._is_anchored and position != self._expected
        if layout != self._layout or is_off or is_better:
            yield from self._restart(sound, position)
            self._layout = layout
            self._is_anchored = False
        self._is_anchored |= is_counted
        self._expected += frame.samples
        frame.pts = None  # placed by count from here on
        self._block.write(frame)
        if self._block.samples * BLOCKS_PER_S >= frame.sample_rate:
            yield from self._resample_block()

    def finish(self) -> Iterator[Chunk]:
        """Yield what is left once the last frame was taken."""
        yield from self._drain()
        if self._pending:
            yield self._take(self._pending_samples)

    def fill(self) -> Iterator[Chunk]:
        """Fill the rest of the span with silence: the stream goes on behind it."""
        yield from self._drain()
        yield from self._lay(self._end, np.zeros((0, self._channels), np.int16))

    def _position(self, sound: Sound) -> tuple[int, bool]:
        """Return where a frame lies, source samples from the stream's start.

        A container that counts in milliseconds rounds; a frame whose time fits its count of
        samples to within a tick is placed by the count, which the second value tells.
        """
        rate, size = sound.frame.sample_rate, sound.frame.samples
        time, origin, tick = sound.time, self._source.origin, self._source.tick
        # Exactly, in parts of a sample: whole numbers cost a tenth of Fractions.
        parts = time.denominator * origin.denominator
        exact = time.numerator * origin.denominator - origin.numerator * time.denominator
        exact *= rate
        phase = self._source.phase
        counted = _rounded(exact - phase * parts, size * parts) * size + phase
        off = abs(exact - counted * parts)
        is_counted = off * tick.denominator <= tick.numerator * rate * parts
        return counted if is_counted else _rounded(exact, parts), is_counted

    def _restart(self, sound: Sound, position: int) -> Iterator[Chunk]:
        yield from self._drain()
        rate = sound.frame.sample_rate
        step = rate // gcd(rate, self._rate_hz)  # source samples from one coincidence to the next
        lead = position % step
        self._resampler = av.AudioResampler(
            format="s16", layout="mono" if self._channels == 1 else "stereo", rate=self._rate_hz
        )
        self._out = self._base + (position - lead) * self._rate_hz // rate
        self._expected = position
        if lead:
            yield from self._resample(_silence(sound.frame, lead))

    def _resample_block(self) -> Iterator[Chunk]:
        block = self._block.read()
        if block is not None:
            block.pts = None
            yield from self._resample(block)

    def _resample(self, frame: av.AudioFrame | None) -> Iterator[Chunk]:
        assert self._resampler is not None
        for piece in self._resampler.resample(frame):
            decoded: Any = piece.to_ndarray()  # int16, as asked for
            samples: Samples = decoded.reshape(-1, self._channels)
            start = self._out
            self._out += len(samples)
            yield from self._lay(start, samples)

    def _drain(self) -> Iterator[Chunk]:
        if self._resampler is not None:
            yield from self._resample_block()
            yield from self._resample(None)
            self._resampler, self._block = None, av.AudioFifo()

    def _lay(self, index: int, samples: Samples) -> Iterator[Chunk]:
        """Lay samples at an index; what is missing before is silence, what is there is kept."""
        start = min(index, self._end)
        while self._next < start:
            gap = min(start - self._next, self._chunk_samples)
            yield from self._append(np.zeros((gap, self._channels), np.int16))
        wanted = samples[max(0, self._next - index) : max(0, self._end - index)]
        if len(wanted):
            yield from self._append(wanted)

    @property
    def _next(self) -> int:
        return self._cursor + self._pending_samples

    def _append(self, samples: Samples) -> Iterator[Chunk]:
        self._pending.append(samples)
        self._pending_samples += len(samples)
        while self._pending_samples >= self._chunk_samples:
            yield self._take(self._chunk_samples)

    def _take(self, count: int) -> Chunk:
        joined = np.concatenate(self._pending)
        chunk = Chunk(self._cursor, joined[:count])
        self._pending = [joined[count:]] if len(joined) > count else []
        self._pending_samples = len(joined) - count
        self._cursor += count
        return chunk


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _silence(like: av.AudioFrame, samples: int) -> av.AudioFrame:
    template: Any = like  # its stubs describe setters only
    frame = av.AudioFrame(template.format.name, template.layout.name, samples)
    frame.sample_rate = like.sample_rate
    # Unsigned 8-bit sound rests in the middle of its range.
    rest = 0x80 if template.format.name in ("u8", "u8p") else 0
    for plane in frame.planes:
        plane.update(bytes([rest]) * plane.buffer_size)
    return frame
