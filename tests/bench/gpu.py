"""Measures the models alone, by batch size, on a device: `make bench-gpu`.

Each model is loaded as its server loads it: its provider, its fixed shapes, its warm-up. Writes one
flat JSON object with rates, the device's matrix multiplication rate in the same run, and how far
the answers lie from those of the CPU. `--provider cpu` runs small sizes: it tries the bench, and
says nothing of a graphics card.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import emotionmap_audio.execution as voice_execution
import emotionmap_audio.manifest as voice_manifest
import emotionmap_audio.onnx_model as voice_model
import emotionmap_face.execution as face_execution
import emotionmap_face.manifest as face_manifest
import emotionmap_face.onnx_model as face_model
import numpy as np

from tests.bench import wav2vec2
from tests.onnx_files import product_chain
from training.weights import FACE_WEIGHTS, REPOSITORY, VOICE_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

FACE_INPUT = (48, 48, 1)
SAMPLE_RATE_HZ = 16_000
CONTEXT_S = 3
VOICE_INPUT = (CONTEXT_S * SAMPLE_RATE_HZ,)
PRODUCTS = 16
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        face_batches: Faces scored at once.
        voice_batches: Waves of 3 s scored at once.
        side: Of the matrices that are multiplied.
        seconds: Time that each figure is measured for.
    """

    face_batches: tuple[int, ...]
    voice_batches: tuple[int, ...]
    side: int
    seconds: float


EXTENTS = {
    "cpu": Extent((1, 8, 64), (1, 4), 512, 0.3),
    "cuda": Extent((1, 8, 64, 256, 1024), (1, 4, 16, 64), 8192, 2.0),
}


@dataclass(frozen=True, slots=True)
class Bench:
    """One run.

    Attributes:
        provider: Where the models run.
        index: Which of the devices of that kind.
        threads: Threads of the CPU that each model may use.
        extent: How much is measured.
    """

    provider: face_execution.Provider
    index: int
    threads: int
    extent: Extent

    def run(self, base: Path | None) -> dict[str, Any]:
        """Measure everything; `base` is the folder of wav2vec2-base, if there is one."""
        ceiling = self.multiplied_per_s()
        report: dict[str, Any] = {"matmul_tflops": 2 * ceiling / 1e12}
        report |= self._face() | self._voice("voice", VOICE_WEIGHTS)
        if base is not None:
            rates = self._voice("wav2vec2_base", base)
            each_s = wav2vec2.products(*VOICE_INPUT) / CONTEXT_S
            shares = {
                name.replace("_s_per_s", "_ceiling_share"): rate * each_s / ceiling
                for name, rate in rates.items()
                if name.endswith("_s_per_s")
            }
            report |= rates | shares
        return {name: float(f"{value:.{DIGITS}g}") for name, value in report.items()}

    def multiplied_per_s(self) -> float:
        """Return how many numbers a second the device multiplies and adds, float32 in and out."""
        session = face_execution.open_session(
            product_chain(PRODUCTS), threads=self.threads, device=self._face_device(1)
        )
        import onnxruntime  # after open_session, which turns its telemetry off

        side = self.extent.side
        binding = session.io_binding()
        rng = np.random.default_rng(1)
        for name in ("a", "b"):
            square = rng.standard_normal((side, side), np.float32) / np.float32(side**0.5)
            value = onnxruntime.OrtValue.ortvalue_from_numpy(square, self.provider, self.index)
            binding.bind_ortvalue_input(name, value)
        binding.bind_output("out")
        return PRODUCTS * side**3 / self._seconds(lambda: session.run_with_iobinding(binding))

    def _face(self) -> dict[str, float]:
        weights = face_manifest.read_weights(FACE_WEIGHTS)
        batches = self.extent.face_batches
        model = face_model.load_model(
            weights, threads=self.threads, device=self._face_device(max(batches))
        )
        on_cpu = face_model.load_model(weights, threads=self.threads)
        crops = np.random.default_rng(1).random((max(batches), *FACE_INPUT), np.float32)
        report = {
            f"face_batch_{size}_per_s": size / self._seconds(lambda: model.run(crops[:size]))  # noqa: B023
            for size in batches
        }
        return report | {"face_largest_difference": _difference(model, on_cpu, crops)}

    def _voice(self, name: str, folder: Path) -> dict[str, float]:
        weights = voice_manifest.read_weights(folder)
        batches = self.extent.voice_batches
        device = voice_execution.Device(self.provider, self.index, max(batches))
        model = voice_model.load_model(weights, threads=self.threads, device=device)
        on_cpu = voice_model.load_model(weights, threads=self.threads)
        waves = np.random.default_rng(1).standard_normal((max(batches), *VOICE_INPUT), np.float32)
        report = {
            f"{name}_batch_{size}_s_per_s": CONTEXT_S
            * size
            / self._seconds(lambda: model.run(waves[:size]))  # noqa: B023
            for size in batches
        }
        return report | {f"{name}_largest_difference": _difference(model, on_cpu, waves[:2])}

    def _face_device(self, max_batch: int) -> face_execution.Device:
        return face_execution.Device(self.provider, self.index, max_batch)

    def _seconds(self, work: Callable[[], object]) -> float:
        """Return the median time of one run, after two that are not counted."""
        work(), work()
        times, end_s = [], time.perf_counter() + self.extent.seconds
        while not times or time.perf_counter() < end_s:
            start_s = time.perf_counter()
            work()
            times.append(time.perf_counter() - start_s)
        return float(np.median(times))


