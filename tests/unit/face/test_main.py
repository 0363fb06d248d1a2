"""The process checks its weights before it serves, and leaves no trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from emotionmap_face.settings import SHIPPED_WEIGHTS

pytestmark = pytest.mark.skipif(
    not (SHIPPED_WEIGHTS / "manifest.json").is_file(), reason="the weights are not here"
)


def check(home, **environment):
    return subprocess.run(
        [sys.executable, "-m", "emotionmap_face", "--check"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.model
def test_check_prints_the_settings_loads_the_model_and_ends(tmp_path):
    done = check(tmp_path, EMOTIONMAP_FACE_PORT="1234")
    assert done.returncode == 0, done.stderr
    assert '"port": 1234' in done.stdout
    assert list(tmp_path.rglob("*")) == []  # onnxruntime's telemetry writes here


def test_other_weights_end_it_with_one_clear_line(tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(SHIPPED_WEIGHTS, folder)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"x")
    done = check(tmp_path, EMOTIONMAP_FACE_MODEL_DIR=str(folder))
    assert done.returncode == 1
    assert "SHA-256" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_ends_it_with_its_name(tmp_path):
    done = check(tmp_path, EMOTIONMAP_FACE_PORT="many")
    assert done.returncode == 1
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr
