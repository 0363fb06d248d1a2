"""What is learned from and what is watched: clips by part of the split, and batches of them."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import Dataset

from training.voice.augment import augment_voice, normalize
from training.voice.evaluate import SHORTEST_S
from training.voice.finetune.recipe import CROP_S
from training.voice.prepare import (
    SAMPLE_RATE_HZ,
    Cache,
    open_cache,
    read_crema,
    read_labels,
    write_cache,
)
from training.voice.split import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from training.voice.finetune.recipe import Recipe
    from training.voice.prepare import Clip

FEWEST_CLASSES = 2
POINTER = b"version https://git-lfs"
"""How a file begins that Git LFS has not fetched."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """The clips of a run.

    Attributes:
        cache: decoded clips.
        classes: int64 [C], index in `LABELS` of each output: the classes that are learned.
        learned: int64 [N], rows of training speakers.
        watched: int64 [M], rows of validation speakers; early stopping and temperature.
    """

    cache: Cache
    classes: NDArray[np.int64]
    learned: NDArray[np.int64]
    watched: NDArray[np.int64]

    def targets(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the output index of each row's emotion."""
        return np.searchsorted(self.classes, self.cache.emotion[rows])

    def signature(self) -> dict[str, Any]:
        """Return what must be the same of it for a run to be resumed."""
        speakers = self.cache.speaker[self.learned].tolist()
        emotions = self.cache.emotion[self.learned].tolist()
        content = repr((speakers, emotions, self.cache.bounds[self.learned].tolist()))
        digest = hashlib.sha256(content.encode()).hexdigest()
        return {"clips": digest[:16], "classes": self.classes.tolist()}

    def window(self, row: int) -> torch.Tensor:
        """Return the middle of a clip, float32 [T] of up to 3 s, as the product would score it."""
        start, end = self.cache.bounds[row]
        longest = round(CROP_S[1] * SAMPLE_RATE_HZ)
        first = max(start, (start + end - longest) // 2)
        pcm = self.cache.pcm[first : min(end, first + longest)].astype(np.float32)
        short = max(0, round(SHORTEST_S * SAMPLE_RATE_HZ) - len(pcm))
        return torch.from_numpy(normalize(np.pad(pcm, (0, short))))


def plan_lesson(cache: Cache) -> Lesson:
    """Divide decoded clips by the split. Judged speakers are in neither part.

    Raises:
        ValueError: there is nobody to learn from or to watch, or one class only.
    """
    learned = np.flatnonzero(cache.part == Part.TRAIN)
    classes = np.unique(cache.emotion[learned])
    known = np.isin(cache.emotion, classes)
    watched = np.flatnonzero((cache.part == Part.VALIDATION) & known)
    if len(classes) < FEWEST_CLASSES or not len(watched):
        message = (
            f"{len(learned)} clips of {len(classes)} classes to learn from and {len(watched)} to "
            "watch: both kinds of speakers are needed (training/voice/split.py says who is which)"
        )
        raise ValueError(message)
    return Lesson(cache, classes, learned, watched)


def gather(data: Path | None, crema: Path | None) -> list[Clip]:
    """Return the clips of both layouts but those of judged speakers, which are not even opened.

    Raises:
        ValueError: there are none, or Git LFS has not fetched one.
    """
    found = (read_labels(data) if data else []) + (read_crema(crema) if crema else [])
    clips = [clip for clip in found if clip.part is not Part.TEST]
    if not clips:
        message = (
            f"{crema or data}: {len(found)} clips, none of a speaker to learn from (see "
            "training/voice/split.py); CREMA-D's are called like 1001_DFA_ANG_XX.wav"
        )
        raise ValueError(message)
    for clip in clips:
        with clip.path.open("rb") as file:
            if file.read(len(POINTER)) == POINTER:
                message = f"{clip.path}: a pointer of Git LFS, no sound; run git lfs pull"
                raise ValueError(message)
    return clips


def decoded(clips: Sequence[Clip], folder: Path) -> Cache:
    """Return the decoded clips, from the cache in the folder if it has them.

    Raises:
        ValueError: the cache holds other clips.
    """
    if not (folder / "clips.csv").exists():
        sys.stderr.write(f"decoding {len(clips)} clips into {folder}\n")
        write_cache(clips, folder)
    cache = open_cache(folder)
    rows = [(clip.dataset, clip.speaker, clip.emotion) for clip in clips]
    held = zip(cache.dataset.tolist(), cache.speaker.tolist(), cache.emotion.tolist(), strict=True)
    if rows != list(held):
        message = f"{folder} holds other decoded clips; remove it, or give another --cache"
        raise ValueError(message)
    return cache


class Batches(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Augmented batches by number: each depends on the seed and its number alone.

    So a run that is resumed, or has other workers, learns from the very same batches.
    """

    def __init__(
        self, lesson: Lesson, recipe: Recipe, sounds: Sequence[NDArray[np.int16]] = ()
    ) -> None:
        """Draw every class equally often."""
        super().__init__()
        self.lesson = lesson
        self.recipe = recipe
        self.sounds = sounds
        targets = lesson.targets(lesson.learned)
        rarity = 1 / np.bincount(targets)[targets]
        self.shares = rarity / rarity.sum()

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return waves float32 [B, T] and targets int64 [B]; T is one for the batch."""
        rng = np.random.default_rng((self.recipe.seed, number))
        samples = round(rng.uniform(*CROP_S) * SAMPLE_RATE_HZ)
        rows = rng.choice(self.lesson.learned, self.recipe.batch, p=self.shares)
        pcm, bounds = self.lesson.cache.pcm, self.lesson.cache.bounds[rows]
        waves = [
            augment_voice(np.asarray(pcm[start:end]), samples, self.sounds, rng)
            for start, end in bounds
        ]
        return torch.from_numpy(np.stack(waves)), torch.from_numpy(self.lesson.targets(rows))
