"""The process checks its weights before it serves, and leaves no trace."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from emotionmap_face.settings import SHIPPED_WEIGHTS

from tests.onnx_files import graph, write_model

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


def broken_digest(folder):
    write_model(folder, modality="face")
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"x")


def no_graph(folder):
    write_model(folder, b"not a graph", modality="face")


def wrong_shape(folder):
    write_model(folder, graph((1, 2)), modality="face")


def no_labels(folder):
    write_model(folder, modality="face", labels=None)


def no_manifest(folder):
    folder.mkdir()


BROKEN = {
    broken_digest: r"model\.onnx has SHA-256",
    no_graph: r"model\.onnx is no ONNX graph",
    wrong_shape: r"model\.onnx does not do .* shape",
    no_labels: r"manifest\.json is malformed: labels",
    no_manifest: r"Cannot read .*manifest\.json",
}


@pytest.mark.parametrize("make", BROKEN, ids=lambda make: make.__name__)
def test_weights_that_cannot_be_used_end_it_with_one_clear_line(tmp_path, make):
    make(tmp_path / "mine")
    done = check(tmp_path, EMOTIONMAP_FACE_MODEL_DIR=str(tmp_path / "mine"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert re.search(f"^emotionmap_face: .*{BROKEN[make]}", done.stderr)


def test_a_broken_model_ends_it_though_another_is_the_default(tmp_path):
    no_graph(tmp_path / "face/second")
    done = check(tmp_path, EMOTIONMAP_MODELS_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "second/model.onnx is no ONNX graph" in done.stderr


@pytest.mark.model
def test_an_installed_model_may_be_made_the_default(tmp_path):
    write_model(tmp_path / "face/second", modality="face")
    settings = {"EMOTIONMAP_MODELS_DIR": str(tmp_path), "EMOTIONMAP_FACE_MODEL": "second"}
    done = check(tmp_path, **settings)
    assert done.returncode == 0, done.stderr


def test_a_wrong_setting_ends_it_with_its_name(tmp_path):
    done = check(tmp_path, EMOTIONMAP_FACE_PORT="many")
    assert done.returncode == 1
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_that_is_not_there_ends_it_with_one_clear_line(tmp_path):
    done = check(tmp_path, EMOTIONMAP_FACE_PROVIDER="cuda")
    assert done.returncode == 1
    assert re.fullmatch(r"emotionmap_face: The provider cuda cannot be used: .*\.\n", done.stderr)
