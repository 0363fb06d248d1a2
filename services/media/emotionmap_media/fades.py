"""The sound of one range of a cut: exactly as long as the range, without clicks at its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_media.sound import Samples

PIECE_SAMPLES = 48_000


class RangeSound:
    """Fades sound in and out, and makes it exactly as long as it should be.

    Args:
        length: Samples that the range must have.
        fade: Samples of the linear fade at each end; less in a range that is too short for it.
        channels: Channels of the sound.
    """

    def __init__(self, length: int, *, fade: int, channels: int) -> None:
        self._length, self._channels = length, channels
        self._fade = min(fade, length // 2)
        self._written = 0

    def add(self, index: int, samples: Samples) -> Iterator[Samples]:
        """Take samples that start at an index into the range; yield what may be written.

        Missing sound before them becomes silence.
        """
        yield from self._silence_to(index)
        wanted = samples[max(0, self._written - index) : max(0, self._length - index)]
        if len(wanted):
            yield self._faded(wanted)

    def finish(self) -> Iterator[Samples]:
        """Yield the silence that is still missing."""
        yield from self._silence_to(self._length)

    def _silence_to(self, index: int) -> Iterator[Samples]:
        while self._written < min(index, self._length):
            count = min(PIECE_SAMPLES, min(index, self._length) - self._written)
            self._written += count
            yield np.zeros((count, self._channels), np.int16)

    def _faded(self, samples: Samples) -> Samples:
        places = np.arange(self._written, self._written + len(samples))
        self._written += len(samples)
        from_ends = np.minimum(places, self._length - 1 - places)
        if not self._fade or from_ends.min() >= self._fade:
            return samples
        gain = np.clip(from_ends / self._fade, 0, 1)[:, None]
        return (samples * gain).astype(np.int16)
