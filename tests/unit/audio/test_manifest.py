"""Weights are read only if they are what their manifest says."""

from __future__ import annotations

import pytest
from emotionmap_audio.manifest import MAX_MANIFEST_BYTES, WeightsError, flat_metrics, read_weights

from tests.onnx_files import write_model

DATA = b"the bytes of a model"


def write(folder, **changes):
    return write_model(folder / "mine", DATA, **{"modality": "voice"} | changes)


def test_good_weights_are_read(tmp_path):
    weights = read_weights(write(tmp_path, labels=["Happy", "Anger"]))
    assert weights.data == DATA
    assert weights.path == tmp_path / "mine/model.onnx"
    assert weights.manifest.labels == ("Happy", "Anger")
    assert weights.manifest.temperature == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sha256": "0" * 64}, "SHA-256"),
        ({"sha256": "XYZ"}, "sha256"),
        ({"schema": "emotionmap.model/2"}, "schema"),
        ({"modality": "face"}, "modality"),
        ({"name": None}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"licence": None}, "licence"),
        ({"file": "other.onnx"}, "Cannot read .*other.onnx: No such file"),
        ({"file": "../model.onnx"}, "file"),
        ({"labels": None}, "labels"),
        ({"labels": ["Happy", "Bored"]}, "labels"),
        ({"labels": ["Happy"]}, "labels"),
        ({"labels": ["Happy", "Happy"]}, "twice"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": "warm"}, "temperature"),
        ({"output": {"name": "out", "kind": "votes"}}, "output.kind"),
        ({"input": {}}, "input.name"),
        ({"input": {"name": "in", "sample_rate_hz": 8000}}, "input.sample_rate_hz"),
        ({"input": {"name": "in", "dtype": "float64"}}, "input.dtype"),
        ({"metrics": {"uar": float("nan")}}, "metrics"),
        ({"metrics": {"uar": 10**400}}, "metrics"),
        ({"metrics": {str(number): 1 for number in range(1001)}}, "metrics"),
    ],
)
def test_other_weights_are_refused_in_one_sentence(tmp_path, changes, complaint):
    with pytest.raises(WeightsError, match=complaint) as caught:
        read_weights(write(tmp_path, **changes))
    assert str(tmp_path / "mine") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"[]", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 10_000, "malformed"),
        (b" " * (MAX_MANIFEST_BYTES + 1), "longer than"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path, text, complaint):
    folder = write(tmp_path)
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(WeightsError, match=rf"manifest\.json is {complaint}"):
        read_weights(folder)


def test_weights_that_no_memory_holds_are_refused_before_they_are_read(tmp_path):
    folder = write(tmp_path)
    with (folder / "model.onnx").open("wb") as file:
        file.truncate(1 << 40)  # sparse
    with pytest.raises(WeightsError, match=r"model\.onnx is larger than"):
        read_weights(folder)


def test_a_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"manifest\.json: No such file"):
        read_weights(tmp_path)


def test_nested_metrics_become_flat_and_only_numbers_stay():
    nested = {"a": 1, "set": {"uar": 0.5, "per": {"Happy": 0.9}}, "note": "x", "ok": True}
    assert flat_metrics(nested) == {"a": 1.0, "set/uar": 0.5, "set/per/Happy": 0.9}
