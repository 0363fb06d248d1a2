"""Cards and manifests quote the report, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest

from training import card
from training.metrics import class_figures


@pytest.fixture
def report():
    figures = class_figures(np.eye(7), np.arange(7), prefix="face")
    return figures | {"voice_uar_mean": 0.6, "machine": "m", "commit": "c", "versions": "v"}


def test_figures_reach_manifest_and_card(tmp_path, report):
    (tmp_path / "manifest.json").write_text('{"modality": "face"}', encoding="utf-8")
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    card.main(["--weights", str(tmp_path), "--report", str(tmp_path / "report.json")])
    metrics = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["face_accuracy"] == 1
    assert not [name for name in metrics if "confusion" in name or name.startswith("voice")]
    text = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| `face_accuracy` | 1.000 |" in text
    assert "| Anger | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1.000 |" in text
    assert card.MARK not in text


@pytest.mark.parametrize("modality", card.TEMPLATES)
def test_templates_have_a_place_for_figures(modality):
    assert card.TEMPLATES[modality].read_text(encoding="utf-8").count(card.MARK) == 1
