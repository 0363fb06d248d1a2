"""Clips are found in both layouts and decoded once."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from training.emotions import LABELS
from training.voice import prepare
from training.voice.split import Part

RATE_HZ = 16_000


def write_noise(path, seconds, *, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pcm = np.random.default_rng(seed).integers(-9000, 9000, round(seconds * RATE_HZ))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, len(pcm), "NONE", ""))
        file.writeframes(pcm.astype("<i2").tobytes())


@pytest.fixture
def crema(tmp_path):
    folder = tmp_path / "crema"
    for name in ("1001_DFA_ANG_XX", "1002_IEO_HAP_HI", "1003_TIE_NEU_XX"):
        write_noise(folder / "AudioWAV" / f"{name}.wav", 0.5)
    for other in ("readme.wav", "1001_DFA_ANG_XX.txt", "1001_DFA_SUR_XX_copy.wav"):
        (folder / other).touch()
    return folder


def test_crema_names_are_labels(crema):
    clips = prepare.read_crema(crema)
    assert [clip.speaker for clip in clips] == ["cremad-1001", "cremad-1002", "cremad-1003"]
    assert [LABELS[clip.emotion] for clip in clips] == ["Anger", "Happy", "Neutral"]
    assert {clip.dataset for clip in clips} == {"cremad"}


def test_a_clip_that_is_there_as_wav_and_as_mp3_counts_once(crema):
    (crema / "AudioMP3").mkdir()
    (crema / "AudioMP3/1002_IEO_HAP_HI.mp3").write_bytes(b"the same")
    clips = prepare.read_crema(crema)
    assert [clip.path.suffix for clip in clips] == [".wav"] * 3


def test_crema_is_split_by_speaker(crema):
    parts = [clip.part for clip in prepare.read_crema(crema)]
    assert parts == [Part.TEST, Part.TRAIN, Part.VALIDATION]


@pytest.mark.parametrize("word", prepare.CREMA_EMOTIONS.values())
def test_every_crema_emotion_is_one_of_ours(word):
    assert word in {label.lower() for label in LABELS}


def test_the_cache_holds_what_was_decoded(crema, tmp_path):
    prepare.main(["--crema", str(crema), "--out", str(tmp_path / "cache")])
    cache = prepare.open_cache(tmp_path / "cache")
    assert cache.part.tolist() == ["test", "train", "validation"]
    assert len(cache.pcm) == 3 * RATE_HZ // 2
    start, end = cache.bounds[1]
    second = prepare.decode(crema / "AudioWAV" / "1002_IEO_HAP_HI.wav")
    assert (np.asarray(cache.pcm[start:end]) == second).all()


def test_an_interrupted_cache_is_not_opened(crema, tmp_path, monkeypatch):
    def fail(path):
        raise OSError(path)

    monkeypatch.setattr(prepare, "decode", fail)
    with pytest.raises(OSError, match="1001_DFA"):
        prepare.write_cache(prepare.read_crema(crema), tmp_path / "cache")
    assert not (tmp_path / "cache" / "clips.csv").exists()


def test_sounds_are_decoded(tmp_path):
    write_noise(tmp_path / "rain.wav", 0.25)
    (tmp_path / "labels.csv").write_text(
        "dataset,path,kind,seconds\nmine,rain.wav,Rain,0.25\n", encoding="utf-8"
    )
    (sound,) = prepare.read_sounds(tmp_path)
    assert len(sound) == RATE_HZ // 4


def test_an_empty_clip_has_empty_bounds():
    assert prepare.speech_bounds(np.zeros(0, dtype=np.int16)) == (0, 0)
