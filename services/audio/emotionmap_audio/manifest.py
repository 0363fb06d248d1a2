"""Reads the manifest beside a model's weights and refuses weights that it does not describe."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emotionmap_audio.emotions import EMOTIONS

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST_FILE = "manifest.json"

Label = Literal["Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral"]


class WeightsError(Exception):
    """Weights that must not be used; the message says why in one sentence."""


class _Tensor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str


class _Output(_Tensor):
    kind: Literal["probabilities", "logits"]


class Manifest(BaseModel):
    """What a model's `manifest.json` says.

    Attributes:
        labels: Classes in output order, a subset of the vocabulary.
        temperature: Divides the logits before softmax; above 1 makes the model less sure.
        metrics: Measured figures; the name tells the data.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    schema_name: Literal["emotionmap.model/1"] = Field(alias="schema")
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    modality: Literal["voice"]
    file: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    source: str = ""
    licence: str = Field(min_length=1)
    labels: Annotated[tuple[Label, ...], Field(min_length=2, max_length=len(EMOTIONS))]
    input: _Tensor
    output: _Output
    temperature: float = Field(default=1.0, gt=0, le=100)
    metrics: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Weights:
    """Verified weights: `data` has the digest that `manifest` names."""

    manifest: Manifest
    data: bytes


def read_weights(folder: Path) -> Weights:
    """Read `manifest.json` and the file it names.

    Raises:
        WeightsError: Something is missing, malformed, or not what the manifest says.
    """
    path = folder / MANIFEST_FILE
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
        data = (folder / manifest.file).read_bytes()
    except OSError as error:
        raise WeightsError(f"Cannot read the weights: {error}.") from error
    except ValidationError as error:
        [first, *_] = error.errors()
        field = ".".join(map(str, first["loc"]))
        raise WeightsError(f"{path} is malformed: {field}: {first['msg']}.") from error
    if len(set(manifest.labels)) != len(manifest.labels):
        raise WeightsError(f"{path} is malformed: a label stands in it twice.")
    found = hashlib.sha256(data).hexdigest()
    if found != manifest.sha256:
        raise WeightsError(
            f"{folder / manifest.file} has SHA-256 {found}, but {manifest.sha256} is expected."
        )
    return Weights(manifest, data)


def flat_metrics(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Return the numbers of nested metrics by names joined with "/"; anything else is left out."""
    flat: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            flat |= flat_metrics(value, f"{prefix}{name}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[prefix + name] = float(value)
    return flat
