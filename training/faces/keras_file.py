"""Reads kernels and biases out of the HDF5 files that Keras writes. Needs h5py, not Keras.

Two layouts are known. The legacy one, of every `.h5` until Keras 3, names its layers in an
attribute `layer_names` and each layer's arrays in `weight_names`. Keras 3's own `.weights.h5` has
a group `layers/NAME` for each layer, with arrays `vars/0` and `vars/1`.
"""

from __future__ import annotations

import re
from itertools import chain, count, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_NEW_NAME = re.compile(r"(conv2d|dense)(?:_(\d+))?")
"""What Keras 3 calls a layer: its class, and how many of that class come before it."""


class WeightsFileError(Exception):
    """A file that must not be used; the message says why in one sentence."""


def read_layers(
    path: Path, *, kernel_shapes: Sequence[tuple[int, ...]]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return kernel and bias of each layer that has any, in the order of the network.

    Args:
        path: the HDF5 file.
        kernel_shapes: the shapes that the kernels must have, as Keras orders them; a bias is as
            long as its kernel's last axis.

    Raises:
        WeightsFileError: the file is no HDF5 file, damaged, or of another network.
    """
    import h5py  # noqa: PLC0415 - the rest of training does not need it

    try:
        with h5py.File(path, "r") as file:
            arrays = list(_arrays(file.get("model_weights", file)))
            if len(arrays) != 2 * len(kernel_shapes):
                raise WeightsFileError(
                    f"{path} has {len(arrays)} arrays; {2 * len(kernel_shapes)} are needed: "
                    "it is of another network."
                )
            expected = chain.from_iterable((shape, shape[-1:]) for shape in kernel_shapes)
            values = [
                _read(path, array, shape=shape)
                for array, shape in zip(arrays, expected, strict=True)
            ]
    except (AttributeError, OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsFileError(f"{path} is no HDF5 file of Keras, or damaged: {reason}.") from error
    return list(zip(values[::2], values[1::2], strict=True))


def _arrays(root: Any) -> Iterator[Any]:
    """Give the arrays of a file, kernel before bias, layer after layer, still unread."""
    if any(name in root.attrs for name in ("layer_names", "layer_names0")):
        if _word(root.attrs.get("backend", "tensorflow")) == "theano":
            raise ValueError("kernels written by Theano are mirrored")
        for layer in _names(root, "layer_names"):
            for name in _names(root[layer], "weight_names"):
                yield root[layer][name]
        return
    if "layers" not in root:
        raise ValueError("it names no layers")
    matches = [match for name in root["layers"] if (match := _NEW_NAME.fullmatch(name))]
    for match in sorted(matches, key=lambda found: (found[1], int(found[2] or 0))):
        variables = root["layers"][match[0]]["vars"]
        yield from (variables[name] for name in ("0", "1"))


def _names(group: Any, attribute: str) -> list[str]:
    """Return an attribute of names, which Keras splits when it is longer than 64 kB."""
    parts = [attribute]
    if attribute not in group.attrs:
        numbered = (f"{attribute}{index}" for index in count())
        parts = list(takewhile(lambda part: part in group.attrs, numbered))
    return [_word(name) for part in parts for name in group.attrs[part]]


def _word(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _read(path: Path, array: Any, *, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if array.shape != shape:
        raise WeightsFileError(
            f"{path}: {array.name} is {list(array.shape)}; {list(shape)} is needed: "
            "it is of another network."
        )
    if array.dtype.kind != "f":
        raise WeightsFileError(f"{path}: {array.name} holds {array.dtype}, no floats.")
    values = np.asarray(array, dtype=np.float32)
    if not np.isfinite(values).all():
        raise WeightsFileError(f"{path}: {array.name} holds numbers that are not finite.")
    return values
