"""Reads the labelled face crops and turns annotators' votes into targets. Needs no torch.

Source: images of FER2013 (ICML 2013 challenge), ten votes an image from FER+
(Barsoum et al. 2016, https://arxiv.org/abs/1608.01041).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FER_LABEL_NAMES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
VOTE_COLUMNS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""FER+ columns that map to the seven classes, in class order; contempt, unknown and NF do not."""

FER_LABEL_SHARE = 0.15
"""Weight of the FER2013 label in a soft target: it is noisy, but holds most of the disgust."""
OUTLIER_VOTES = 1
"""A class with so few votes is an annotator's slip (rule of the FER+ reference code)."""
MIN_VOTES = 3
"""Images with fewer votes for the seven classes are mostly no face at all: not trained on."""
VALIDATION_SHARE = 0.05
SPLIT_SEED = 2013


@dataclass(frozen=True, slots=True)
class FaceSet:
    """Labelled crops.

    Attributes:
        pixels: uint8 [N, 48, 48], gray.
        votes: float32 [N, 10], FER+ votes, columns as in the file.
        vote_names: the ten column names.
        label: int64 [N], FER2013 label in class order.
        usage: str [N], Training or PublicTest.
    """

    pixels: NDArray[np.uint8]
    votes: NDArray[np.float32]
    vote_names: tuple[str, ...]
    label: NDArray[np.int64]
    usage: NDArray[np.str_]

    def seven_votes(self) -> NDArray[np.float32]:
        """Return float32 [N, 7]: the votes for the seven classes, in class order."""
        return self.votes[:, [self.vote_names.index(name) for name in VOTE_COLUMNS]]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> FaceSet:
        """Return the given rows."""
        return FaceSet(
            self.pixels[rows], self.votes[rows], self.vote_names, self.label[rows], self.usage[rows]
        )


def read_faces(path: Path) -> FaceSet:
    """Read an .npz with pixels, label, label_names, votes, vote_names and usage."""
    with np.load(path) as file:
        order = [FER_LABEL_NAMES.index(str(name)) for name in file["label_names"]]
        return FaceSet(
            pixels=file["pixels"],
            votes=file["votes"].astype(np.float32),
            vote_names=tuple(str(name) for name in file["vote_names"]),
            label=np.array(order, dtype=np.int64)[file["label"]],
            usage=file["usage"],
        )


def plurality(faces: FaceSet) -> NDArray[np.int64]:
    """Return int64 [N]: the class most annotators chose.

    It is -1 where there is a tie, or where most chose contempt, unknown or no face.
    """
    columns = np.array([faces.vote_names.index(name) for name in VOTE_COLUMNS])
    classes = np.full(len(faces.vote_names), -1, dtype=np.int64)
    classes[columns] = np.arange(len(VOTE_COLUMNS))
    best = faces.votes.max(axis=1, keepdims=True)
    clear = (best[:, 0] > 0) & ((faces.votes == best).sum(axis=1) == 1)
    return np.where(clear, classes[faces.votes.argmax(axis=1)], -1)


def soft_targets(faces: FaceSet) -> NDArray[np.float32]:
    """Return float32 [N, 7], rows summing to 1: FER+ votes mixed with the FER2013 label."""
    votes = faces.seven_votes()
    kept = np.where(votes > OUTLIER_VOTES, votes, 0)
    kept = np.where(kept.sum(axis=1, keepdims=True) > 0, kept, votes)
    shares = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1)
    one_hot = np.eye(len(VOTE_COLUMNS), dtype=np.float32)[faces.label]
    return ((1 - FER_LABEL_SHARE) * shares + FER_LABEL_SHARE * one_hot).astype(np.float32)


def split_training(faces: FaceSet) -> tuple[FaceSet, FaceSet]:
    """Split the Training rows into what is learned from and a validation slice.

    PublicTest is never selected on. The file holds exact copies: none of PublicTest stays in
    either part, and copies of one image fall into the same part.
    """
    keys = np.array([image.tobytes() for image in faces.pixels], dtype=object)
    judged = set(keys[faces.usage == "PublicTest"])
    usable = (faces.usage == "Training") & (faces.seven_votes().sum(axis=1) >= MIN_VOTES)
    rows = np.array(
        [row for row in np.flatnonzero(usable) if keys[row] not in judged], dtype=np.intp
    )
    held_out = np.random.default_rng(SPLIT_SEED).random(len(rows)) < VALIDATION_SHARE
    held_keys = set(keys[rows[held_out]])
    held_out = np.array([keys[row] in held_keys for row in rows], dtype=bool)
    return faces.take(rows[~held_out]), faces.take(rows[held_out])
