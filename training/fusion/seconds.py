"""Makes labelled seconds with a face and a voice from sets that have only one of them. No torch.

A second is one person's face as a video shows it for a second, and the voice of another person who
plays the same emotion. Who is paired with whom is chance, under a fixed seed; no second pairs a
face with a voice of another emotion, so what two people in one picture do to each other is not
judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.emotions import LABELS
from training.faces.data import plurality, read_faces, split_training
from training.faces.evaluate import face_probabilities, held_out_faces
from training.voice.evaluate import contexts
from training.voice.prepare import decode, read_labels, speech_bounds
from training.voice.split import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from training.faces.data import FaceSet
    from training.voice.prepare import Clip
    from training.weights import Weights

SEED = 55_45
FRAMES = 5
"""Crops of one face that are averaged: as in the product, where 15 a second differ less."""
TURN_DEGREES = 6.0
SCALE_SHARE = 0.08
SHIFT_SHARE = 0.03
CONTRAST_SHARE = 0.1
BRIGHTNESS_SHIFT = 0.05
"""About what a second changes in a face's crop: a head that moves, a box that breathes."""
MIN_CLIPS = 3
"""A set with fewer clips of an emotion says too little about it."""
FITTED_SECONDS, FITTED_INTERVALS = 1600, 4
JUDGED_SECONDS, JUDGED_INTERVALS = 400, 1
"""Seconds per emotion, and intervals of a clip that are used at most."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Labelled seconds, as the models answer.

    Attributes:
        face: float64 [N, 7], mean probabilities of the crops, in the order of `LABELS`.
        voice: float64 [N, 7], probabilities.
        truth: int64 [N], class index.
        dataset: str [N], set of the voice.
    """

    face: NDArray[np.float64]
    voice: NDArray[np.float64]
    truth: NDArray[np.int64]
    dataset: NDArray[np.str_]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Seconds:
        """Return the given rows."""
        return Seconds(self.face[rows], self.voice[rows], self.truth[rows], self.dataset[rows])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which face goes with which clip: int64 [N] each, rows of the faces and of the clips."""

    face: NDArray[np.int64]
    clip: NDArray[np.int64]


def watched_seconds(face: Weights, voice: Weights, *, faces: Path, speech: Path) -> Seconds:
    """Return seconds of the validation slice of the faces and of the watched speakers."""
    _, held_out = split_training(read_faces(faces))
    clips = [clip for clip in read_labels(speech) if clip.part is Part.VALIDATION]
    return _scored(face, voice, held_out, clips, seconds=FITTED_SECONDS, intervals=FITTED_INTERVALS)


def judged_seconds(face: Weights, voice: Weights, *, faces: Path, speech: Path) -> Seconds:
    """Return seconds of the faces that are not for training and of the test speakers."""
    judged = held_out_faces(faces)
    clips = [clip for clip in read_labels(speech) if clip.part is Part.TEST]
    return _scored(face, voice, judged, clips, seconds=JUDGED_SECONDS, intervals=JUDGED_INTERVALS)


def pair(
    face_truth: NDArray[np.int64], clips: Sequence[Clip], *, seconds: int, seed: int = SEED
) -> Pairs:
    """Pair faces with clips of the same emotion.

    Every emotion that both have gets as many seconds, and within it every set of voices; faces
    and clips are used equally often, give or take one.

    Args:
        face_truth: int64 [faces], class index, or -1: not used.
        clips: The voices.
        seconds: Seconds per emotion.
        seed: Of the pairing.
    """
    rng = np.random.default_rng(seed)
    emotion = np.array([clip.emotion for clip in clips], dtype=np.int64)
    dataset = np.array([clip.dataset for clip in clips])
    face_rows: list[NDArray[np.int64]] = []
    clip_rows: list[NDArray[np.int64]] = []
    for label in range(len(LABELS)):
        of_sets = [
            np.flatnonzero((emotion == label) & (dataset == name)) for name in np.unique(dataset)
        ]
        of_sets = [rows for rows in of_sets if len(rows) >= MIN_CLIPS]
        faces = np.flatnonzero(face_truth == label)
        if not len(faces) or not of_sets:
            continue
        each = seconds // len(of_sets)
        face_rows.append(_drawn(faces, each * len(of_sets), rng))
        clip_rows.extend(_drawn(rows, each, rng) for rows in of_sets)
    none = np.zeros(0, dtype=np.int64)
    return Pairs(np.concatenate([none, *face_rows]), np.concatenate([none, *clip_rows]))


def frames_of(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return uint8 [FRAMES, 48, 48]: a uint8 [48, 48] crop as a video shows it for a second."""
    side = pixels.shape[0]
    frames = []
    for _ in range(FRAMES):
        turn = rng.uniform(-TURN_DEGREES, TURN_DEGREES)
        scale = np.exp(rng.uniform(-SCALE_SHARE, SCALE_SHARE))
        matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn, scale)
        matrix[:, 2] += rng.uniform(-SHIFT_SHARE, SHIFT_SHARE, 2) * side
        moved = cv2.warpAffine(pixels, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
        contrast = rng.uniform(1 - CONTRAST_SHARE, 1 + CONTRAST_SHARE)
        light = 127.5 + 255 * rng.uniform(-BRIGHTNESS_SHIFT, BRIGHTNESS_SHIFT)
        frames.append(np.clip((moved - 127.5) * contrast + light, 0, 255))
    return np.asarray(frames).round().astype(np.uint8)


def _scored(
    face: Weights,
    voice: Weights,
    faces: FaceSet,
    clips: Sequence[Clip],
    *,
    seconds: int,
    intervals: int,
) -> Seconds:
    truth = plurality(faces)
    pairs = pair(truth, clips, seconds=seconds)
    shown = _face_answers(face, faces, np.unique(pairs.face))
    told = {
        row: _voice_answers(voice, clips[row], intervals=intervals)
        for row in np.unique(pairs.clip).tolist()
    }
    return Seconds(
        face=_table([shown[row] for row in pairs.face.tolist()]),
        voice=_table(list(_in_turn(told, pairs.clip.tolist()))),
        truth=truth[pairs.face],
        dataset=np.array([clips[row].dataset for row in pairs.clip], dtype=np.str_),
    )


def _table(rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, len(LABELS))


def _drawn(rows: NDArray[np.intp], number: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.permutation(np.resize(rng.permutation(rows), number)).astype(np.int64)


def _face_answers(
    weights: Weights, faces: FaceSet, rows: NDArray[np.int64]
) -> dict[int, NDArray[np.float64]]:
    if not len(rows):
        return {}
    rng = np.random.default_rng(SEED)
    crops = np.concatenate([frames_of(faces.pixels[row], rng) for row in rows])
    answers = face_probabilities(weights, crops).reshape(len(rows), FRAMES, len(LABELS))
    return dict(zip(rows.tolist(), answers.mean(axis=1), strict=True))


def _voice_answers(weights: Weights, clip: Clip, *, intervals: int) -> list[NDArray[np.float64]]:
    """Return float64 [7] for some intervals of a clip, those in its middle first."""
    pcm = decode(clip.path)
    start, end = speech_bounds(pcm)
    waves = contexts(pcm[start:end])
    middle_first = sorted(range(len(waves)), key=lambda index: abs(2 * index - len(waves) + 1))
    answers = []
    for index in middle_first[:intervals]:
        scores = np.zeros(len(LABELS))
        scores[weights.class_index] = np.exp(weights.log_probabilities(waves[index][None])[0])
        answers.append(scores)
    return answers


def _in_turn(
    answers: dict[int, list[NDArray[np.float64]]], rows: Iterable[int]
) -> Iterable[NDArray[np.float64]]:
    """Give an answer for each row; a row that comes again gives its next interval."""
    used = dict.fromkeys(answers, 0)
    for row in rows:
        yield answers[row][used[row] % len(answers[row])]
        used[row] += 1
