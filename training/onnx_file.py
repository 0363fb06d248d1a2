"""Turns a trained module into one self-contained ONNX file that computes the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

OPSET = 18
TOLERANCE = 1e-4
"""Largest difference between torch and the file: far below what moves a label."""


def strip_traces(model: onnx.ModelProto) -> None:
    """Remove what the exporter notes of the machine it ran on: stack traces with paths."""
    del model.metadata_props[:]
    model.doc_string = ""
    graph = model.graph
    for item in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        item.doc_string = ""
        del item.metadata_props[:]
    del graph.value_info[:]


def write_onnx(
    module: torch.nn.Module,
    path: Path,
    *,
    example: torch.Tensor,
    dynamic: dict[int, str],
    input_name: str,
    output_name: str,
) -> None:
    """Export a module of one input and one output.

    Args:
        module: the trained module.
        path: the file to write.
        example: an input; its sizes along `dynamic` are only examples.
        dynamic: name of each axis whose size is free.
        input_name: name of the graph's input.
        output_name: name of the graph's output.
    """
    program = torch.onnx.export(
        module.eval(),
        (example,),
        dynamo=True,
        opset_version=OPSET,
        input_names=[input_name],
        output_names=[output_name],
        dynamic_shapes=(dict.fromkeys(dynamic, torch.export.Dim.DYNAMIC),),
        external_data=False,
        verbose=False,
    )
    model = program.model_proto
    strip_traces(model)
    for axis, name in dynamic.items():
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_param = dynamic[0]
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


@torch.inference_mode()
def largest_difference(
    module: torch.nn.Module, path: Path, inputs: Iterable[torch.Tensor]
) -> float:
    """Return the largest absolute difference between the module and the file over the inputs."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return max(
        float(np.abs(session.run(None, {name: values.numpy()})[0] - module(values).numpy()).max())
        for values in inputs
    )


def check_onnx(module: torch.nn.Module, path: Path, inputs: Sequence[torch.Tensor]) -> None:
    """Compare the file with the module.

    Raises:
        ValueError: they differ by more than the tolerance.
    """
    difference = largest_difference(module.eval(), path, inputs)
    if difference > TOLERANCE:
        message = f"{path}: differs from torch by {difference:.2g}"
        raise ValueError(message)
    megabytes = path.stat().st_size / 1e6
    sys.stdout.write(f"{path.name}: within {difference:.1g} of torch, {megabytes:.2f} MB\n")
