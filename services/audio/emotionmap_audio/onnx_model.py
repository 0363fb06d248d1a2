"""Scores voices with an ONNX graph of the contract of `Wav2Vec2ForSequenceClassification`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emotionmap_audio.emotions import to_distributions
from emotionmap_audio.execution import (
    MAX_QUOTED_CHARS,
    BoundGraph,
    Device,
    FreeGraph,
    ProviderError,
    open_session,
)
from emotionmap_audio.manifest import WeightsError, read_weights
from emotionmap_audio.model import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emotionmap_audio.execution import Graph
    from emotionmap_audio.manifest import Manifest, Weights

INPUT_SHAPE = (None, None)
"""[N, T]; None is a length that must be free."""
TRIAL_HZ = (220, 440)
WARM_SHAPES = tuple((half_s * SAMPLE_RATE_HZ // 2,) for half_s in range(2, 7))
"""Of one input, as they come all the time: `excerpts` makes 1 to 3 s in steps of half a second."""

SUM_TOLERANCE = 1e-3
"""Of a softmax computed in 16 bits, at worst."""
CPU = Device()


class OnnxEmotionModel:
    """A graph opened by onnxruntime; fulfils `EmotionModel`."""

    def __init__(self, graph: Graph, manifest: Manifest) -> None:
        self._graph = graph
        self._manifest = manifest

    @property
    def manifest(self) -> Manifest:
        """What the weights are."""
        return self._manifest

    def predict(self, waves: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score float32 [B, T]; see `EmotionModel.predict`."""
        return to_distributions(
            self.run(waves),
            labels=self._manifest.labels,
            are_logits=self._manifest.output.kind == "logits",
            temperature=self._manifest.temperature,
        )

    def run(self, waves: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the graph gives for float32 [B, T]: float32 [B, C]."""
        return self._graph.run(waves)


def load_models(
    folders: Sequence[Path], *, threads: int, device: Device = CPU
) -> list[OnnxEmotionModel]:
    """Read, verify, open and try the models in folders; see `load_model`.

    Raises:
        WeightsError: One of them cannot be used.
        ProviderError: The device cannot be used.
    """
    return [load_model(read_weights(folder), threads=threads, device=device) for folder in folders]


def load_model(weights: Weights, *, threads: int, device: Device = CPU) -> OnnxEmotionModel:
    """Open verified weights and try them, so that none is served that does not keep the contract.

    That also warms them up: the first request is not the slow one.

    Args:
        weights: From `manifest.read_weights`.
        threads: Threads that one batch is spread over.
        device: Where the graph runs; on any but the CPU in fixed shapes.

    Raises:
        WeightsError: The file is no ONNX graph, or not of the manifest's contract.
        ProviderError: The device cannot be used.
    """
    try:
        session = open_session(weights.data, threads=threads, device=device)
        complaint = _complaint_of_graph(session, weights.manifest)
        if complaint is None:
            model = OnnxEmotionModel(_graph(session, weights.manifest, device), weights.manifest)
            complaint = _complaint_of_outputs(model.run(_trial()), weights.manifest)
    except ProviderError:
        raise
    except Exception as error:  # onnxruntime's errors share no base but Exception
        said = " ".join(str(error).split())[:MAX_QUOTED_CHARS]
        raise WeightsError(f"{weights.path} is no ONNX graph that can be run: {said}") from error
    if complaint is not None:
        raise WeightsError(f"{weights.path} does not do what its manifest says: {complaint}.")
    return model


def _graph(session: Any, manifest: Manifest, device: Device) -> Graph:
    """Return the graph as it is run on a device, warm."""
    if device.provider == "cpu":
        return FreeGraph(session, manifest)
    graph = BoundGraph(session, manifest, device)
    for shape in WARM_SHAPES:
        graph.prepare(shape)
    return graph


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
    """Return two unlike inputs, float32 [2, 16000] of unit variance: a second of two tones."""
    turns = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    waves = [np.sqrt(2) * np.sin(2 * np.pi * hz * turns) for hz in TRIAL_HZ]
    return np.asarray(waves, np.float32)
