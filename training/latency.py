"""How long a model takes and how large its file is, measured where the command runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from training.weights import open_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.weights import ModelFolder

FACES_A_BATCH = 32
FACE_THREADS = 1
WINDOW_SAMPLES = 48_000
"""3 s at 16 kHz: what one interval is scored from."""
WINDOW_THREADS = 2
WARM_UPS = 5
RUNS = 41


def median_ms(folder: ModelFolder, values: NDArray[np.float32], *, threads: int) -> float:
    """Return the median time of one run of the graph, in ms."""
    weights = open_weights(folder.folder, threads=threads)
    times_s = []
    for _ in range(WARM_UPS + RUNS):
        start_s = time.perf_counter()
        weights.run(values)
        times_s.append(time.perf_counter() - start_s)
    return float(np.median(times_s[WARM_UPS:]) * 1e3)


def cost_figures(folder: ModelFolder) -> dict[str, float]:
    """Return time and file size of a model: `face_ms_per_face`, `voice_ms_per_window`, `_mb`."""
    rng = np.random.default_rng(0)
    manifest = open_weights(folder.folder).manifest
    figures = {f"{folder.name}_mb": (folder.folder / manifest["file"]).stat().st_size / 1e6}
    if folder.modality == "face":
        faces = rng.random((FACES_A_BATCH, 48, 48, 1), dtype=np.float32)
        took = median_ms(folder, faces, threads=FACE_THREADS) / FACES_A_BATCH
        return figures | {f"{folder.name}_ms_per_face": took}
    window = rng.standard_normal((1, WINDOW_SAMPLES), dtype=np.float32)
    took = median_ms(folder, window, threads=WINDOW_THREADS)
    return figures | {f"{folder.name}_ms_per_window": took}
