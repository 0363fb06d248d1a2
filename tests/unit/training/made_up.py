"""Small made-up sets in the real formats, and models whose answers are known."""

from __future__ import annotations

import csv
import json
import wave

import numpy as np

from training.emotions import LABELS
from training.weights import SCHEMA, ModelFolder, Weights, sha256_of

RATE_HZ = 16_000
VOTE_NAMES = (
    *("neutral", "happiness", "surprise", "sadness", "anger"),
    *("disgust", "fear", "contempt", "unknown", "NF"),
)
FER_NAMES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


class Fixed:
    """Stands in for a session: the answer is made from the input by a function."""

    def __init__(self, answer):
        self.answer = answer

    def run(self, _outputs, inputs):
        (values,) = inputs.values()
        return [self.answer(values).astype(np.float32)]


def weights_of(answer, *, kind, labels=LABELS, temperature=1.0):
    manifest = {
        "name": "fixed",
        "version": "1",
        "sha256": "0" * 64,
        "labels": list(labels),
        "input": {"name": "input"},
        "output": {"kind": kind},
        "temperature": temperature,
    }
    return Weights(Fixed(answer), manifest)


def write_faces(path, votes, *, usage, labels=None, pixels=None):
    count = len(votes)
    table = np.zeros((count, 10), dtype=np.uint8)
    for row, given in enumerate(votes):
        for name, number in given.items():
            table[row, VOTE_NAMES.index(name)] = number
    if pixels is None:
        pixels = np.arange(count, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2)
    np.savez(
        path,
        pixels=pixels,
        label=np.zeros(count, dtype=np.uint8) if labels is None else np.array(labels, np.uint8),
        label_names=np.array(FER_NAMES),
        votes=table,
        vote_names=np.array(VOTE_NAMES),
        usage=np.array(usage),
        row=np.arange(count, dtype=np.int32),
    )
    return path


def write_tone(path, seconds, *, hertz=220.0):
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pcm = (8000 * np.sin(2 * np.pi * hertz * time)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, len(pcm), "NONE", ""))
        file.writeframes(pcm.tobytes())


def write_speech(folder, rows):
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("dataset", "path", "language", "speaker", "emotion", "seconds"))
        for number, (dataset, speaker, emotion, hertz) in enumerate(rows):
            write_tone(folder / f"{number}.wav", 0.5, hertz=hertz)
            writer.writerow((dataset, f"{number}.wav", "en", speaker, emotion, 0.5))
    return folder


def by_pitch(values):
    """Say Anger to tones above 500 Hz and Sadness to others, by counting zero crossings."""
    crossings = (np.diff(np.sign(values), axis=1) != 0).sum(axis=1) / values.shape[1] * RATE_HZ / 2
    logits = np.zeros((len(values), 7))
    logits[np.arange(len(values)), np.where(crossings > 500, 0, 4)] = 5
    return logits


def write_model(root, *, name="voice", modality="voice", **more):
    """Write a model folder whose file is no model: for what reads manifests alone."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "model.onnx").write_bytes(name.encode())
    manifest = {
        "schema": SCHEMA,
        "name": f"made-up-{name}",
        "version": "1.2.3",
        "modality": modality,
        "file": "model.onnx",
        "sha256": sha256_of(root / "model.onnx"),
        "licence": "CC BY-NC-SA 4.0 (non-commercial)",
        "data": ["RAVDESS speech, CC BY-NC-SA 4.0"],
        "labels": list(LABELS),
        "input": {"name": "input"},
        "output": {"name": "output", "kind": "logits"},
        "temperature": 1.0,
        "metrics": {},
    } | more
    (root / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return ModelFolder(name, modality, root)
