"""Works through the frames of one stream: finds faces in order, scores them in company.

Knows neither gRPC nor protobuf; `servicer.py` translates.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from emotionmap_face.crop import prepare
from emotionmap_face.reuse import Crop, Reuse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from concurrent.futures import Executor

    from emotionmap_runtime.batching import MicroBatcher
    from numpy.typing import NDArray

    from emotionmap_face.follow import FrameSightings, SearchedFrame, Sighting
    from emotionmap_face.model import EmotionModel
    from emotionmap_face.pace import Pace

BATCHES_IN_FLIGHT = 4
"""Batches of one stream whose answer has not been taken: enough to fill the model's by itself.

Only crops of them are kept, 9 kB a face; pixels are of the one that is searched, the one that
comes after it, and what the finder keeps.
"""
FACES_IN_FLIGHT = 64
"""Faces of one stream that wait for the model at once, so that no stream alone fills the queue."""


class FaceFinder(Protocol):
    """Finds the faces in the frames of one stream, one frame at a time."""

    pace: Pace
    """How often is searched."""

    def take(self, gray: NDArray[np.uint8], *, time_ns: int) -> list[SearchedFrame]:
        """Take in the next frame, uint8 [H, W], which is on screen at a time.

        Returns:
            The next frames of which all is known, in order; perhaps none, perhaps many.
        """
        ...

    def rest(self) -> list[SearchedFrame]:
        """Return the frames that are left, once no more come."""
        ...


@dataclass(frozen=True, slots=True)
class GrayFrame:
    """One frame.

    Attributes:
        pixels: uint8 [H, W], full range.
        time_ns: When it is on screen, ns from time zero.
    """

    pixels: NDArray[np.uint8]
    time_ns: int


@dataclass(frozen=True, slots=True)
class ScoredFace:
    """One valid face.

    Attributes:
        sighting: Where it is and how fit for scoring.
        emotions: float32 [7], probabilities in the vocabulary's order.
    """

    sighting: Sighting
    emotions: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoredFrame:
    """The answer to one frame.

    Attributes:
        time_ns: When the frame is on screen, ns from time zero.
        width_px: Its width.
        height_px: Its height.
        faces: Valid faces, largest first.
        rejected: Number of faces found that are not valid.
    """

    time_ns: int
    width_px: int
    height_px: int
    faces: tuple[ScoredFace, ...]
    rejected: int


@dataclass(frozen=True, slots=True)
class _FoundFaces:
    """What is left of a frame while its faces are scored: not its pixels."""

    time_ns: int
    width_px: int
    height_px: int
    sightings: FrameSightings
    crops: tuple[Crop, ...]


def score_crops(
    model: EmotionModel, crops: Sequence[NDArray[np.float32]]
) -> Sequence[NDArray[np.float32]]:
    """Score crops, float32 [48, 48, 1] each, as one batch; what a `MicroBatcher` runs."""
    return list(model.predict(np.stack(crops)))


class FaceStream:
    """The work of one stream.

    Args:
        finder: Finds the faces.
        scorer: Scores the crops of all streams.
        threads: Where faces are searched for; shared by all streams.
    """

    def __init__(
        self,
        finder: FaceFinder,
        *,
        scorer: MicroBatcher[NDArray[np.float32], NDArray[np.float32]],
        threads: Executor,
    ) -> None:
        self._finder = finder
        self._scorer = scorer
        self._threads = threads
        self._slots = asyncio.Semaphore(FACES_IN_FLIGHT)
        self._reuse = Reuse(finder.pace)
        self._answers: WeakKeyDictionary[Crop, asyncio.Task[NDArray[np.float32]]]
        self._answers = WeakKeyDictionary()
        self._has_ended = False  # seen by the thread between two frames

    async def start_each(
        self, batches: AsyncIterator[Sequence[GrayFrame]]
    ) -> AsyncIterator[asyncio.Task[Sequence[ScoredFrame]]]:
        """Find the faces of each batch of frames, and give the task that scores them.

        A task is of the frames of which all is known by then, perhaps none; one more of the rest.
        """
        loop = asyncio.get_running_loop()
        try:
            async for batch in batches:
                found = await loop.run_in_executor(self._threads, self._find, batch)
                yield asyncio.create_task(self._score(found))
            if rest := await loop.run_in_executor(self._threads, self._find_rest):
                yield asyncio.create_task(self._score(rest))
        finally:
            self._has_ended = True

    def _find(self, batch: Sequence[GrayFrame]) -> Sequence[_FoundFaces]:
        """Find the faces of a batch; stops half way if nobody wants them any more."""
        return [
            self._cut_out(searched)
            for frame in batch
            if not self._has_ended
            for searched in self._finder.take(frame.pixels, time_ns=frame.time_ns)
        ]

    def _find_rest(self) -> Sequence[_FoundFaces]:
        return [self._cut_out(searched) for searched in self._finder.rest()]

    def _cut_out(self, frame: SearchedFrame) -> _FoundFaces:
        crops = tuple(
            self._reuse.crop_for(
                Crop(prepare(frame.gray, face.box), frame.time_ns), track=face.track
            )
            for face in frame.sightings.faces
        )
        height_px, width_px = frame.gray.shape
        return _FoundFaces(frame.time_ns, width_px, height_px, frame.sightings, crops)

    async def _score(self, batch: Sequence[_FoundFaces]) -> Sequence[ScoredFrame]:
        crops = (crop for found in batch for crop in found.crops)
        emotions = iter(await asyncio.gather(*map(self._answer, crops)))
        return [_scored(found, emotions) for found in batch]

    def _answer(self, crop: Crop) -> asyncio.Task[NDArray[np.float32]]:
        """Return the task that scores a crop; the same for all faces it answers for."""
        if crop not in self._answers:
            self._answers[crop] = asyncio.create_task(self._score_one(crop))
        return self._answers[crop]

    async def _score_one(self, crop: Crop) -> NDArray[np.float32]:
        async with self._slots:
            return await self._scorer.submit(crop.pixels)


def _scored(found: _FoundFaces, emotions: Iterator[NDArray[np.float32]]) -> ScoredFrame:
    """Return the answer to a frame, whose faces are the next of those scored."""
    return ScoredFrame(
        time_ns=found.time_ns,
        width_px=found.width_px,
        height_px=found.height_px,
        faces=tuple(ScoredFace(sighting, next(emotions)) for sighting in found.sightings.faces),
        rejected=found.sightings.rejected,
    )
