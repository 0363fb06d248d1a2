"""Weights are used only if they are what their manifest says."""

from __future__ import annotations

import hashlib
import json

import pytest
from emotionmap_face.manifest import WeightsError, flat_metrics, read_weights
from emotionmap_face.onnx_model import load_model

DATA = b"not a graph"
GOOD = {
    "schema": "emotionmap.model/1",
    "name": "n",
    "version": "1",
    "modality": "face",
    "file": "model.onnx",
    "sha256": hashlib.sha256(DATA).hexdigest(),
    "licence": "MIT",
    "labels": ["Happy", "Anger"],
    "input": {"name": "in", "shape": ["N"]},
    "output": {"name": "out", "kind": "logits"},
}


def write(folder, **changes):
    (folder / "model.onnx").write_bytes(DATA)
    (folder / "manifest.json").write_text(json.dumps(GOOD | changes))
    return folder


def test_good_weights_are_read(tmp_path):
    weights = read_weights(write(tmp_path))
    assert weights.data == DATA
    assert weights.manifest.labels == ("Happy", "Anger")
    assert weights.manifest.temperature == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sha256": "0" * 64}, "SHA-256"),
        ({"sha256": "XYZ"}, "sha256"),
        ({"schema": "emotionmap.model/2"}, "schema"),
        ({"modality": "voice"}, "modality"),
        ({"file": "other.onnx"}, "Cannot read"),
        ({"file": "../model.onnx"}, "file"),
        ({"labels": ["Happy", "Bored"]}, "labels"),
        ({"labels": ["Happy"]}, "labels"),
        ({"labels": ["Happy", "Happy"]}, "twice"),
        ({"temperature": 0}, "temperature"),
        ({"output": {"name": "out", "kind": "votes"}}, "output.kind"),
        ({"input": {}}, "input.name"),
    ],
)
def test_other_weights_are_refused(tmp_path, changes, complaint):
    with pytest.raises(WeightsError, match=complaint):
        read_weights(write(tmp_path, **changes))


def test_a_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        read_weights(tmp_path)


def test_a_file_that_is_no_graph_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"model\.onnx does not do"):
        load_model(read_weights(write(tmp_path)), threads=1)


def test_nested_metrics_become_flat_and_only_numbers_stay():
    nested = {"a": 1, "set": {"uar": 0.5, "per": {"Happy": 0.9}}, "note": "x", "ok": True}
    assert flat_metrics(nested) == {"a": 1.0, "set/uar": 0.5, "set/per/Happy": 0.9}
