"""The file of parameters is checked when it is read, and fits what is shipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from emotionmap_fusion.calibration import (
    MAX_BYTES,
    SHIPPED,
    Calibration,
    CalibrationError,
    read_calibration,
)

REPOSITORY = Path(__file__).parents[3]
WEIGHTS = {
    "face": REPOSITORY / "services/face/emotionmap_face/weights/manifest.json",
    "voice": REPOSITORY / "services/audio/emotionmap_audio/weights/manifest.json",
}


def shipped():
    return json.loads(SHIPPED.read_text())


def written(tmp_path, document):
    path = tmp_path / "calibration.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_parameters_reach_the_pool_they_are_of() -> None:
    document = shipped()
    strategy = Calibration.model_validate(document).strategy()
    both = document["both"]
    assert strategy.face.exponents.tolist() == [document["face"]["exponents"]]
    assert strategy.voice.offsets.tolist() == document["voice"]["offsets"]
    assert strategy.both.exponents.tolist() == [both["face_exponents"], both["voice_exponents"]]


@pytest.mark.parametrize("modality", ["face", "voice"])
def test_the_figures_are_of_the_shipped_weights(modality) -> None:
    """If this fails, run `python -m training.fusion` after exporting weights."""
    if not WEIGHTS[modality].is_file():
        pytest.skip("the weights are not here")
    manifest = json.loads(WEIGHTS[modality].read_text())
    assert getattr(read_calibration().judged_on, modality).sha256 == manifest["sha256"]


def test_what_is_shipped_beats_the_mean_and_both_models() -> None:
    metrics = read_calibration().metrics
    for other in ("face", "voice", "weighted_mean"):
        assert metrics["fusion_uar_reliability"] > metrics[f"fusion_uar_{other}"]
        assert metrics["fusion_accuracy_reliability"] > metrics[f"fusion_accuracy_{other}"]
        assert metrics["fusion_log_loss_reliability"] < metrics[f"fusion_log_loss_{other}"]
    assert metrics["fusion_ece_reliability"] < 0.05


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"schema": "emotionmap.fusion/2"}, "schema"),
        ({"face": {"exponents": [1.0] * 6, "offsets": [0.0] * 7}}, "face.exponents"),
        ({"voice": {"exponents": [-0.1] * 7, "offsets": [0.0] * 7}}, "voice.exponents"),
        ({"voice": {"exponents": [1.0] * 7, "offsets": [float("nan")] * 7}}, "voice.offsets"),
        ({"both": {}}, "both.face_exponents"),
        ({"extra": 1}, "extra"),
    ],
)
def test_another_schema_is_refused_by_the_field(tmp_path, change, named) -> None:
    path = written(tmp_path, shipped() | change)
    with pytest.raises(CalibrationError, match=named) as caught:
        read_calibration(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "not JSON", "[]", "{" * 10_000, "x" * (MAX_BYTES + 1)])
def test_what_is_no_file_of_parameters_is_refused(tmp_path, text) -> None:
    with pytest.raises(CalibrationError, match=r"calibration\.json"):
        read_calibration(written(tmp_path, text))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_calibration(Path("nowhere.json"))


def check(**environment):
    return subprocess.run(
        [sys.executable, "-m", "emotionmap_fusion", "--check"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_server_with_bad_parameters_does_not_start(tmp_path) -> None:
    path = written(tmp_path, shipped() | {"schema": "other"})
    done = check(EMOTIONMAP_FUSION_CALIBRATION=str(path))
    assert done.returncode != 0
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_check_prints_the_settings_and_ends() -> None:
    done = check(EMOTIONMAP_FUSION_PORT="1234")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["port"] == 1234
