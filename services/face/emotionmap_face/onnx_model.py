"""Scores faces with an ONNX graph of the contract of DeepFace's emotion model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from emotionmap_face.crop import INPUT_SIDE_PX
from emotionmap_face.emotions import to_distributions
from emotionmap_face.manifest import WeightsError, read_weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emotionmap_face.manifest import Manifest, Weights

PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""Best first; the GPU's exists only where `onnxruntime-gpu` is installed."""

INPUT_SHAPE = (None, INPUT_SIDE_PX, INPUT_SIDE_PX, 1)
"""[N, H, W, C]; None is a length that must be free."""

SUM_TOLERANCE = 1e-3
"""Of a softmax computed in 16 bits, at worst."""
MAX_QUOTED_CHARS = 300


class OnnxEmotionModel:
    """An onnxruntime session; fulfils `EmotionModel`."""

    def __init__(self, session: Any, manifest: Manifest) -> None:
        self._session = session
        self._manifest = manifest

    @property
    def manifest(self) -> Manifest:
        """What the weights are."""
        return self._manifest

    def predict(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score float32 [B, 48, 48, 1]; see `EmotionModel.predict`."""
        return to_distributions(
            self.run(crops),
            labels=self._manifest.labels,
            are_logits=self._manifest.output.kind == "logits",
            temperature=self._manifest.temperature,
        )

    def run(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the graph gives for float32 [B, 48, 48, 1]: float32 [B, C]."""
        outputs: list[NDArray[np.float32]] = self._session.run(
            [self._manifest.output.name], {self._manifest.input.name: crops}
        )
        return outputs[0]


def load_models(folders: Sequence[Path], *, threads: int) -> list[OnnxEmotionModel]:
    """Read, verify, open and try the models in folders; see `load_model`.

    Raises:
        WeightsError: One of them cannot be used.
    """
    return [load_model(read_weights(folder), threads=threads) for folder in folders]


def load_model(weights: Weights, *, threads: int) -> OnnxEmotionModel:
    """Open verified weights and try them, so that none is served that does not keep the contract.

    That also warms them up: the first request is not the slow one.

    Args:
        weights: From `manifest.read_weights`.
        threads: Threads that one batch is spread over.

    Raises:
        WeightsError: The file is no ONNX graph, or not of the manifest's contract.
    """
    try:
        session = _open(weights.data, threads=threads)
        model = OnnxEmotionModel(session, weights.manifest)
        complaint = _complaint_of_graph(session, weights.manifest) or _complaint_of_outputs(
            model.run(_trial()), weights.manifest
        )
    except Exception as error:  # onnxruntime's errors share no base but Exception
        said = " ".join(str(error).split())[:MAX_QUOTED_CHARS]
        raise WeightsError(f"{weights.path} is no ONNX graph that can be run: {said}") from error
    if complaint is not None:
        raise WeightsError(f"{weights.path} does not do what its manifest says: {complaint}.")
    return model


def _open(data: bytes, *, threads: int) -> Any:
    # onnxruntime >= 1.29 reports usage, and writes device ids under ~/.cache, unless told not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - after the line above, and no heavy import before use

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what it would write is in the exceptions it raises
    # Spinning threads take the cores that find faces.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # No tensor may come from another file, whose digest nobody has checked.
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", os.devnull
    )
    providers = [p for p in PROVIDERS if p in onnxruntime.get_available_providers()]
    return onnxruntime.InferenceSession(data, options, providers=providers)


def _complaint_of_graph(session: Any, manifest: Manifest) -> str | None:
    """Return what is wrong with the inputs and outputs that a graph declares, if anything is."""
    names = [tensor.name for tensor in session.get_inputs()]
    if names != [manifest.input.name]:
        return f"its inputs are {names}, where {manifest.input.name!r} alone is expected"
    outputs = {tensor.name: tensor.type for tensor in session.get_outputs()}
    if manifest.output.name not in outputs:
        return f"it has no output {manifest.output.name!r}, only {list(outputs)}"
    [tensor] = session.get_inputs()
    for kind in (tensor.type, outputs[manifest.output.name]):
        if kind != "tensor(float)":
            return f"it works on {kind}, where tensor(float) is expected"
    if not _fits(tensor.shape):
        expected = [length or "any" for length in INPUT_SHAPE]
        return f"its input has the shape {tensor.shape}, where {expected} is expected"
    return None


def _fits(shape: Sequence[int | str | None]) -> bool:
    """Tell whether a declared shape takes `INPUT_SHAPE`; a length that is no number is free."""
    if len(shape) != len(INPUT_SHAPE):
        return False
    return all(
        not isinstance(length, int) or length == wanted
        for length, wanted in zip(shape, INPUT_SHAPE, strict=True)
    )


def _complaint_of_outputs(outputs: NDArray[np.float32], manifest: Manifest) -> str | None:
    """Return what is wrong with the answer to `_trial`, if anything is."""
    if outputs.shape != (2, len(manifest.labels)):
        given = f"{list(outputs.shape)} numbers for 2 inputs"
        return f"it gives {given}, where {len(manifest.labels)} labels are named"
    if not np.isfinite(outputs).all():
        return "it gives a number that is not finite"
    are_probabilities = outputs.min() >= 0 and np.allclose(
        outputs.sum(axis=1), 1, rtol=0, atol=SUM_TOLERANCE
    )
    if are_probabilities != (manifest.output.kind == "probabilities"):
        given = "probabilities" if are_probabilities else "other numbers than probabilities"
        return f"it gives {given}, where {manifest.output.kind} are named"
    return None


def _trial() -> NDArray[np.float32]:
    """Return two unlike inputs, float32 [2, 48, 48, 1] in [0, 1]: a slope and its negative."""
    slope = np.linspace(0, 1, INPUT_SIDE_PX**2, dtype=np.float32)
    return np.stack([slope, 1 - slope]).reshape(2, INPUT_SIDE_PX, INPUT_SIDE_PX, 1)
