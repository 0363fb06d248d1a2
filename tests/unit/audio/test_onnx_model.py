"""A graph is served only if it takes and gives what the contract says; others are named."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_audio.manifest import WeightsError, read_weights
from emotionmap_audio.onnx_model import load_model

from tests.onnx_files import DOUBLE, VOICE_SHAPE, graph, write_model

PROBABILITIES = {"output": {"name": "out", "kind": "probabilities"}}


def load(folder, data, **changes):
    write_model(folder, data, **{"modality": "voice"} | changes)
    return load_model(read_weights(folder), threads=1)


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_a_graph_of_the_contract_is_served(tmp_path, kind):
    data = graph(VOICE_SHAPE, softmax=kind == "probabilities")
    model = load(tmp_path, data, output={"name": "out", "kind": kind})
    scores = model.predict(np.zeros((3, 8000), np.float32))
    assert scores.argmax(axis=1).tolist() == [3, 3, 3]
    assert scores.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_truncated_graph_is_refused_wherever_it_ends(tmp_path):
    whole = graph(VOICE_SHAPE)
    for length in range(len(whole)):
        with pytest.raises(WeightsError, match=r"model\.onnx (is no ONNX graph|does not do)"):
            load(tmp_path, whole[:length])


@pytest.mark.parametrize(
    ("of_graph", "of_manifest", "complaint"),
    [
        ({"shape": (1, "T")}, {}, "shape"),
        ({"shape": ("N", 16_000)}, {}, "shape"),
        ({"shape": ("N", 1, "T")}, {}, "shape"),
        ({"element": DOUBLE}, {}, r"tensor\(double\)"),
        ({"inputs": ("in", "mask")}, {}, "inputs are .*'mask'"),
        ({"inputs": ("other",)}, {}, "inputs are .*'other'"),
        ({"output": "other"}, {}, "no output 'out'"),
        ({"bias": (1, 2, 3)}, {}, "7 labels"),
        ({"bias": range(8)}, {}, "7 labels"),
        ({"bias": (float("nan"),) * 7}, {}, "not finite"),
        ({}, PROBABILITIES, "other numbers than probabilities"),
        ({"softmax": True}, {}, "gives probabilities"),
    ],
)
def test_other_graphs_are_refused_in_one_sentence(tmp_path, of_graph, of_manifest, complaint):
    with pytest.raises(WeightsError, match=complaint) as caught:
        load(tmp_path, graph(**{"shape": VOICE_SHAPE} | of_graph), **of_manifest)
    assert str(caught.value).startswith(f"{tmp_path}/model.onnx does not do what")
    assert str(caught.value).endswith(".")


def test_numbers_in_another_file_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bias.bin").write_bytes(np.arange(7, dtype="<f4").tobytes())
    with pytest.raises(WeightsError, match="xternal data"):
        load(tmp_path, graph(VOICE_SHAPE, external="bias.bin"))
