"""The shipped weights are the files their manifests describe, and do what these promise."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import numpy as np
import pytest

from training.emotions import LABELS
from training.weights import (
    FACE_WEIGHTS,
    SCHEMA,
    VOICE_WEIGHTS,
    open_weights,
    sha256_of,
    shipped_models,
)

LARGEST_BYTES = 8_000_000
SUM_TOLERANCE = 1e-5
"""Rounding of seven float32."""
BATCH_TOLERANCE = 1e-4
"""A batch may be computed in another order than its rows."""


class Shipped(NamedTuple):
    """A model folder and what it must reach."""

    folder: object
    modality: str
    shapes: tuple
    metric: str
    floor: float


FACE = Shipped(FACE_WEIGHTS, "face", ((1, 48, 48, 1), (5, 48, 48, 1)), "face_accuracy", 0.80)
VOICE = Shipped(
    VOICE_WEIGHTS,
    "voice",
    ((1, 6_400), (2, 16_000), (1, 17_777), (3, 48_000), (1, 160_000)),
    "voice_uar_mean",
    0.50,
)
pytestmark = pytest.mark.model


@pytest.fixture(params=[FACE, VOICE], ids=["face", "voice"], scope="module")
def shipped(request):
    return request.param


@pytest.fixture(scope="module")
def manifest(shipped):
    return json.loads((shipped.folder / "manifest.json").read_text(encoding="utf-8"))


def test_manifest_describes_the_file(shipped, manifest):
    path = shipped.folder / manifest["file"]
    assert manifest["schema"] == SCHEMA
    assert manifest["modality"] == shipped.modality
    assert manifest["sha256"] == sha256_of(path)
    assert path.stat().st_size < LARGEST_BYTES
    assert tuple(manifest["labels"]) == LABELS


def test_measured_figures_meet_the_floor(shipped, manifest):
    assert manifest["metrics"][shipped.metric] >= shipped.floor


def test_output_is_a_distribution_at_any_size(shipped):
    weights = open_weights(shipped.folder)
    for shape in shipped.shapes:
        values = np.random.default_rng(0).random(shape, dtype=np.float32)
        log_probabilities = weights.log_probabilities(values)
        assert log_probabilities.shape == (shape[0], len(LABELS))
        assert np.exp(log_probabilities).sum(axis=1) == pytest.approx(1, abs=SUM_TOLERANCE)


def test_face_graph_ends_in_softmax():
    weights = open_weights(FACE_WEIGHTS)
    output = weights.run(np.random.default_rng(0).random((3, 48, 48, 1), dtype=np.float32))
    assert (output >= 0).all()
    assert output.sum(axis=1) == pytest.approx(1, abs=SUM_TOLERANCE)


def test_rows_of_a_batch_do_not_touch_each_other(shipped):
    weights = open_weights(shipped.folder)
    shape = (3, *shipped.shapes[1][1:])
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    alone = np.concatenate([weights.run(row[None]) for row in values])
    assert np.abs(weights.run(values) - alone).max() < BATCH_TOLERANCE


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_flat_face_is_finite(value):
    flat = np.full((1, 48, 48, 1), value, dtype=np.float32)
    assert np.isfinite(open_weights(FACE_WEIGHTS).run(flat)).all()


def test_silence_is_finite():
    silence = np.zeros((1, 16_000), dtype=np.float32)
    assert np.isfinite(open_weights(VOICE_WEIGHTS).run(silence)).all()


def test_file_names_no_machine_path(shipped, manifest):
    content = (shipped.folder / manifest["file"]).read_bytes()
    assert not re.search(rb"/(work|root|home|tmp)/|\.py\b", content)


def test_card_says_what_is_recognised(shipped):
    card = (shipped.folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "apparent expression, not felt emotion" in card


@pytest.mark.parametrize("model", shipped_models(), ids=lambda model: model.name)
def test_every_shipped_model_has_the_card_of_its_very_file(model):
    manifest = json.loads((model.folder / "manifest.json").read_text(encoding="utf-8"))
    card = (model.folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert manifest["sha256"][:12] in card
    assert manifest["modality"] == model.modality
    assert f"{manifest['metrics'][f'{model.modality}_accuracy']:.3f}" in card


def test_voice_card_starts_with_the_licence():
    head = (VOICE_WEIGHTS / "MODEL_CARD.md").read_text(encoding="utf-8")[:600]
    assert "non-commercial" in head.lower()


def test_another_file_is_refused(tmp_path):
    for name in ("manifest.json", "model.onnx"):
        (tmp_path / name).write_bytes((FACE_WEIGHTS / name).read_bytes())
    with (tmp_path / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match="sha256"):
        open_weights(tmp_path)


def test_another_schema_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text('{"schema": "other/1"}', encoding="utf-8")
    with pytest.raises(ValueError, match="schema"):
        open_weights(tmp_path)
