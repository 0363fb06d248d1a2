"""Makes DeepFace's stock emotion weights a face model of ours, without TensorFlow.

`python -m training.faces.deepface_weights --weights facial_expression_model_weights.h5 --out DIR`
takes the Keras file, or DeepFace's own .onnx of the same name, and writes DIR/model.onnx and
DIR/manifest.json. It trains nothing and needs neither torch nor a network: h5py, onnx, onnxruntime.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.emotions import LABELS
from training.faces.keras_file import WeightsFileError, read_layers
from training.weights import SCHEMA, sha256_of, write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx
    from numpy.typing import NDArray

SIDE_PX = 48
MODEL_FILE = "model.onnx"
INPUT_NAME, OUTPUT_NAME = "input", "probabilities"
OPSET = 18
CHECKED_COUNTS = (1, 2, 7)
MAX_BYTES = 200_000_000
"""The stock files have 6 MB; what is larger than this is something else."""

STOCK_SHA256 = "e8e8851d3fa05c001b1c27fd8841dfe08d7f82bb786a53ad8776725b7a1e824c"
"""Of facial_expression_model_weights.h5; DeepFace's own source named it (Face.py of 2020)."""

STOCK_LICENCE = (
    "MIT by the repository; its README says the emotion weights inherit VGG-Face's licence, which "
    "is for non-commercial research"
)
PREPARATION = (
    "DeepFace turns a face upright by its eyes first, our server does not; the rest is the same: "
    "224 x 224 keeping the shape, black bars, 48 x 48, gray, [0, 1]"
)

CONVOLUTIONS = ((5, 5, 1, 64), (3, 3, 64, 64), (3, 3, 64, 64), (3, 3, 64, 128), (3, 3, 128, 128))
DENSES = ((128, 1024), (1024, 1024), (1024, len(LABELS)))
KERNEL_SHAPES = (*CONVOLUTIONS, *DENSES)
"""Keras order: height, width, in, out; in, out. 1,485,831 numbers with the biases.

Source: serengil/deepface 0.0.103, `models/demography/tf/Emotion.py`.
"""

POOL_AFTER = {0: ("MaxPool", 5), 2: ("AveragePool", 3), 4: ("AveragePool", 3)}
"""After which convolution, which kind, and its side; each steps by 2. Nothing is padded."""


@dataclass(frozen=True, slots=True)
class Contract:
    """Names of the graph's only input and only output."""

    input_name: str
    output_name: str


