"""Cards, manifests and the README quote the report, and nothing else."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tests.unit.training.made_up import by_pitch, weights_of, write_faces, write_model, write_speech
from training import card
from training.emotions import LABELS
from training.faces.evaluate import judge_faces
from training.markdown import bins_of, confusion_table, figures_of, leanings
from training.metrics import class_figures
from training.voice.evaluate import judge_speech
from training.weights import shipped_models

CIRCUMSTANCES = {"machine": "a machine", "commit": "c0ffee", "versions": "python 3"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def models(root):
    write_model(root / "face", name="face", modality="face")
    free = {"licence": "see MODEL_CARD.md", "data": ["EmoDB, free with citation"]}
    write_model(root / "voice", name="voice")
    write_model(root / "voice/commercial", name="commercial", **free, trained_on=["emodb"])
    return shipped_models(root / "face", root / "voice")


@pytest.fixture(scope="module")
def report(models, root):
    votes = [{"anger": 9}, {"happiness": 9}, {"fear": 9}]
    faces = write_faces(root / "f.npz", votes, usage=["PublicTest"] * 3)
    sure = weights_of(lambda values: np.eye(7)[np.zeros(len(values), int)], kind="probabilities")
    rows = [
        ("ravdess", "ravdess-17", "anger", 800),
        ("ravdess", "ravdess-18", "sadness", 200),
        ("ravdess", "ravdess-01", "sadness", 800),
        ("emogator", "emogator-000001", "anger", 800),
    ]
    speech, made = write_speech(root, rows), dict(CIRCUMSTANCES)
    for model in models:
        manifest = json.loads((model.folder / "manifest.json").read_text(encoding="utf-8"))
        weights = weights_of(by_pitch, kind="logits")
        weights.manifest.update(
            data=manifest["data"],
            **{key: manifest[key] for key in ("trained_on",) if key in manifest},
        )
        made[f"{model.name}_model"] = f"made-up 1.2.3 {manifest['sha256'][:12]}"
        made |= {f"{model.name}_mb": 1.25, f"{model.name}_ms_per_face": 0.5}
        made |= {f"{model.name}_ms_per_window": 7.5}
        if model.modality == "face":
            made |= judge_faces(sure, faces, name=model.name)
        else:
            made |= judge_speech(weights, speech, name=model.name)
    return made


def test_figures_of_one_voice_are_not_those_of_the_other(report):
    voice, other = (figures_of(report, name) for name in ("voice", "voice_commercial"))
    assert "uar_ravdess_all_speakers" not in voice
    assert other["uar_ravdess_all_speakers"] == 0.75
    assert not [name for name in voice if name.startswith("commercial")]
    assert "model" not in voice


def test_manifests_keep_figures_under_one_name_for_all_models(models, report):
    kept = card.metrics_of(report, models[2])
    assert kept["voice_uar_unseen_mean"] == 0.75
    assert kept["voice_temperature"] == 1
    assert not [name for name in kept if re.search("confusion|reliability|_ms_|_mb$", name)]


def test_a_report_of_another_file_is_refused(models, report, tmp_path, capsys):
    (tmp_path / "r.json").write_text(json.dumps(report | {"face_model": "x 1 0123456789ab"}))
    folders = ["--face-weights", str(models[0].folder), "--voice-weights", str(models[1].folder)]
    with pytest.raises(SystemExit, match="2"):
        card.main(["--report", str(tmp_path / "r.json"), *folders, "--out", str(tmp_path / "o")])
    assert "run make eval anew" in capsys.readouterr().err


def test_a_preview_writes_cards_and_pictures_and_leaves_the_models_alone(
    models, report, tmp_path, capsys
):
    pytest.importorskip("matplotlib")
    (tmp_path / "r.json").write_text(json.dumps(report), encoding="utf-8")
    folders = ["--face-weights", str(models[0].folder), "--voice-weights", str(models[1].folder)]
    before = (models[0].folder / "manifest.json").read_bytes()
    out = tmp_path / "out"
    card.main(["--report", str(tmp_path / "r.json"), *folders, "--out", str(out)])
    assert (models[0].folder / "manifest.json").read_bytes() == before
    for path in out.glob("models/*/MODEL_CARD.md"):
        text = path.read_text(encoding="utf-8")
        assert "<!--" not in text
        for link in re.findall(r"!\[[^]]+\]\(([^)]+)\)", text):
            assert (path.parent / link).resolve().is_file()
    assert len(list(out.glob("models/*/MODEL_CARD.md"))) == 3
    assert "UAR 1.000" in capsys.readouterr().out


def text_of(report, model):
    pytest.importorskip("matplotlib")
    return card.card_text(report, model, card.place_of(model))


def test_the_card_of_a_face_quotes_the_report(models, report):
    text = text_of(report, models[0])
    assert "| accuracy | 0.333 | 0.000 to 1.000 |" in text
    assert "| Anger | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1.000 |" in text
    assert "| **this model** | **33.3 %** |" in text.replace("FER+ plurality, 7 classes ", "")
    assert "`made-up 1.2.3" in text


def test_the_licence_stands_in_the_first_lines(models, report):
    limited, free = (text_of(report, model)[:700] for model in models[1:])
    assert "**CC BY-NC-SA 4.0 (non-commercial)**" in limited
    assert "**no non-commercial limit**" in free
    assert "EmoDB, free with citation" in free


def test_the_card_of_a_voice_tells_sets_that_it_never_heard(models, report):
    text = text_of(report, models[2])
    assert "| RAVDESS, all speakers | no | 3 | 3 | 0.750 |" in text
    assert "| RAVDESS, judged speakers | no | 2 | 2 | 1.000 |" in text
    assert "women 1.000, men 1.000" in text


def test_every_card_tells_misuse_and_limits():
    for template in card.TEMPLATES.values():
        text = template.read_text(encoding="utf-8")
        assert "apparent expression, not felt emotion" in text
        assert "not for hiring" in text
        assert "Art. 5(1)(f)" in text
        assert "## Limits" in text


def test_classes_given_too_often_are_named():
    truth = np.repeat([0, 1], 20)
    found = np.where(np.arange(40) < 30, 0, 1)
    text = leanings(class_figures(np.eye(7)[found], truth, prefix="v") | {}, "v_")
    assert f"Over-predicted (times given per time labelled): {LABELS[0]} (1.50)." in text
    assert f"Under-predicted (times given per time labelled): {LABELS[1]} (0.50)." in text
    assert "Disgust as Anger 50 %" in text


def test_the_confusion_table_has_truth_in_rows():
    figures = class_figures(np.eye(7)[[3, 3]], np.array([0, 3]), prefix="v")
    assert "| Anger | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 0.000 |" in confusion_table(figures, "v_")


def test_bins_without_samples_are_left_out(report):
    bins = bins_of(figures_of(report, "face"), "")
    assert bins.shape == (1, 3)
    assert bins[0] == pytest.approx([3, 1, 1 / 3])


def test_the_readme_lists_each_model_with_its_figures(models, report):
    for model in models:
        manifest = card.manifest_of(model) | {"metrics": card.metrics_of(report, model)}
        (model.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    text = card.models_table(models)
    assert "[made-up-face](models/face/MODEL_CARD.md)" in text
    assert "accuracy 0.333 (0.000 to 1.000)" in text
    assert "sets never heard 0.750" in text


def test_publishing_fills_the_manifests_and_the_table_of_the_readme(
    models, report, root, monkeypatch
):
    monkeypatch.setattr(card, "REPOSITORY", root)
    monkeypatch.setattr(card, "shipped_models", lambda: models)
    readme = root / "README.md"
    readme.write_text("a\n<!-- models -->\nold\n<!-- /models -->\nb\n", encoding="utf-8")
    card.publish(report, models)
    assert card.manifest_of(models[0])["metrics"]["face_accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    text = readme.read_text(encoding="utf-8")
    assert text == f"a\n<!-- models -->\n{card.models_table(models)}\n<!-- /models -->\nb\n"
    assert "[made-up-commercial](voice/commercial/MODEL_CARD.md)" in text
