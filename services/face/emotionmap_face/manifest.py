"""Reads the manifest beside a model's weights and refuses weights that it does not describe."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from emotionmap_face.emotions import EMOTIONS

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST_FILE = "manifest.json"
MAX_MANIFEST_BYTES = 256 * 1024
MAX_WEIGHTS_BYTES = 2**31
"""What a protobuf message, and so an ONNX file, can hold."""
MAX_FIGURES = 1000
"""Of the metrics: what a client of all models still receives in one message."""

Label = Literal["Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral"]


class WeightsError(Exception):
    """Weights that must not be used; the message says why in one sentence."""


def _once_each(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    if len(set(labels)) != len(labels):
        raise ValueError("a label stands in it twice")
    return labels


def _finite_figures(metrics: dict[str, Any]) -> dict[str, Any]:
    try:
        figures = flat_metrics(metrics)
    except OverflowError:  # a whole number that no float can hold
        figures = {"": math.inf}
    if len(figures) > MAX_FIGURES or not all(map(math.isfinite, figures.values())):
        raise ValueError(f"must be at most {MAX_FIGURES} finite numbers")
    return metrics


class _Tensor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str = Field(min_length=1, max_length=128)


class _Input(_Tensor):
    shape: tuple[str, Literal[48], Literal[48], Literal[1]] = ("N", 48, 48, 1)
    dtype: Literal["float32"] = "float32"


class _Output(_Tensor):
    kind: Literal["probabilities", "logits"]


class Manifest(BaseModel):
    """What a model's `manifest.json` says.

    Attributes:
        name: What requests choose the model by.
        labels: Classes in output order, a subset of the vocabulary, each once.
        temperature: Divides the logits before softmax; above 1 makes the model less sure.
        metrics: Measured figures; the name tells the data.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    schema_name: Literal["emotionmap.model/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/@+-]{0,127}$")
    version: str = Field(min_length=1, max_length=128)
    modality: Literal["face"]
    file: str = Field(pattern=r"^[A-Za-z0-9._-]{1,255}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    source: str = Field(default="", max_length=4096)
    licence: str = Field(min_length=1, max_length=4096)
    labels: Annotated[
        tuple[Label, ...],
        Field(min_length=2, max_length=len(EMOTIONS)),
        AfterValidator(_once_each),
    ]
    input: _Input
    output: _Output
    temperature: float = Field(default=1.0, gt=0, le=100)
    metrics: Annotated[dict[str, Any], AfterValidator(_finite_figures)] = {}


@dataclass(frozen=True, slots=True)
class Weights:
    """Verified weights: `data`, the bytes of `path`, has the digest that `manifest` names."""

    manifest: Manifest
    path: Path
    data: bytes


def read_manifest(folder: Path) -> Manifest:
    """Read what the model in a folder is said to be.

    Raises:
        WeightsError: There is no manifest, or it is malformed.
    """
    path = folder / MANIFEST_FILE
    try:
        with path.open("rb") as file:
            text = file.read(MAX_MANIFEST_BYTES + 1)
        if len(text) > MAX_MANIFEST_BYTES:
            raise WeightsError(f"{path} is longer than {MAX_MANIFEST_BYTES} bytes.")
        return Manifest.model_validate_json(text)
    except OSError as error:
        raise WeightsError(f"Cannot read {path}: {error.strerror}.") from error
    except ValidationError as error:
        [first, *_] = error.errors()
        what = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
        raise WeightsError(f"{path} is malformed: {what}.") from error


def read_weights(folder: Path) -> Weights:
    """Read `manifest.json` and the file it names.

    Raises:
        WeightsError: Something is missing, malformed, or not what the manifest says.
    """
    manifest = read_manifest(folder)
    weights = folder / manifest.file
    try:
        if weights.stat().st_size > MAX_WEIGHTS_BYTES:
            raise WeightsError(f"{weights} is larger than {MAX_WEIGHTS_BYTES} bytes.")
        data = weights.read_bytes()
    except OSError as error:
        raise WeightsError(f"Cannot read {weights}: {error.strerror}.") from error
    verify_digest(weights, data, sha256=manifest.sha256)
    return Weights(manifest, weights, data)


def verify_digest(path: Path, data: bytes, *, sha256: str) -> None:
    """Check the bytes of a file.

    Raises:
        WeightsError: Their SHA-256 is another.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise WeightsError(f"{path} has SHA-256 {found}, but {sha256} is expected.")


def flat_metrics(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Return the numbers of nested metrics by names joined with "/"; anything else is left out."""
    flat: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            flat |= flat_metrics(value, f"{prefix}{name}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[prefix + name] = float(value)
    return flat
