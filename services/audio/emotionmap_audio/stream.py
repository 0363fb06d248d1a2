"""Works through the sound of one stream: finds its speech in order, scores it in company.

Knows neither gRPC nor protobuf; `servicer.py` translates.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from concurrent.futures import Executor

    from emotionmap_runtime.batching import MicroBatcher
    from numpy.typing import NDArray

    from emotionmap_audio.excerpts import Excerpt, SegmentSound
    from emotionmap_audio.model import EmotionModel

INTERVALS_IN_FLIGHT = 33
"""Intervals of one stream that wait for the model at once; no stream alone fills the queue."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of sound.

    Attributes:
        time_ns: Time of the first sample, ns from time zero.
        samples: int16 [N], mono, 16 kHz.
    """

    time_ns: int
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class ScoredInterval:
    """The answer for one interval.

    Attributes:
        excerpt: Where it is and how much of it is speech.
        emotions: float32 [7], probabilities in the vocabulary's order; None without speech.
    """

    excerpt: Excerpt
    emotions: NDArray[np.float32] | None


def score_waves(
    model: EmotionModel, waves: Sequence[NDArray[np.float32]]
) -> Sequence[NDArray[np.float32]]:
    """Score waves, float32 [T] each, those of equal length together; what a `MicroBatcher` runs."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place, wave in enumerate(waves):
        places[len(wave)].append(place)
    scores: dict[int, NDArray[np.float32]] = {}
    for group in places.values():
        found = model.predict(np.stack([waves[place] for place in group]))
        scores.update(zip(group, found, strict=True))
    return [scores[place] for place in range(len(waves))]


class SpeechStream:
    """The work of one stream.

    Args:
        sound: Collects the sound.
        scorer: Scores the waves of all streams.
        threads: Where speech is looked for; shared by all streams.
    """

    def __init__(
        self,
        sound: SegmentSound,
        *,
        scorer: MicroBatcher[NDArray[np.float32], NDArray[np.float32]],
        threads: Executor,
    ) -> None:
        self._sound = sound
        self._scorer = scorer
        self._threads = threads

    async def start_each(
        self, sounds: AsyncIterator[Sound]
    ) -> AsyncIterator[asyncio.Task[ScoredInterval]]:
        """Give, for each interval once its context is complete, the task that scores it."""
        loop = asyncio.get_running_loop()
        has_begun = False
        async for sound in sounds:
            if not has_begun:
                self._sound.begin(sound.time_ns)
                has_begun = True
            excerpts = await loop.run_in_executor(self._threads, self._sound.take, sound.samples)
            for excerpt in excerpts:
                yield asyncio.create_task(self._score(excerpt))
        for excerpt in await loop.run_in_executor(self._threads, self._sound.finish):
            yield asyncio.create_task(self._score(excerpt))

    async def _score(self, excerpt: Excerpt) -> ScoredInterval:
        if excerpt.wave is None:
            return ScoredInterval(excerpt, None)
        return ScoredInterval(excerpt, await self._scorer.submit(excerpt.wave))