def build_graph(layers: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Any:
    """Return the ONNX model of DeepFace's emotion network.

    Args:
        layers: kernel and bias of each layer, with the shapes of `KERNEL_SHAPES`.
    """
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    nodes = [helper.make_node("Transpose", [INPUT_NAME], ["x0"], perm=[0, 3, 1, 2])]
    tensors = []

    def append(kind: str, names: Sequence[str] = (), **attributes: Any) -> None:
        inputs = [f"x{len(nodes) - 1}", *names]
        nodes.append(helper.make_node(kind, inputs, [f"x{len(nodes)}"], **attributes))

    for index, (kernel, bias) in enumerate(layers):
        names = [f"kernel{index}", f"bias{index}"]
        is_convolution = kernel.ndim == 4
        ordered = kernel.transpose(3, 2, 0, 1) if is_convolution else kernel
        for name, values in zip(names, (np.ascontiguousarray(ordered), bias), strict=True):
            tensors.append(numpy_helper.from_array(values, name))
        # Flattening needs no other order than ours: one pixel of 128 channels is left.
        if index == len(CONVOLUTIONS):
            append("Flatten")
        append("Conv" if is_convolution else "Gemm", names)
        if index < len(layers) - 1:
            append("Relu")
        if index in POOL_AFTER:
            pool, side = POOL_AFTER[index]
            append(pool, kernel_shape=[side, side], strides=[2, 2])
    nodes.append(helper.make_node("Softmax", [f"x{len(nodes) - 1}"], [OUTPUT_NAME], axis=1))

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "deepface_emotion",
        [value(INPUT_NAME, TensorProto.FLOAT, ["N", SIDE_PX, SIDE_PX, 1])],
        [value(OUTPUT_NAME, TensorProto.FLOAT, ["N", len(LABELS)])],
        tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def convert_keras(weights: Path, path: Path) -> None:
    """Write the graph of a Keras weights file.

    Raises:
        WeightsFileError: the file is not of DeepFace's emotion network.
    """
    import onnx  # noqa: PLC0415

    model: onnx.ModelProto = build_graph(read_layers(weights, kernel_shapes=KERNEL_SHAPES))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def check_contract(path: Path) -> Contract:
    """Run an ONNX file and see whether it keeps the contract of DeepFace's emotion model.

    Args:
        path: float32 [N, 48, 48, 1] in, [N, 7] out, each row a distribution.

    Raises:
        WeightsFileError: it does not.
    """
    # Read when the library is loaded.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised, too
    try:
        # From bytes, so that a file which keeps its numbers elsewhere is refused.
        session = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's errors share no other base
        reason = " ".join(str(error).split())[:200]
        raise WeightsFileError(f"{path} is no usable ONNX file: {reason}.") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise WeightsFileError(
            f"{path} has {len(inputs)} inputs and {len(outputs)} outputs; one each is needed."
        )
    shape, kind = list(inputs[0].shape), inputs[0].type
    if shape[1:] != [SIDE_PX, SIDE_PX, 1] or kind != "tensor(float)":
        raise WeightsFileError(
            f"{path} takes {kind} {shape}; float32 [N, {SIDE_PX}, {SIDE_PX}, 1] is needed."
        )
    if isinstance(shape[0], int):
        raise WeightsFileError(f"{path} takes {shape[0]} faces at a time; any number is needed.")
    contract = Contract(inputs[0].name, outputs[0].name)
    for count in CHECKED_COUNTS:
        _check_outputs(path, session, contract, count=count)
    return contract


def _check_outputs(path: Path, session: Any, contract: Contract, *, count: int) -> None:
    faces = np.random.default_rng(count).random((count, SIDE_PX, SIDE_PX, 1), dtype=np.float32)
    try:
        [found] = session.run([contract.output_name], {contract.input_name: faces})
    except Exception as error:  # as above
        reason = " ".join(str(error).split())[:200]
        raise WeightsFileError(f"{path} fails on {count} faces: {reason}.") from error
    if found.shape != (count, len(LABELS)):
        raise WeightsFileError(
            f"{path} gives {list(found.shape)} for {count} faces; [{count}, 7] is needed."
        )
    if not (
        np.isfinite(found).all() and (found >= 0).all() and np.allclose(found.sum(1), 1, 0, 1e-4)
    ):
        raise WeightsFileError(f"{path} gives numbers that are no probabilities (no softmax?).")


def manifest_of(path: Path, contract: Contract, *, weights: Path) -> dict[str, Any]:
    """Return the manifest of a converted file; it claims only what its digest proves."""
    digest = sha256_of(weights)
    is_stock = digest == STOCK_SHA256
    return {
        "schema": SCHEMA,
        "name": "deepface-emotion" if is_stock else "deepface-emotion-other",
        "version": "1.0",
        "modality": "face",
        "file": path.name,
        "sha256": sha256_of(path),
        "source": f"serengil/deepface_models v1.0, {weights.name}, sha256 {digest}"
        if is_stock
        else f"{weights.name}, sha256 {digest}: not the stock .h5, origin unverified",
        "licence": STOCK_LICENCE if is_stock else f"unverified; of the stock file: {STOCK_LICENCE}",
        "data": ["FER2013, as far as DeepFace's author tells"],
        "labels": list(LABELS),
        "input": {
            "name": contract.input_name,
            "shape": ["N", SIDE_PX, SIDE_PX, 1],
            "dtype": "float32",
            "range": "gray, [0, 1]",
        },
        "output": {"name": contract.output_name, "kind": "probabilities"},
        "preparation": PREPARATION,
        "temperature": 1.0,
        "metrics": {},
    }


def convert(weights: Path, out: Path) -> dict[str, Any]:
    """Write model.onnx and manifest.json; return what the manifest says.

    Args:
        weights: .h5 of Keras, or .onnx.
        out: the folder; made if it is not there.

    Raises:
        WeightsFileError: the file cannot be used; the folder is as it was.
    """
    try:
        size_bytes = weights.stat().st_size
    except OSError as error:
        raise WeightsFileError(f"{weights} cannot be read: {error.strerror}.") from error
    if not weights.is_file() or not 0 < size_bytes <= MAX_BYTES:
        raise WeightsFileError(f"{weights} is no weights file.")
    out.mkdir(parents=True, exist_ok=True)
    draft = out / f".{MODEL_FILE}.draft"
    try:
        if weights.suffix == ".onnx":
            shutil.copyfile(weights, draft)
        else:
            convert_keras(weights, draft)
        contract = check_contract(draft)
    except WeightsFileError as error:
        raise WeightsFileError(str(error).replace(str(draft), str(weights))) from error
    else:
        path = draft.replace(out / MODEL_FILE)
        manifest = manifest_of(path, contract, weights=weights)
        write_manifest(out, manifest)
        return manifest
    finally:
        draft.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help=".h5 or .onnx of DeepFace")
    parser.add_argument("--out", type=Path, required=True, help="folder, such as MODELS/face/NAME")
    options = parser.parse_args(arguments)
    try:
        manifest = convert(options.weights, options.out)
    except WeightsFileError as error:
        sys.exit(f"deepface_weights: {error}")
    sys.stdout.write(f"{options.out / MODEL_FILE}: ready. Licence: {manifest['licence']}\n")


if __name__ == "__main__":
    main()
