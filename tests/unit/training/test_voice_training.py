"""The voice model learns, is saved, and is exported unchanged. Needs torch and transformers."""

from __future__ import annotations

import json
import wave

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("onnxscript")

from training.voice import train as voice_train  # noqa: E402
from training.voice.augment import augment_voice, normalize  # noqa: E402
from training.voice.checkpoints import open_checkpoint  # noqa: E402
from training.voice.manifest import licence_of  # noqa: E402
from training.voice.model import VoiceConfig, mel_filters, mix_styles  # noqa: E402
from training.voice.prepare import Cache, open_cache, read_crema, write_cache  # noqa: E402
from training.voice.split import Part  # noqa: E402
from training.voice.temperature import calibrated_temperature  # noqa: E402

RATE_HZ = 16_000
TINY = VoiceConfig(channels=(4, 8), hidden=32, feed_forward=32, layers=1, heads=2)


@pytest.fixture
def crema(tmp_path):
    rng = np.random.default_rng(0)
    for speaker in (1001, 1002, 1003, 1004):
        for emotion in ("ANG", "SAD", "HAP"):
            pcm = rng.integers(-9000, 9000, RATE_HZ).astype("<i2")
            path = tmp_path / "crema" / f"{speaker}_DFA_{emotion}_XX.wav"
            path.parent.mkdir(exist_ok=True)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, RATE_HZ, len(pcm), "NONE", ""))
                file.writeframes(pcm.tobytes())
    return tmp_path / "crema"


@pytest.fixture
def cache(crema, tmp_path):
    write_cache(read_crema(crema), tmp_path / "cache")
    return open_cache(tmp_path / "cache")


def test_augmented_speech_has_the_length_asked_for():
    rng = np.random.default_rng(0)
    pcm = rng.integers(-9000, 9000, RATE_HZ).astype(np.int16)
    sounds = [pcm[:100]]
    for samples in (RATE_HZ // 2, 2 * RATE_HZ):
        for _ in range(20):
            values = augment_voice(pcm, samples, sounds, rng)
            assert values.shape == (samples,)
            assert values.dtype == np.float32
            assert values.std() == pytest.approx(1, abs=1e-3)


def test_normalizing_silence_is_finite():
    assert not normalize(np.zeros(100, dtype=np.float32)).any()


def test_mel_filters_cover_the_range_and_peak_near_one():
    filters = mel_filters()
    assert filters.shape == (257, 64)
    assert ((filters > 0).sum(dim=0) >= 1).all()
    assert filters.max() <= 1


def test_only_training_speakers_are_drawn(cache):
    weights = voice_train.sampling_weights(cache, voice_train.Lesson())
    assert set(cache.speaker[weights > 0]) == {"cremad-1002", "cremad-1004"}


def test_watched_speakers_are_learned_from_on_request_alone(cache):
    both = frozenset({Part.TRAIN, Part.VALIDATION})
    weights = voice_train.sampling_weights(cache, voice_train.Lesson(both))
    assert set(cache.speaker[weights > 0]) == {"cremad-1002", "cremad-1003", "cremad-1004"}


def test_judged_speakers_are_refused():
    with pytest.raises(ValueError, match="never learned from"):
        voice_train.Lesson(frozenset({Part.TEST}))


def test_only_the_sets_asked_for_are_drawn(cache):
    with pytest.raises(ValueError, match="no clip"):
        voice_train.sampling_weights(cache, voice_train.Lesson(sets=frozenset({"emodb"})))


def test_bursts_are_a_fixed_share_of_what_is_drawn(cache):
    rows = np.flatnonzero(cache.part == "train")
    dataset = cache.dataset.copy().astype("U16")
    dataset[rows[:2]] = "emogator"
    mixed = Cache(cache.pcm, cache.bounds, cache.emotion, dataset, cache.speaker, cache.part)
    weights = voice_train.sampling_weights(mixed, voice_train.Lesson())
    assert weights.sum() == pytest.approx(1)
    assert weights[dataset == "emogator"].sum() == pytest.approx(voice_train.BURST_SHARE)


def test_mixed_styles_keep_the_shape_of_each_band():
    spectrum = torch.randn(6, 64, 40) + 5 * torch.randn(6, 64, 1)
    mixed = mix_styles(spectrum)
    shapes = [
        (values - values.mean(dim=2, keepdim=True)) / values.std(dim=2, keepdim=True)
        for values in (spectrum, mixed)
    ]
    assert torch.allclose(*shapes, atol=1e-2)
    assert not torch.allclose(spectrum, mixed)


def test_nothing_to_learn_from_is_an_error(cache):
    rows = cache.part == "test"
    judged = Cache(
        *(cache.pcm, cache.bounds[rows], cache.emotion[rows]),
        *(cache.dataset[rows], cache.speaker[rows], cache.part[rows]),
    )
    with pytest.raises(ValueError, match="training speaker"):
        voice_train.sampling_weights(judged, voice_train.Lesson())


def test_two_steps_on_crema_leave_a_checkpoint_that_loads(crema, tmp_path, monkeypatch):
    monkeypatch.setattr(voice_train, "BATCH", 4)
    monkeypatch.setattr(voice_train, "VoiceConfig", lambda: TINY)
    out = tmp_path / "out"
    voice_train.main(["--crema", str(crema), "--out", str(out), "--steps", "2"])
    line = json.loads((out / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert line["step"] == 2
    assert "uar_cremad" in line
    model = open_checkpoint(str(out / "last.pt")).model
    assert model(torch.randn(2, 6_400)).logits.shape == (2, 7)
    monkeypatch.undo()
    again, config = voice_train.start_from(out / "last.pt")
    assert config == TINY
    assert torch.equal(again.classifier.weight, model.classifier.weight)


def test_the_temperature_is_fitted_on_watched_speakers_within_bounds(crema):
    class Sure:
        class_index = np.arange(7)

        def log_probabilities(self, values):
            return np.log(np.full((len(values), 7), 1e-6) + np.eye(7)[[5] * len(values)])

    assert calibrated_temperature(Sure(), read_crema(crema)) == 1.5
    assert calibrated_temperature(Sure(), []) == 1.0


@pytest.mark.parametrize(("data", "limited"), [("nEMO, CC BY-NC-SA 4.0", True), ("CREMA-D", False)])
def test_the_licence_follows_the_data(data, limited):
    assert ("non-commercial" in licence_of([data])) is limited
