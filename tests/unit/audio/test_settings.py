"""Settings come from the environment and stay within bounds."""

from __future__ import annotations

import pytest
from emotionmap_audio.settings import SHIPPED_WEIGHTS, Settings
from emotionmap_audio.stream import INTERVALS_IN_FLIGHT
from pydantic import ValidationError


def test_defaults_stand_for_one_machine():
    settings = Settings()
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 50053, 0)
    assert (settings.model, settings.model_roots()) == ("", [SHIPPED_WEIGHTS])


def test_the_environment_decides(monkeypatch):
    monkeypatch.setenv("EMOTIONMAP_AUDIO_PORT", "1234")
    monkeypatch.setenv("EMOTIONMAP_AUDIO_MAX_BATCH", "8")
    assert (Settings().port, Settings().max_batch) == (1234, 8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": -1},
        {"max_queue": INTERVALS_IN_FLIGHT - 1},
        {"speech_threads": 0},
        {"log_level": "LOUD"},
        {"unknown": 1},
    ],
)
def test_what_is_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_installed_models_come_before_the_shipped_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOTIONMAP_MODELS_DIR", str(tmp_path))
    assert Settings().model_roots() == [tmp_path / "audio", SHIPPED_WEIGHTS]


def test_a_model_may_be_named_and_so_may_its_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOTIONMAP_AUDIO_MODEL", "mine")
    monkeypatch.setenv("EMOTIONMAP_AUDIO_MODEL_DIR", str(tmp_path / "folder"))
    settings = Settings()
    assert (settings.model, settings.model_dir) == ("mine", tmp_path / "folder")
