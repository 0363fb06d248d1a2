"""Runs an ONNX graph on the device that the settings name, and on no other.

Like its twin in the other model server; what they share must stay alike.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emotionmap_audio.manifest import Manifest

Provider = Literal["cpu", "cuda"]

EXECUTION_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
"""onnxruntime's names."""
CUDA_OPTIONS = {
    # Tried algorithms would be tried anew for every length that is met for the first time.
    "cudnn_conv_algo_search": "HEURISTIC",
    # Doubling the arena would take memory that a second model on the card needs.
    "arena_extend_strategy": "kSameAsRequested",
}

MAX_QUOTED_CHARS = 300


class ProviderError(Exception):
    """The device that was asked for cannot be used; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where graphs run.

    Attributes:
        provider: Kind of device.
        index: Which of the devices of that kind; nothing on the CPU.
        max_batch: Most inputs in a batch; larger ones are divided, other than on the CPU.
    """

    provider: Provider = "cpu"
    index: int = 0
    max_batch: int = 16

    def batch_sizes(self) -> list[int]:
        """Return the sizes to which batches are filled up: powers of two, and `max_batch`."""
        powers = range((self.max_batch - 1).bit_length())
        return [*(2**power for power in powers), self.max_batch]


class Graph(Protocol):
    """An opened graph of one input and one wanted output."""

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return float32 [B, C] for float32 [B, ...]; on one thread at a time."""
        ...


class FreeGraph:
    """Runs batches of any shape; nothing is kept between them."""

    def __init__(self, session: Any, manifest: Manifest) -> None:
        self._session = session
        self._input, self._output = manifest.input.name, manifest.output.name

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Graph.run`."""
        outputs: list[NDArray[np.float32]] = self._session.run(
            [self._output], {self._input: values}
        )
        return outputs[0]


@dataclass(frozen=True, slots=True)
class _Place:
    """What is kept for one shape: the batch here, the same on the device, and their binding."""

    rows: NDArray[np.float32]
    on_device: Any
    binding: Any


class BoundGraph:
    """Runs batches in a few fixed shapes, each with its memory on the device, planned once.

    A batch is filled up to the next size with what was there before; rows do not depend on each
    other. Shapes that were not prepared are run free.

    Args:
        session: An onnxruntime session.
        manifest: Names its input and output.
        device: Where the session runs.
    """

    def __init__(self, session: Any, manifest: Manifest, device: Device) -> None:
        self._session = session
        self._free = FreeGraph(session, manifest)
        self._names = manifest.input.name, manifest.output.name
        self._device = device
        self._sizes = device.batch_sizes()
        self._places: dict[tuple[int, ...], _Place] = {}

    def prepare(self, shape: Sequence[int]) -> None:
        """Take memory for inputs of a shape, in each size of batch, and run each once."""
        for size in self._sizes:
            self._places[size, *shape] = self._place((size, *shape))
            self.run(np.zeros((size, *shape), np.float32))

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Graph.run`."""
        most = self._sizes[-1]
        parts = [self._run(values[at : at + most]) for at in range(0, len(values), most)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        size = next(size for size in self._sizes if size >= len(values))
        place = self._places.get((size, *values.shape[1:]))
        if place is None:
            return self._free.run(values)
        place.rows[: len(values)] = values
        place.on_device.update_inplace(place.rows)
        self._session.run_with_iobinding(place.binding)
        outputs: list[NDArray[np.float32]] = place.binding.copy_outputs_to_cpu()
        return outputs[0][: len(values)]

    def _place(self, shape: tuple[int, ...]) -> _Place:
        from onnxruntime import OrtValue  # noqa: PLC0415 - a session exists, so it is loaded

        rows = np.zeros(shape, np.float32)
        where = self._device.provider, self._device.index
        on_device = OrtValue.ortvalue_from_shape_and_type(shape, np.float32, *where)
        binding = self._session.io_binding()
        binding.bind_ortvalue_input(self._names[0], on_device)
        binding.bind_output(self._names[1])
        return _Place(rows, on_device, binding)


def open_session(data: bytes, *, threads: int, device: Device) -> Any:
    """Open a graph on a device.

    Args:
        data: An ONNX file.
        threads: Threads of the CPU that one batch is spread over.
        device: Where it shall run.

    Raises:
        ProviderError: It cannot run there.
        Exception: It is no graph; onnxruntime's errors share no base but this.
    """
    # onnxruntime >= 1.29 reports usage, and writes device ids under ~/.cache, unless told not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - after the line above, and no heavy import before use

    options = _options(onnxruntime, threads)
    wanted = _wanted(onnxruntime, device)
    try:
        # Unless told not to, it would go on with the CPU, and only print that it does.
        session = onnxruntime.InferenceSession(data, options, providers=[wanted], enable_fallback=0)
    except Exception as error:
        if device.provider == "cpu":
            raise
        # Raises if it is the graph that is wrong.
        onnxruntime.InferenceSession(data, options, providers=[EXECUTION_PROVIDERS["cpu"]])
        said = " ".join(str(error).split())[:MAX_QUOTED_CHARS]
        raise ProviderError(f"The provider {device.provider} cannot be used: {said}") from error
    if session.get_providers()[0] != wanted[0]:
        raise ProviderError(
            f"The provider {device.provider} cannot be used: device {device.index}, its driver, "
            "CUDA or cuDNN is missing or does not fit, as onnxruntime says above; "
            "nothing is run on the CPU instead."
        )
    return session


def _options(onnxruntime: Any, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what it would write is in the exceptions it raises
    options.enable_mem_pattern = False  # plans memory for each length anew, and keeps every plan
    # Spinning threads take the cores that find speech.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # No tensor may come from another file, whose digest nobody has checked.
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", os.devnull
    )
    return options


def _wanted(onnxruntime: Any, device: Device) -> tuple[str, dict[str, str]]:
    """Return a provider's name and options; load its libraries from packages that carry them."""
    name = EXECUTION_PROVIDERS[device.provider]
    if name not in onnxruntime.get_available_providers():
        raise ProviderError(
            f"The provider {device.provider} cannot be used: onnxruntime {onnxruntime.__version__} "
            f"has no {name}; onnxruntime-gpu must be installed in its place."
        )
    if device.provider == "cpu":
        return name, {}
    onnxruntime.set_default_logger_severity(3)  # it names the library that is missing, here only
    onnxruntime.preload_dlls()
    return name, {"device_id": str(device.index), **CUDA_OPTIONS}
