"""Opens and describes model folders: model.onnx, manifest.json, MODEL_CARD.md. Needs no torch."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.emotions import LABELS

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray

SCHEMA = "emotionmap.model/1"
REPOSITORY = Path(__file__).resolve().parents[1]
FACE_WEIGHTS = REPOSITORY / "services/face/emotionmap_face/weights"
VOICE_WEIGHTS = REPOSITORY / "services/audio/emotionmap_audio/weights"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A shipped model.

    Attributes:
        name: first word of its figures: `face`, `voice`, or `voice_commercial` for the folder
            `commercial` beside the default voice.
        modality: `face` or `voice`.
        folder: where its manifest lies.
    """

    name: str
    modality: str
    folder: Path


def shipped_models(
    face: Path = FACE_WEIGHTS, voice: Path = VOICE_WEIGHTS
) -> tuple[ModelFolder, ...]:
    """Return the models in both folders of weights, and in their sub-folders."""
    found = []
    for modality, root in (("face", face), ("voice", voice)):
        for manifest in (root / MANIFEST, *sorted(root.glob(f"*/{MANIFEST}"))):
            if manifest.exists():
                words = [modality, *manifest.parent.relative_to(root).parts]
                name = "_".join(words).replace("-", "_").lower()
                found.append(ModelFolder(name, modality, manifest.parent))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Weights:
    """An opened model.

    Attributes:
        session: runs the graph.
        manifest: what manifest.json says of it.
    """

    session: onnxruntime.InferenceSession
    manifest: dict[str, Any]

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the graph's only output for its only input."""
        (output,) = self.session.run(None, {self.manifest["input"]["name"]: values})
        return np.asarray(output, dtype=np.float32)

    def log_probabilities(
        self, values: NDArray[np.float32], *, temperature: float | None = None
    ) -> NDArray[np.float64]:
        """Return log-probabilities float64 [N, C], whichever kind the output is.

        Args:
            values: the graph's input.
            temperature: divides the logits; the manifest's unless another is given.
        """
        if temperature is None:
            temperature = self.manifest["temperature"]
        output = self.run(values).astype(np.float64)
        if self.manifest["output"]["kind"] == "probabilities":
            output = np.log(np.maximum(output, np.finfo(np.float32).tiny))
        scaled = output / temperature
        shifted = scaled - scaled.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return np.asarray(logs, dtype=np.float64)

    @property
    def temperature_in_graph(self) -> float:
        """By what the graph itself divides its logits, beside the manifest's temperature."""
        return float(self.manifest.get("calibration", {}).get("temperature_in_graph", 1.0))

    @property
    def class_index(self) -> NDArray[np.int64]:
        """int64 [C]: for each output, its index in `LABELS`."""
        return np.array([LABELS.index(label) for label in self.manifest["labels"]], dtype=np.int64)


def sha256_of(path: Path) -> str:
    """Return the digest of a file as hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def open_weights(folder: Path, *, threads: int = 1) -> Weights:
    """Open a model folder; a run of the graph takes that many threads.

    Raises:
        ValueError: the manifest is of another schema, or the file is not the one it names.
    """
    # Read when the library is loaded: evaluation of private films must not report home.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # noqa: PLC0415

    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("schema") != SCHEMA:
        message = f"{folder}: the manifest is not of schema {SCHEMA}"
        raise ValueError(message)
    path = folder / manifest["file"]
    if sha256_of(path) != manifest["sha256"]:
        message = f"{path}: the sha256 differs from the manifest's"
        raise ValueError(message)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return Weights(session, manifest)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write manifest.json."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
