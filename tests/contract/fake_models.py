"""Models of emotions as tests script them, for the face service and the audio service alike."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANGRY, HAPPY, SAD = (np.eye(7, dtype=np.float32)[emotion] for emotion in (0, 3, 4))


def manifest_fields(modality: str, *, labels: list[str], metric: str) -> dict[str, Any]:
    """Return what the manifest of a model that there is not says."""
    return {
        "schema": "emotionmap.model/1",
        "name": "fake",
        "version": "1",
        "modality": modality,
        "file": "model.onnx",
        "sha256": "0" * 64,
        "licence": "none",
        "source": "a test",
        "labels": labels,
        "input": {"name": "in"},
        "output": {"name": "out", "kind": "logits"},
        "metrics": {"set": {metric: 0.5}},
    }


class GatedModel:
    """Finds the same in everybody; works only while `is_open` is set."""

    emotions: NDArray[np.float32]

    def __init__(self, *, is_open: bool = True) -> None:
        self.is_open = threading.Event()
        self.has_begun = threading.Event()
        self.batches: list[int] = []
        if is_open:
            self.is_open.set()

    def predict(self, inputs):
        self.has_begun.set()
        self.is_open.wait()
        self.batches.append(len(inputs))
        return np.tile(self.emotions, (len(inputs), 1))


class FailingModel(GatedModel):
    """Fails, and tells why."""

    def predict(self, inputs):
        raise ZeroDivisionError("secret")
