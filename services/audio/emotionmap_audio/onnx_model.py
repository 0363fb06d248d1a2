"""Scores voices with an ONNX graph of the contract of `Wav2Vec2ForSequenceClassification`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from emotionmap_audio.emotions import to_distributions
from emotionmap_audio.manifest import WeightsError
from emotionmap_audio.model import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emotionmap_audio.manifest import Manifest, Weights

PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""Best first; the GPU's exists only where `onnxruntime-gpu` is installed."""


class OnnxEmotionModel:
    """An onnxruntime session; fulfils `EmotionModel`."""

    def __init__(self, session: Any, manifest: Manifest) -> None:
        self._session = session
        self._manifest = manifest

    @property
    def manifest(self) -> Manifest:
        """What the weights are."""
        return self._manifest

    def predict(self, waves: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score float32 [B, T]; see `EmotionModel.predict`."""
        [outputs] = self._session.run(
            [self._manifest.output.name], {self._manifest.input.name: waves}
        )
        return to_distributions(
            outputs,
            labels=self._manifest.labels,
            are_logits=self._manifest.output.kind == "logits",
            temperature=self._manifest.temperature,
        )


def load_model(weights: Weights, *, threads: int) -> OnnxEmotionModel:
    """Open verified weights and warm them up, so that the first request is not the slow one.

    Args:
        weights: From `manifest.read_weights`.
        threads: Threads that one batch is spread over.

    Raises:
        WeightsError: The file is no ONNX graph, or not of the manifest's contract.
    """
    # onnxruntime >= 1.29 reports usage, and writes device ids under ~/.cache, unless told not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - after the line above, and no heavy import before use

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # plans memory for each length anew, and keeps every plan
    # Spinning threads take the cores that find speech.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = [p for p in PROVIDERS if p in onnxruntime.get_available_providers()]
    try:
        session = onnxruntime.InferenceSession(weights.data, options, providers=providers)
        model = OnnxEmotionModel(session, weights.manifest)
        model.predict(np.zeros((2, SAMPLE_RATE_HZ), np.float32))
    except Exception as error:  # onnxruntime's errors share no base but Exception
        name = weights.manifest.file
        raise WeightsError(f"{name} does not do what its manifest says: {error}") from error
    return model
