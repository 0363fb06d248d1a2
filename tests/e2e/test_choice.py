"""A second model lies beside the shipped ones; whoever names it gets it, at every door."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from emotionmap_cli.failures import Failure
from emotionmap_cli.local import running

from tests.client import analyze, create
from tests.clips import Scene, write_clip
from tests.onnx_files import FACE_SHAPE, VOICE_SHAPE, graph, write_model

pytestmark = [pytest.mark.e2e, pytest.mark.model]

DISGUSTED = (0, 9, 0, 0, 0, 0, 0)
CHOICE = {"face_model": "second-face", "voice_model": "second-voice"}
SCENES = [Scene(2, face=True), Scene(2, voice=True)]


def write_models(folder: Path) -> None:
    """Write a face and a voice model that find everybody disgusted."""
    face, voice = graph(FACE_SHAPE, bias=DISGUSTED), graph(VOICE_SHAPE, bias=DISGUSTED)
    write_model(folder / "face/sub", face, name="second-face", licence="CC0")
    write_model(folder / "audio/sub", voice, name="second-voice", modality="voice")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A system of its own with more models than the shipped ones."""
    models = tmp_path_factory.mktemp("models")
    write_models(models)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOTIONMAP_MODELS_DIR", str(models))
        with running(tmp_path_factory.mktemp("installed")) as system:
            yield system


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "short.mp4", SCENES)


def test_all_models_are_listed_with_their_manifests(installed) -> None:
    body = httpx.get(f"{installed.base_url}/v1/models").json()
    [second] = [model for model in body["face_models"] if model["name"] == "second-face"]
    assert body["face_models"][0] == body["face"] != second
    assert (second["licence"], second["labels"][1], len(second["sha256"])) == ("CC0", "Disgust", 64)
    assert "second-voice" in [model["name"] for model in body["voice_models"]]


def test_a_request_is_scored_by_the_models_it_names(installed, clip) -> None:
    chosen = analyze(installed.base_url, clip, **CHOICE)
    default = analyze(installed.base_url, clip)
    assert {i["emotion"] for i in chosen["intervals"] if i["evidence"] != "none"} == {"Disgust"}
    assert chosen["models"]["face"]["name"] == "second-face"
    assert {key: chosen["options"][key] for key in CHOICE} == CHOICE
    assert default["models"]["face"]["name"] != "second-face"
    assert default["intervals"][0]["emotion"] == "Happy"


def test_an_unknown_model_is_refused_at_once(installed, clip) -> None:
    response = create(installed.base_url, clip, face_model="third")
    assert (response.status_code, response.json()["reason"]) == (400, "OPTIONS_INVALID")
    assert "second-face" in response.json()["detail"]


def test_the_command_chooses_too(installed, clip) -> None:
    command = [Path(sys.executable).with_name("emotionmap"), "analyze", clip]
    options = ["--set", "face_model=second-face", "--set", "smoothing=0.3"]
    done = subprocess.run(
        [*command, "--server", installed.base_url, *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["models"]["face"]["name"] == "second-face"


def test_a_broken_model_ends_the_start_with_its_sentence(tmp_path, monkeypatch) -> None:
    write_model(tmp_path / "models/face/broken", b"not a graph")
    monkeypatch.setenv("EMOTIONMAP_MODELS_DIR", str(tmp_path / "models"))
    with pytest.raises(Failure) as caught, running(tmp_path / "data", quiet=True):
        pass
    log = (tmp_path / "data/logs/face.log").read_text()
    assert "broken/model.onnx is no ONNX graph" in log + str(caught.value)
    assert "Traceback" not in log
