"""Checkpoints of every kind become one contract, and the audio service's loader runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.voices import TINY, write_checkpoint  # noqa: E402
from training.voice import export as voice_export  # noqa: E402
from training.voice.export import main  # noqa: E402
from training.voice.graph import SPEECH_LEVEL  # noqa: E402
from training.weights import REPOSITORY, open_weights  # noqa: E402

TOLERANCE = 1e-4
SHAPES = ((1, 6_400), (3, 16_000), (2, 17_777), (1, 48_000), (1, 100_000))
OURS = ("Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral")
RAVDESS = ("angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "other")
MERGED = {0: "Anger", 1: "Neutral", 2: "Disgust", 3: "Fear", 4: "Happy", 5: "Neutral", 6: "Sadness"}
FOUR = ("neu", "ANG", "hap", "Sad")
FOUR_OURS = {0: "Neutral", 1: "Anger", 2: "Happy", 3: "Sadness"}

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


def classes(names):
    """Return the configuration of a checkpoint with these names of its outputs."""
    words = dict(enumerate(names))
    return {"id2label": words, "label2id": {name: index for index, name in words.items()}}


def unit_waves(shape, seed=0):
    waves = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    return (waves - waves.mean(1, keepdims=True)) / waves.std(1, keepdims=True)


@torch.inference_mode()
def torch_probabilities(model, waves, meanings, *, temperature=1.0):
    """Return what a checkpoint's own softmax gives to each of our seven emotions."""
    logits = model(torch.from_numpy(waves)).logits.double()
    merged = torch.full((len(waves), len(OURS)), -torch.inf, dtype=torch.float64)
    for column, word in meanings.items():
        label = OURS.index(word)
        merged[:, label] = torch.logaddexp(merged[:, label], logits[:, column])
    return (merged / temperature).softmax(dim=1).numpy()


