"""Pictures are small, the same at every call, and drawn from whatever the report has."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from training.metrics import calibration_figures, class_figures
from training.plots import (
    draw_conditions,
    draw_confusion,
    draw_fusion,
    draw_reliability,
    draw_sets,
    styled,
)

LARGEST_BYTES = 150_000


@pytest.fixture
def figures():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 6, 400)
    logs = np.log(rng.dirichlet(np.ones(7), 400) + np.eye(7)[truth] * rng.random((400, 1)))
    found = class_figures(np.exp(logs), truth, prefix="v")
    found |= calibration_figures(logs, truth, temperature=1.3, prefix="v")
    return {name.removeprefix("v_"): value for name, value in found.items()} | {
        "temperature": 1.3,
        "uar_mean": 0.6,
        "uar_mean_low": 0.5,
        "uar_mean_high": 0.7,
        "uar_emodb_test_speakers": 0.8,
        "speakers_emodb_test_speakers": 2,
        "uar_emodb_women": 0.9,
        "accuracy_dark": 0.5,
        "uar_dark": 0.4,
        "accuracy_face": 0.7,
        "ece_face": 0.1,
    }


DRAWINGS = {
    "confusion": lambda figures, path: draw_confusion(figures, path, title="t"),
    "reliability": lambda figures, path: draw_reliability(figures, path, title="t"),
    "sets": lambda figures, path: draw_sets(figures, path, title="t", names={"emodb": "EmoDB"}),
    "conditions": lambda figures, path: draw_conditions(
        figures, path, title="t", names={"dark": "dark"}
    ),
    "fusion": lambda figures, path: draw_fusion(figures, path, names={"face": "f", "voice": "v"}),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_is_a_small_png_and_the_same_at_every_call(name, figures, tmp_path):
    with styled():
        for number in (1, 2):
            DRAWINGS[name](figures, tmp_path / f"{number}.png")
    one, two = ((tmp_path / f"{number}.png").read_bytes() for number in (1, 2))
    assert one.startswith(b"\x89PNG")
    assert len(one) < LARGEST_BYTES
    assert one == two
