"""Cuts a segment's sound into what is scored: for each interval its own speech, in context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emotionmap_audio.model import SAMPLE_RATE_HZ
from emotionmap_audio.speech import FRAME_SAMPLES, SpeechGate, Stretch, own_utterances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from emotionmap_audio.model import SpeechDetector

NS_PER_S = 1_000_000_000

MIN_SCORED_SAMPLES = SAMPLE_RATE_HZ // 10
"""Less speech in an interval than this, or half of a shorter one, says nothing about it."""
LENGTH_STEP_SAMPLES = SAMPLE_RATE_HZ // 2
"""Lengths are rounded up to multiples of this, so that few lengths meet in many batches.

The sound that this adds, at most 0.5 s, is the silence that parts utterances.
"""
MIN_LENGTH_SAMPLES = SAMPLE_RATE_HZ
"""Shorter speech is heard with the silence around it."""
SHORTEST_SAMPLES = 2 * SAMPLE_RATE_HZ // 5
"""Sound that ends before this is lengthened by silence: the models' convolutions need it."""
VARIANCE_FLOOR = 1e-7
"""As in Hugging Face's Wav2Vec2FeatureExtractor."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What a stream asks for; times in ns from time zero of the media.

    Attributes:
        start_ns: Start of the range.
        end_ns: End of the range.
        interval_ns: Length of an interval; the last one may be shorter.
        context_ns: Length of the stretch around an interval that is listened to.
    """

    start_ns: int
    end_ns: int
    interval_ns: int
    context_ns: int

    def intervals(self) -> Iterator[tuple[int, int]]:
        """Give the intervals [start, end), ns, in order."""
        for start_ns in range(self.start_ns, self.end_ns, self.interval_ns):
            yield start_ns, min(start_ns + self.interval_ns, self.end_ns)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is known of one interval before it is scored.

    Attributes:
        start_ns: Start of the interval.
        end_ns: End of the interval.
        speech: Share of the interval that is speech, in [0, 1].
        wave: float32 [T], zero mean, unit variance; None where there is too little speech.
    """

    start_ns: int
    end_ns: int
    speech: float
    wave: NDArray[np.float32] | None


class SegmentSound:
    """The sound of one segment as it comes in; gives each excerpt once its context is complete.

    The same sound gives the same excerpts, however it is divided into chunks.

    Args:
        segment: What is asked for.
        detector: A fresh speech detector.
    """

    def __init__(self, segment: Segment, detector: SpeechDetector) -> None:
        self._segment = segment
        self._detector = detector
        self._gate = SpeechGate()
        self._intervals = segment.intervals()
        self._next = next(self._intervals, None)
        self._origin_ns = segment.start_ns
        self._samples = np.zeros(0, np.int16)
        self._dropped = 0  # samples that no interval needs any more, and are forgotten
        self._heard = 0  # samples that the detector has judged

    def begin(self, time_ns: int) -> None:
        """Say when the first sample is; if that is after the range begins, silence comes before."""
        self._origin_ns = min(time_ns, self._segment.start_ns)
        # Sound that no interval listens to need not lie where it belongs.
        last_ns = self._segment.end_ns + self._segment.context_ns
        missing = self._position(min(time_ns, last_ns))
        self._samples = np.zeros(missing, np.int16)

    def take(self, samples: NDArray[np.int16]) -> list[Excerpt]:
        """Take in the next sound, int16 [N]; return the excerpts that it completes."""
        if self._next is None:
            return []
        self._samples = np.concatenate([self._samples, samples])
        whole = (self._end - self._heard) // FRAME_SAMPLES * FRAME_SAMPLES
        self._hear(self._part(Stretch(self._heard, self._heard + whole)))
        return self._complete(is_last=False)

    def finish(self) -> list[Excerpt]:
        """Return the excerpts that are left, of the sound that there is."""
        rest = self._part(Stretch(self._heard, self._end))
        if len(rest):
            self._hear(np.pad(rest, (0, FRAME_SAMPLES - len(rest))))
        return self._complete(is_last=True)

    @property
    def _end(self) -> int:
        """Position after the last sample."""
        return self._dropped + len(self._samples)

    def _position(self, time_ns: int) -> int:
        """Return the sample at a time."""
        return round((time_ns - self._origin_ns) * SAMPLE_RATE_HZ / NS_PER_S)

    def _part(self, stretch: Stretch) -> NDArray[np.int16]:
        return self._samples[stretch.start - self._dropped : stretch.end - self._dropped]

    def _hear(self, samples: NDArray[np.int16]) -> None:
        self._gate.take(self._detector.listen(samples))
        self._heard += len(samples)

    def _complete(self, *, is_last: bool) -> list[Excerpt]:
        excerpts = []
        while self._next is not None:
            start_ns, end_ns = self._next
            half_ns = (self._segment.context_ns - (end_ns - start_ns)) // 2
            end = self._position(end_ns + half_ns)
            if not is_last and -(-end // FRAME_SAMPLES) * FRAME_SAMPLES > self._heard:
                break
            start = max(0, self._position(start_ns - half_ns))
            around = Stretch(min(start, self._end), min(end, self._end))
            excerpts.append(self._excerpt(start_ns, end_ns, around))
            self._next = next(self._intervals, None)
        self._forget()
        return excerpts

    def _excerpt(self, start_ns: int, end_ns: int, around: Stretch) -> Excerpt:
        interval = Stretch(self._position(start_ns), self._position(end_ns))
        speech = self._gate.stretches(around)
        spoken = sum(stretch.shared(interval) for stretch in speech)
        enough = min(MIN_SCORED_SAMPLES, max(1, interval.samples // 2))
        own = own_utterances(speech, interval, least_samples=enough)
        wave = None
        if own is not None and spoken >= enough:
            wave = _to_wave(self._part(_lengthened(own, around)))
        return Excerpt(start_ns, end_ns, min(1.0, spoken / max(1, interval.samples)), wave)

    def _forget(self) -> None:
        """Drop the sound that no later interval listens to."""
        needed = self._end
        if self._next is not None:
            half_ns = (self._segment.context_ns + self._segment.interval_ns) // 2
            needed = self._position(self._next[0] - half_ns)
        keep_from = min(max(needed, self._dropped), self._heard)
        self._samples = self._samples[keep_from - self._dropped :]
        self._dropped = keep_from


def _lengthened(own: Stretch, around: Stretch) -> Stretch:
    """Widen a stretch on both sides to a whole number of steps, as far as there is sound."""
    steps = -(-own.samples // LENGTH_STEP_SAMPLES) * LENGTH_STEP_SAMPLES
    length = min(max(steps, MIN_LENGTH_SAMPLES), around.samples)
    start = own.start - (length - own.samples) // 2
    start = min(max(start, around.start), around.end - length)
    return Stretch(start, start + length)


def _to_wave(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return float32 of zero mean and unit variance, at least 0.4 s long."""
    wave = samples.astype(np.float32)
    wave = (wave - wave.mean()) / np.sqrt(wave.var() + VARIANCE_FLOOR)
    return np.pad(wave, (0, max(0, SHORTEST_SAMPLES - len(wave))))
