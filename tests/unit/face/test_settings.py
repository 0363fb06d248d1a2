"""Settings come from the environment and stay within bounds."""

from __future__ import annotations

import pytest
from emotionmap_face.pace import UNHURRIED, Pace
from emotionmap_face.settings import SHIPPED_WEIGHTS, YUNET_FILE, Settings
from emotionmap_face.stream import FACES_IN_FLIGHT
from pydantic import ValidationError


def test_defaults_stand_for_one_machine():
    settings = Settings()
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 50052, 0)
    assert (settings.model, settings.model_roots()) == ("", [SHIPPED_WEIGHTS])
    assert settings.yunet_weights() is None


def test_the_environment_decides(monkeypatch):
    monkeypatch.setenv("EMOTIONMAP_FACE_PORT", "1234")
    monkeypatch.setenv("EMOTIONMAP_FACE_MAX_BATCH", "8")
    assert (Settings().port, Settings().max_batch) == (1234, 8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70_000},
        {"max_queue": FACES_IN_FLIGHT - 1},
        {"threads": 0},
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
    assert Settings().model_roots() == [tmp_path / "face", SHIPPED_WEIGHTS]


def test_a_model_may_be_named_and_so_may_its_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOTIONMAP_FACE_MODEL", "mine")
    monkeypatch.setenv("EMOTIONMAP_FACE_MODEL_DIR", str(tmp_path / "folder"))
    settings = Settings()
    assert (settings.model, settings.model_dir) == ("mine", tmp_path / "folder")


def test_installed_weights_of_yunet_are_found(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOTIONMAP_MODELS_DIR", str(tmp_path))
    assert Settings().yunet_weights() is None
    (tmp_path / YUNET_FILE).touch()
    assert Settings().yunet_weights() == tmp_path / YUNET_FILE


def test_deepfaces_detector_may_be_chosen_of_those_that_run_here(monkeypatch):
    assert Settings().deepface_detector == "opencv"
    monkeypatch.setenv("EMOTIONMAP_FACE_DEEPFACE_DETECTOR", "yunet")
    assert Settings().deepface_detector == "yunet"
    monkeypatch.setenv("EMOTIONMAP_FACE_DEEPFACE_DETECTOR", "mtcnn")  # needs TensorFlow
    with pytest.raises(ValidationError):
        Settings()


def test_the_pace_is_that_of_its_module_and_can_be_unhurried():
    assert Settings().pace() == Pace()
    assert Settings(scan_every_ms=0, thorough_every_ms=0, follow_every_ms=0).pace() == UNHURRIED