@pytest.fixture
def load(monkeypatch):
    """Return the audio service's own way from a folder to a model that answers requests."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "services/audio"))
    pytest.importorskip("pydantic")
    from emotionmap_audio.manifest import read_weights
    from emotionmap_audio.onnx_model import load_model

    return lambda folder: load_model(read_weights(folder), threads=1)


def export(tmp_path, *options):
    main(["--checkpoint", str(tmp_path / "checkpoint"), "--out", str(tmp_path / "out"), *options])
    return tmp_path / "out"


VARIANTS = {
    "safetensors, calm and neutral merged, other dropped": (classes(RAVDESS), MERGED),
    "old pytorch_model.bin, weighted sum of layers, small head": (
        classes(FOUR)
        | {"as_bin": True, "use_weighted_layer_sum": True, "classifier_proj_size": 24},
        FOUR_OURS,
    ),
    "as large: stable layer norm, attention adapters": (
        classes(FOUR)
        | {"do_stable_layer_norm": True, "feat_extract_norm": "layer", "conv_bias": True}
        | {"adapter_attn_dim": 8},
        FOUR_OURS,
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_audio_service_gives_the_probabilities_of_torch(tmp_path, load, variant):
    config, meanings = VARIANTS[variant]
    checkpoint = write_checkpoint(tmp_path / "checkpoint", **config)
    served = load(export(tmp_path, "--temperature", "1.2"))
    for shape in SHAPES:
        waves = unit_waves(shape)
        expected = torch_probabilities(checkpoint, waves, meanings, temperature=1.2)
        found = served.predict(waves)
        assert expected.max() > 0.4  # a flat answer would prove nothing
        assert np.abs(found - expected).max() < TOLERANCE


def test_a_checkpoint_for_waves_as_they_are_gets_them_at_the_level_of_speech(
    tmp_path, load, capsys
):
    checkpoint = write_checkpoint(
        tmp_path / "checkpoint", do_normalize=False, feat_extract_norm="layer", **classes(FOUR)
    )
    served = load(export(tmp_path))
    waves = unit_waves((2, 16_000))
    expected = torch_probabilities(checkpoint, waves * np.float32(SPEECH_LEVEL), FOUR_OURS)
    assert np.abs(served.predict(waves) - expected).max() < TOLERANCE
    assert "10 dB more or less would move a probability by up to" in capsys.readouterr().err


def test_labels_and_temperature_stand_in_the_manifest_and_in_the_file(tmp_path, capsys):
    write_checkpoint(tmp_path / "checkpoint", **classes(RAVDESS))
    notes = {"temperature": 1.3, "data": ["CREMA-D, ODbL"], "source": "fine-tuned"}
    (tmp_path / "checkpoint/emotionmap.json").write_text(json.dumps(notes), encoding="utf-8")
    folder = export(tmp_path, "--name", "mine", "--label-map", "calm=-", "--int8")
    manifest = open_weights(folder).manifest
    assert manifest["labels"] == ["Anger", "Disgust", "Fear", "Happy", "Neutral", "Sadness"]
    assert (manifest["name"], manifest["source"]) == ("mine", "fine-tuned")
    assert (manifest["temperature"], manifest["data"]) == (1.3, ["CREMA-D, ODbL"])
    properties = onnx.load(folder / "model.onnx").metadata_props
    inside = {item.key: item.value for item in properties}
    assert json.loads(inside["labels"]) == manifest["labels"]
    assert (inside["temperature"], inside["name"]) == ("1.3", "mine")
    said = capsys.readouterr()
    assert "calm, other dropped" in said.err
    assert "8 bits:" in said.out
    assert manifest["quantization"]["same_label"] > 0.5


def test_our_own_checkpoint_is_exported_under_either_shipped_name(tmp_path):
    from training.voice.model import VoiceConfig, build_voice_model
    from training.voice.train import asdict

    config = VoiceConfig(channels=(4, 8), hidden=32, feed_forward=32, layers=1, heads=2)
    model = build_voice_model(config).eval()
    torch.save({"state": model.state_dict(), "config": asdict(config)}, tmp_path / "checkpoint")
    folder = export(tmp_path, "--name", voice_export.COMMERCIAL_NAME, "--licence", "Apache-2.0")
    weights = open_weights(folder)
    assert weights.manifest["labels"] == list(OURS)
    assert weights.manifest["licence"] == "Apache-2.0"
    assert not [name for name in weights.manifest["data"] if "-NC-" in name]
    waves = unit_waves((2, 20_000))
    with torch.inference_mode():
        expected = model(torch.from_numpy(waves)).logits.numpy()
    assert np.abs(weights.run(waves) - expected).max() < TOLERANCE


def test_a_published_checkpoint_is_taken_from_the_hubs_cache_at_its_commit(tmp_path):
    commit = "0123456789abcdef" * 2 + "01234567"
    snapshot = tmp_path / f"hub/models--someone--voice/snapshots/{commit}"
    write_checkpoint(snapshot, **classes(FOUR))
    command = [sys.executable, "-m", "training.voice.export", "--checkpoint", "someone/voice"]
    done = subprocess.run(
        [*command, "--revision", commit, "--out", tmp_path / "out"],
        env=os.environ | {"HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    manifest = open_weights(tmp_path / "out").manifest
    assert manifest["source"] == f"someone/voice@{commit}"
    assert manifest["labels"] == list(FOUR_OURS.values())


def write_without_head(folder):
    config = transformers.Wav2Vec2Config(**TINY, **classes(FOUR))
    transformers.Wav2Vec2Model(config).save_pretrained(folder)


def write_regression(folder):
    write_checkpoint(folder, **classes(FOUR), problem_type="regression")


def write_hubert(folder):
    config = transformers.HubertConfig(**TINY)
    transformers.HubertForSequenceClassification(config).save_pretrained(folder)


def write_for_8_khz(folder):
    write_checkpoint(folder, **classes(FOUR))
    path = folder / "preprocessor_config.json"
    path.write_text(path.read_text("utf-8").replace("16000", "8000"), encoding="utf-8")


def write_truncated(folder):
    write_checkpoint(folder, **classes(FOUR))
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


REFUSED = [
    (write_without_head, [], "weights are missing or of another size"),
    (write_regression, [], "trained for regression"),
    (write_hubert, [], "of type 'hubert'"),
    (write_for_8_khz, [], "takes 8000 Hz, not 16000 Hz"),
    (write_checkpoint, [], "fewer than two emotions"),
    (lambda folder: folder.mkdir(), [], "no config.json of transformers"),
    (write_truncated, [], "cannot be read"),
    (lambda folder: folder.write_bytes(b"no checkpoint"), [], "no checkpoint of training"),
    (lambda folder: None, [], "no such file or folder"),
    (lambda folder: None, ["--revision", "main"], "the full commit id"),
    (lambda folder: write_checkpoint(folder, **classes(FOUR)), ["--name", "a b"], "cannot name"),
    (lambda folder: write_checkpoint(folder, **classes(FOUR)), ["--temperature", "0"], "above 0"),
]


@pytest.mark.parametrize(("write", "options", "message"), REFUSED)
def test_what_would_serve_guesses_is_refused_in_one_line(tmp_path, write, options, message):
    write(tmp_path / "checkpoint")
    with pytest.raises(SystemExit) as refused:
        export(tmp_path, *options)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