def _difference(model: Any, on_cpu: Any, inputs: NDArray[np.float32]) -> float:
    """Return the largest difference between two models' probabilities."""
    return float(np.abs(model.predict(inputs) - on_cpu.predict(inputs)).max())


def base_model(folder: Path, torch_python: Path) -> Path | None:
    """Return the folder of wav2vec2-base, made if an environment with torch is there."""
    if not (folder / "manifest.json").exists():
        if not torch_python.exists():
            say(f"wav2vec2-base is left out: {torch_python} is not there (make test-training)")
            return None
        say("making wav2vec2-base of random weights")
        command = [torch_python, "-m", "tests.bench.wav2vec2", folder.absolute()]
        subprocess.run(list(map(str, command)), cwd=REPOSITORY, check=True, stdout=sys.stderr)
    return folder


def circumstances() -> dict[str, str]:
    """Return machine, card and version; a card's environment holds no more than its services."""
    import onnxruntime

    asked = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        card = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        card = "none"
    machine = f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores"
    return {"machine": machine, "card": card, "onnxruntime": onnxruntime.__version__}


def say(line: str) -> None:
    """Tell a person how far it is."""
    sys.stderr.write(f"bench-gpu: {line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench and write its report."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gpu", description=__doc__)
    parser.add_argument("--provider", choices=list(EXTENTS), default="cuda")
    parser.add_argument("--device", type=int, default=0, help="which of the graphics cards")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--torch-python", type=Path, default=REPOSITORY / "build/training/bin/python"
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build/bench-gpu.json")
    options = parser.parse_args(arguments)
    bench = Bench(options.provider, options.device, options.threads, EXTENTS[options.provider])
    try:
        # Before the long part: is the device there?
        bench.multiplied_per_s()
        if options.provider == "cpu":
            say("on the CPU, in small sizes: these figures say nothing of a graphics card")
        base = base_model(options.out.parent / "bench/wav2vec2-base", options.torch_python)
        report = bench.run(base)
    except (face_execution.ProviderError, voice_execution.ProviderError) as error:
        raise SystemExit(f"bench-gpu: {error}") from error
    report |= {"provider": options.provider, "threads": options.threads} | circumstances()
    text = json.dumps(report, indent=2) + "\n"
    options.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
