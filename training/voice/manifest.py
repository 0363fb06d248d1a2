"""Describes an exported voice model, in its manifest and inside its ONNX file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import onnx

from training.voice.prepare import SAMPLE_RATE_HZ
from training.weights import SCHEMA, sha256_of, write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INPUT_NAME = "input_values"
OUTPUT_NAME = "logits"
SET_LICENCES = {
    "ravdess": "RAVDESS speech, CC BY-NC-SA 4.0",
    "nemo": "nEMO, CC BY-NC-SA 4.0",
    "emodb": "EmoDB, free with citation",
    "emogator": "EmoGator, Apache-2.0",
    "cremad": "CREMA-D, ODbL",
}
"""Name and licence of each set that training/voice/split.py knows."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a manifest says of a model's origin.

    Attributes:
        name: what requests choose the model by.
        version: of the weights.
        source: where they come from.
        licence: of the weights.
        data: sets they were trained on, each with its licence.
    """

    name: str
    version: str
    source: str
    licence: str
    data: tuple[str, ...]


def licence_of(data: Sequence[str]) -> str:
    """Return the licence that the sets leave to weights trained on them."""
    if any("-NC-" in item for item in data):
        return "CC BY-NC-SA 4.0 (non-commercial)"
    return "see MODEL_CARD.md" if data else "not stated; see the source"


def manifest_of(path: Path, labels: Sequence[str], description: Description) -> dict[str, Any]:
    """Return the manifest of an exported file; `training.card` adds the figures."""
    return {
        "schema": SCHEMA,
        "name": description.name,
        "version": description.version,
        "modality": "voice",
        "file": path.name,
        "sha256": sha256_of(path),
        "source": description.source,
        "licence": description.licence,
        "data": list(description.data),
        "labels": list(labels),
        "input": {
            "name": INPUT_NAME,
            "shape": ["N", "T"],
            "dtype": "float32",
            "range": "zero mean and unit variance per row; 0.4 s to 10 s",
            "sample_rate_hz": SAMPLE_RATE_HZ,
        },
        "output": {"name": OUTPUT_NAME, "kind": "logits"},
        "temperature": 1.0,
        "metrics": {},
    }


def stamp(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest, and what it says into the ONNX file's own metadata."""
    path = folder / manifest["file"]
    model = onnx.load(path)
    words = {key: manifest[key] for key in ("name", "version", "licence")}
    numbers = {key: json.dumps(manifest[key]) for key in ("labels", "temperature")}
    onnx.helper.set_model_props(model, words | numbers)
    onnx.save(model, path)
    write_manifest(folder, manifest | {"sha256": sha256_of(path)})
