"""Writes small ONNX files and model folders for tests, byte by byte: no library is needed for it.

Source:
    Field numbers of onnx.proto3, IR version 8, operators of opset 13.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FLOAT, DOUBLE = 1, 11
LABELS = ("Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral")
FACE_SHAPE = ("N", 48, 48, 1)
VOICE_SHAPE = ("N", "T")


def graph(
    shape: Sequence[str | int] = FACE_SHAPE,
    *,
    bias: Sequence[float] = (0, 0, 0, 5, 0, 0, 0),
    softmax: bool = False,
    inputs: Sequence[str] = ("in",),
    output: str = "out",
    element: int = FLOAT,
    external: str | None = None,
) -> bytes:
    """Return a model that answers `bias`, whatever it is shown.

    Args:
        shape: Of its inputs.
        bias: Its logits, one per class.
        softmax: Whether it gives probabilities.
        inputs: Names of its inputs; the first is used.
        output: Name of its output.
        element: Type of its inputs: FLOAT or DOUBLE.
        external: File that holds `bias` instead of the model itself.
    """
    last = "logits" if softmax else output
    nodes = [
        _node("Flatten", [inputs[0]], "flat", _integer(b"axis", 1)),
        _node("Cast", ["flat"], "cast", _integer(b"to", FLOAT)),
        _node("ReduceMean", ["cast"], "mean", _integers(b"axes", [1])),
        _node("MatMul", ["mean", "weights"], "product"),
        _node("Add", ["product", "bias"], last),
        *([_node("Softmax", [last], output, _integer(b"axis", 1))] if softmax else []),
    ]
    tensors = [
        _tensor("weights", [1, len(bias)], [0.0] * len(bias)),
        _tensor("bias", [len(bias)], bias, external=external),
    ]
    body = b"".join(_block(1, node) for node in nodes) + _block(2, b"g")
    body += b"".join(_block(5, tensor) for tensor in tensors)
    body += b"".join(_block(11, _value(name, element, shape)) for name in inputs)
    body += _block(12, _value(output, FLOAT, ["N", len(bias)]))
    return _number(1, 8) + _block(7, body) + _block(8, _number(2, 13))


def product_chain(products: int) -> bytes:
    """Return a model that multiplies `a` by `b` so often, both [N, N]; `out` sums up each row."""
    names = ["a", *(f"product{number}" for number in range(products))]
    nodes = [_node("MatMul", [before, "b"], name) for before, name in itertools.pairwise(names)]
    nodes.append(_node("ReduceMean", [names[-1]], "out", _integers(b"axes", [1])))
    body = b"".join(_block(1, node) for node in nodes) + _block(2, b"g")
    body += b"".join(_block(11, _value(name, FLOAT, ["N", "N"])) for name in ("a", "b"))
    body += _block(12, _value("out", FLOAT, ["N", 1]))
    return _number(1, 8) + _block(7, body) + _block(8, _number(2, 13))


def write_model(folder: Path, data: bytes | None = None, **changes: Any) -> Path:
    """Write a folder with a model and a manifest that describes it, and return it.

    Args:
        folder: Made if it is not there.
        data: The model; `graph()` for the modality that the manifest names if it is None.
        changes: What the manifest shall say otherwise; None leaves a member out.
    """
    is_face = changes.get("modality", "face") == "face"
    data = graph(FACE_SHAPE if is_face else VOICE_SHAPE) if data is None else data
    manifest = {
        "schema": "emotionmap.model/1",
        "name": folder.name,
        "version": "1",
        "modality": "face",
        "file": "model.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": "MIT",
        "labels": LABELS,
        "input": {"name": "in"},
        "output": {"name": "out", "kind": "logits"},
        **changes,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(data)
    kept = {key: value for key, value in manifest.items() if value is not None}
    (folder / "manifest.json").write_text(json.dumps(kept), encoding="utf-8")
    return folder


def _node(kind: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    names = b"".join(_block(1, name.encode()) for name in inputs) + _block(2, output.encode())
    return names + _block(4, kind.encode()) + (_block(5, attribute) if attribute else b"")


def _integer(name: bytes, value: int) -> bytes:
    return _block(1, name) + _number(3, value) + _number(20, 2)


def _integers(name: bytes, values: Sequence[int]) -> bytes:
    return _block(1, name) + b"".join(_number(8, value) for value in values) + _number(20, 7)


def _tensor(
    name: str, dims: Sequence[int], values: Sequence[float], *, external: str | None = None
) -> bytes:
    head = b"".join(_number(1, dim) for dim in dims) + _number(2, FLOAT) + _block(8, name.encode())
    if external is not None:
        place = _block(1, b"location") + _block(2, external.encode())
        return head + _block(13, place) + _number(14, 1)
    return head + _block(9, struct.pack(f"<{len(values)}f", *values))


def _value(name: str, element: int, shape: Sequence[str | int]) -> bytes:
    dims = b"".join(
        _block(1, _number(1, dim) if isinstance(dim, int) else _block(2, dim.encode()))
        for dim in shape
    )
    return _block(1, name.encode()) + _block(2, _block(1, _number(1, element) + _block(2, dims)))


def _block(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])
