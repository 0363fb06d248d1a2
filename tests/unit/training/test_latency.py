"""Times and sizes are named by unit, and of the batch that the card tells."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.training.made_up import weights_of, write_model
from training import latency


@pytest.fixture
def shapes(monkeypatch):
    seen = []

    def answer(values):
        seen.append(values.shape)
        return np.zeros((len(values), 7))

    def opened(_folder, *, threads=1):
        seen.append(threads)
        weights = weights_of(answer, kind="logits")
        weights.manifest["file"] = "model.onnx"
        return weights

    monkeypatch.setattr(latency, "open_weights", opened)
    return seen


@pytest.mark.parametrize(
    ("modality", "figure", "shape", "threads"),
    [
        ("face", "ms_per_face", (latency.FACES_A_BATCH, 48, 48, 1), 1),
        ("voice", "ms_per_window", (1, 48_000), 2),
    ],
)
def test_cost(modality, figure, shape, threads, shapes, tmp_path):
    model = write_model(tmp_path, name=f"{modality}_small", modality=modality)
    (tmp_path / "model.onnx").write_bytes(bytes(2_500_000))
    figures = latency.cost_figures(model)
    assert figures[f"{modality}_small_mb"] == 2.5
    assert 0 < figures[f"{modality}_small_{figure}"] < 1000
    assert shapes[1] == threads
    assert set(shapes[2:]) == {shape}


def test_time_is_the_median_of_runs_after_warming_up(monkeypatch, shapes, tmp_path):
    steps = iter(range(10_000))
    clock = [0.0]

    def now():
        # Every second call ends a run; the first runs are slow, as on a cold machine.
        number = next(steps)
        clock[0] += (1.0 if number < 2 * latency.WARM_UPS else 0.003) if number % 2 else 0.0
        return clock[0]

    monkeypatch.setattr(latency.time, "perf_counter", now)
    model = write_model(tmp_path)
    assert latency.median_ms(model, np.zeros((1, 5), np.float32), threads=1) == pytest.approx(3)
