"""Weights in the format of DeepFace's become a face model that computes the same."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

h5py = pytest.importorskip("h5py")
onnx = pytest.importorskip("onnx")

from training.faces import deepface_weights  # noqa: E402
from training.faces.deepface_weights import KERNEL_SHAPES, WeightsFileError, convert  # noqa: E402

FACE_SERVICE = Path(__file__).parents[3] / "services/face"
LAYERS = ("conv2d", "max_pooling2d", "conv2d", "conv2d", "average_pooling2d", "conv2d", "conv2d")
LAYERS = (*LAYERS, "average_pooling2d", "flatten", "dense", "dropout", "dense", "dropout", "dense")
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def arrays():
    """Kernel and bias of each layer, at the scale at which a network neither dies nor explodes."""
    random = np.random.default_rng(3)
    made = []
    for shape in KERNEL_SHAPES:
        scale = np.sqrt(2 / np.prod(shape[:-1]))
        made.append((random.normal(0, scale, shape), random.normal(0.1, 0.1, shape[-1:])))
    return [(kernel.astype(np.float32), bias.astype(np.float32)) for kernel, bias in made]


@pytest.fixture(scope="module")
def faces():
    """float32 [5, 48, 48, 1], from dark to bright."""
    noise = np.random.default_rng(4).random((5, 48, 48, 1), dtype=np.float32)
    return noise * np.linspace(0.05, 1, 5, dtype=np.float32)[:, None, None, None]


def write_legacy(path, arrays, *, root="/"):
    """Write what `save_weights("x.h5")` of Keras 2 writes."""
    left, seen, names = list(arrays), {}, []
    with h5py.File(path, "w") as file:
        group = file.require_group(root)
        for kind in LAYERS:
            seen[kind] = seen.get(kind, 0) + 1
            name = f"{kind}_{seen[kind]}"
            names.append(name.encode())
            layer = group.create_group(name)
            has_weights = kind in ("conv2d", "dense")
            weights = [f"{name}/kernel:0", f"{name}/bias:0"] if has_weights else []
            layer.attrs["weight_names"] = [weight.encode() for weight in weights]
            for weight, values in zip(weights, left.pop(0) if weights else (), strict=True):
                layer.create_dataset(weight, data=values)
        group.attrs["layer_names"] = names
        group.attrs["backend"] = b"tensorflow"
        group.attrs["keras_version"] = b"2.1.3"
    return path


def write_keras_3(path, arrays):
    """Write what `save_weights("x.weights.h5")` of Keras 3 writes."""
    left, seen = list(arrays), {}
    with h5py.File(path, "w") as file:
        for kind in LAYERS:
            number = seen[kind] = seen.get(kind, -1) + 1
            variables = file.create_group(f"layers/{kind}{f'_{number}' * bool(number)}/vars")
            if kind in ("conv2d", "dense"):
                for index, values in enumerate(left.pop(0)):
                    variables.create_dataset(str(index), data=values)
        file.create_group("vars")
    return path


def windows(values, side, *, step=1):
    view = np.lib.stride_tricks.sliding_window_view(values, (side, side), axis=(1, 2))
    return view[:, ::step, ::step]


def forward(arrays, faces):
    """Compute the network as Keras defines it, channels last, from nothing but its description."""
    values = faces.astype(np.float64)
    pools = {0: (5, np.max), 2: (3, np.mean), 4: (3, np.mean)}
    for index, (kernel, bias) in enumerate(arrays):
        if kernel.ndim == 4:
            seen = windows(values, kernel.shape[0])
            values = np.maximum(np.einsum("nyxchw,hwco->nyxo", seen, kernel) + bias, 0)
            if index in pools:
                side, reduce = pools[index]
                values = reduce(windows(values, side, step=2), axis=(-2, -1))
        else:
            values = values.reshape(len(values), -1) @ kernel + bias
            values = np.maximum(values, 0) if index < len(arrays) - 1 else values
    shares = np.exp(values - values.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def run(folder, faces):
    import onnxruntime

    session = onnxruntime.InferenceSession((folder / "model.onnx").read_bytes())
    return session.run(None, {session.get_inputs()[0].name: faces})[0]


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("layout", ["legacy", "whole model", "keras 3"])
def test_outputs_equal_those_of_the_network(layout, arrays, faces, tmp_path):
    if layout == "keras 3":
        weights = write_keras_3(tmp_path / "facial.weights.h5", arrays)
    else:
        root = "/" if layout == "legacy" else "model_weights"
        weights = write_legacy(tmp_path / "facial.h5", arrays, root=root)
    deepface_weights.main(["--weights", str(weights), "--out", str(tmp_path / "face")])
    expected = forward(arrays, faces)
    assert np.abs(run(tmp_path / "face", faces) - expected).max() < TOLERANCE
    assert expected.std(axis=0).max() > 0.01  # faces are told apart, or equality says little


def test_our_server_runs_it(arrays, faces, tmp_path, monkeypatch):
    pytest.importorskip("pydantic")
    monkeypatch.syspath_prepend(str(FACE_SERVICE))
    manifest = importlib.import_module("emotionmap_face.manifest")
    onnx_model = importlib.import_module("emotionmap_face.onnx_model")
    convert(write_legacy(tmp_path / "facial.h5", arrays), tmp_path / "face")
    model = onnx_model.load_model(manifest.read_weights(tmp_path / "face"), threads=1)
    assert np.abs(model.predict(faces) - forward(arrays, faces)).max() < TOLERANCE
    assert model.manifest.labels[3:5] == ("Happy", "Sadness")


def test_an_onnx_file_is_taken_as_it_is(arrays, faces, tmp_path):
    convert(write_legacy(tmp_path / "facial.h5", arrays), tmp_path / "first")
    shutil.copy(tmp_path / "first/model.onnx", tmp_path / "facial.onnx")
    convert(tmp_path / "facial.onnx", tmp_path / "second")
    assert manifest_of(tmp_path / "second")["sha256"] == manifest_of(tmp_path / "first")["sha256"]
    assert run(tmp_path / "second", faces).shape == (5, 7)


def test_the_manifest_claims_only_what_the_digest_proves(arrays, tmp_path, monkeypatch):
    weights = write_legacy(tmp_path / "facial.h5", arrays)
    convert(weights, tmp_path / "face")
    assert "unverified" in manifest_of(tmp_path / "face")["source"]
    assert manifest_of(tmp_path / "face")["licence"].startswith("unverified")
    monkeypatch.setattr(deepface_weights, "STOCK_SHA256", deepface_weights.sha256_of(weights))
    convert(weights, tmp_path / "face")
    assert manifest_of(tmp_path / "face")["source"].startswith("serengil/deepface_models v1.0")
    assert "non-commercial" in manifest_of(tmp_path / "face")["licence"]


def spoilt(arrays, index, kernel):
    changed = list(arrays)
    changed[index] = (kernel, arrays[index][1])
    return changed


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


BAD_FILES = {
    "no HDF5": (lambda p, a: p.write_text("<html>") and p, "is no HDF5 file"),
    "truncated": (lambda p, a: truncated(write_legacy(p, a)), "damaged"),
    "fewer layers": (lambda p, a: write_keras_3(p, [*a[:7], ([], [])]), "is needed"),
    "other shape": (
        lambda p, a: write_legacy(p, spoilt(a, 5, np.zeros((512, 1024), np.float32))),
        r"is \[512, 1024\]; \[128, 1024\] is needed",
    ),
    "integers": (lambda p, a: write_legacy(p, spoilt(a, 0, a[0][0].astype(int))), "no floats"),
    "not finite": (lambda p, a: write_legacy(p, spoilt(a, 6, a[6][0] * np.nan)), "not finite"),
    "empty": (lambda p, a: p.write_bytes(b"") or p, "is no weights file"),
    "missing": (lambda p, a: p, "cannot be read"),
    "HDF5 without layers": (lambda p, a: h5py.File(p, "w").close() or p, "names no layers"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_in_one_sentence(kind, arrays, tmp_path):
    make, message = BAD_FILES[kind]
    path = make(tmp_path / "facial.h5", arrays)
    with pytest.raises(WeightsFileError, match=message) as caught:
        convert(path, tmp_path / "face")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "face").glob("*"))


def test_another_network_is_refused(arrays, tmp_path):
    with h5py.File(write_legacy(tmp_path / "facial.h5", arrays), "r+") as file:
        file.attrs["layer_names"] = file.attrs["layer_names"][:-1]
    with pytest.raises(WeightsFileError, match="has 14 arrays; 16 are needed"):
        convert(tmp_path / "facial.h5", tmp_path / "face")


def with_contract(shape, *, kind=1, width=7, softmax=True):
    """Return a file that gives the mean of a face, as often as it has outputs."""
    helper = onnx.helper
    element = onnx.helper.tensor_dtype_to_np_dtype(kind).type
    nodes = [
        helper.make_node("Flatten", ["input"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["sums"]),
        helper.make_node("Softmax" if softmax else "Identity", ["sums"], ["output"]),
    ]
    weights = np.ones((48 * 48, width), element)
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("input", kind, shape)],
        [helper.make_tensor_value_info("output", kind, [shape[0], width])],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    opset = helper.make_opsetid("", 18)
    return helper.make_model(graph, opset_imports=[opset], ir_version=10).SerializeToString()


GOOD_SHAPE = ["N", 48, 48, 1]
BAD_GRAPHS = {
    "channels first": (["N", 1, 48, 48], {}, r"takes tensor\(float\) \['N', 1, 48, 48\]"),
    "one at a time": ([1, 48, 48, 1], {}, "takes 1 faces at a time"),
    "doubles": (GOOD_SHAPE, {"kind": 11}, r"takes tensor\(double\)"),
    "eight classes": (GOOD_SHAPE, {"width": 8}, r"gives \[1, 8\] for 1 faces"),
    "logits": (GOOD_SHAPE, {"softmax": False}, "no probabilities"),
}


@pytest.mark.parametrize("kind", BAD_GRAPHS)
def test_a_graph_of_another_contract_is_refused(kind, tmp_path):
    shape, options, message = BAD_GRAPHS[kind]
    (tmp_path / "facial.onnx").write_bytes(with_contract(shape, **options))
    with pytest.raises(WeightsFileError, match=message):
        convert(tmp_path / "facial.onnx", tmp_path / "face")
    assert not list((tmp_path / "face").glob("*"))


def test_a_graph_of_the_contract_is_taken(tmp_path):
    (tmp_path / "facial.onnx").write_bytes(with_contract(GOOD_SHAPE))
    convert(tmp_path / "facial.onnx", tmp_path / "face")
    assert manifest_of(tmp_path / "face")["input"]["name"] == "input"


def test_the_command_says_what_is_wrong_and_no_more(tmp_path):
    (tmp_path / "facial.onnx").write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(SystemExit, match=r"facial\.onnx is no usable ONNX file") as caught:
        deepface_weights.main(["--weights", f"{tmp_path}/facial.onnx", "--out", f"{tmp_path}/face"])
    assert "draft" not in str(caught.value)
