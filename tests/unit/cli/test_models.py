"""`emotionmap models` brings what was asked for, says what it could not, and never guesses."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys

import pytest
from emotionmap_cli.__main__ import run
from emotionmap_cli.arguments import parse, to_models_request
from emotionmap_cli.environment import environment
from emotionmap_cli.failures import BadInput, Failure
from emotionmap_cli.fetch import Patience
from emotionmap_cli.models import ModelsRequest, choose, default_folder, models
from emotionmap_cli.ports import free_ports
from emotionmap_cli.published import PUBLIC_MODELS, PublicFile, PublicModel
from emotionmap_face import yunet
from emotionmap_face.settings import YUNET_FILE, Settings

from tests.unit.cli.fake_mirror import mirroring

CONTENT = os.urandom(20_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PATIENCE = Patience(tries=2, pause_s=0.001, connect_s=5, silence_s=5)
FILES = [file for model in PUBLIC_MODELS for file in model.files]

INTERRUPTED = """
import signal, sys
from pathlib import Path
from emotionmap_cli.models import ModelsRequest, models
from emotionmap_cli.published import PublicFile, PublicModel
signal.signal(signal.SIGINT, signal.default_int_handler)
file = PublicFile(sys.argv[1] + "/f", "f", "0" * 64, 20_000)
models(ModelsRequest(Path(sys.argv[2])), known=[PublicModel("big", (file,), "MIT", "For tests.")])
"""


@pytest.fixture
def mirror():
    with mirroring(CONTENT) as server:
        yield server


def model(name, url, *, sha256=SHA256):
    files = tuple(PublicFile(f"{url}/{part}", f"{name}/{part}", sha256) for part in "ab")
    return PublicModel(name, files, "MIT", "For tests.")


def get(tmp_path, known, **asked):
    models(ModelsRequest(tmp_path, **asked), known=known, patience=PATIENCE)


def test_what_is_missing_is_fetched_and_told(mirror, tmp_path, capsys):
    get(tmp_path, [model("one", mirror.url)])
    assert (tmp_path / "one/a").read_bytes() == (tmp_path / "one/b").read_bytes() == CONTENT
    printed = capsys.readouterr()
    assert printed.out == "one: fetched. For tests. Licence: MIT.\n"
    assert "one: a: 0.0 of 0.0 MB" in printed.err
    get(tmp_path, [model("one", mirror.url)])
    assert capsys.readouterr().out.startswith("one: was there.")
    assert len(mirror.asked) == 2


def test_one_failure_does_not_hinder_the_others(mirror, tmp_path, capsys):
    mirror.moods = [404]
    with pytest.raises(Failure, match=r"^Not fetched: one\. Run it again") as caught:
        get(tmp_path, [model("one", mirror.url), model("two", mirror.url)])
    assert caught.value.exit_status == 1
    assert (tmp_path / "two/b").read_bytes() == CONTENT
    out = capsys.readouterr().out
    assert "one: NOT fetched. 127.0.0.1 answers 404 Not Found.\n" in out
    assert "two: fetched." in out


def test_a_host_that_cannot_be_reached_is_tried_once(tmp_path, capsys):
    [port] = free_ports(1)
    known = [model(name, f"http://127.0.0.1:{port}") for name in ("one", "two")]
    with pytest.raises(Failure, match="Not fetched: one, two"):
        get(tmp_path, known)
    assert capsys.readouterr().out.count("127.0.0.1 cannot be reached") == 2
    assert not list(tmp_path.rglob("*.part"))


def test_ctrl_c_leaves_what_the_next_run_goes_on_with(mirror, tmp_path):
    mirror.moods = ["stall"]
    command = [sys.executable, "-c", INTERRUPTED, mirror.url, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        assert mirror.stalled.wait(timeout=60)
        while not (tmp_path / "f.part").exists() or not (tmp_path / "f.part").stat().st_size:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in (-signal.SIGINT, 1)
    assert (tmp_path / "f.part").read_bytes() == CONTENT[:10_000]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"only": ["nope"]}, "no public model 'nope'; there are: one, loose"),
        ({"only": ["loose"]}, "Nobody publishes a digest of loose"),
        ({"only": ["loose", "one"], "sha256": SHA256}, "--sha256 goes with"),
        ({"only": ["one"], "sha256": SHA256}, "--sha256 goes with"),
        ({"only": [], "sha256": SHA256}, "--sha256 goes with"),
        ({"only": ["loose"], "sha256": "abc"}, "not of 64 hex digits"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(asked, message, tmp_path):
    known = [model("one", "http://127.0.0.1:9"), model("loose", "http://127.0.0.1:9", sha256=None)]
    with pytest.raises(BadInput, match=message):
        get(tmp_path, known, **asked)


def test_a_model_without_digest_is_fetched_with_one_given(mirror, tmp_path):
    loose = model("loose", mirror.url, sha256=None)
    get(tmp_path, [loose], only=["loose"], sha256=SHA256)
    assert (tmp_path / "loose/a").read_bytes() == CONTENT
    mirror.content += b"x"
    with pytest.raises(Failure, match="Not fetched: loose"):
        get(tmp_path / "again", [loose], only=["loose"], sha256=SHA256)
    assert not list((tmp_path / "again/loose").iterdir())


def test_only_what_has_digests_is_fetched_unasked():
    assert {m.name for m in PUBLIC_MODELS} == {
        "yunet",
        "deepface",
        "deepface-onnx",
        "wav2vec2-base",
    }
    chosen = choose(PUBLIC_MODELS, only=[], sha256=None)
    assert [m.name for m in chosen] == ["yunet", "deepface", "wav2vec2-base"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_addresses_are_pinned(file):
    assert file.url.startswith("https://")
    assert re.search(r"/[0-9a-f]{40}/|/releases/download/v1\.0/", file.url)
    assert file.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", file.sha256)
    assert file.url.rpartition("/")[2] == file.path.rpartition("/")[2]


def test_the_face_service_finds_yunet_where_it_is_put(monkeypatch, tmp_path):
    [file] = next(m.files for m in PUBLIC_MODELS if m.name == "yunet")
    assert (file.path, file.sha256) == (YUNET_FILE, yunet.SHA256)
    settings = environment(
        "face", ports={"face": 1}, host="", data_dir=tmp_path, models_dir=tmp_path
    )
    assert settings["EMOTIONMAP_MODELS_DIR"] == str(tmp_path)
    (tmp_path / file.path).touch()
    monkeypatch.setenv("EMOTIONMAP_MODELS_DIR", settings["EMOTIONMAP_MODELS_DIR"])
    assert Settings().yunet_weights() == tmp_path / file.path


def test_the_folder_of_the_environment_comes_first(monkeypatch, tmp_path):
    for name in ("EMOTIONMAP_MODELS_DIR", "EMOTIONMAP_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert str(default_folder()) == ".emotionmap/models"
    monkeypatch.setenv("EMOTIONMAP_DATA_DIR", "/data")
    assert str(default_folder()) == "/data/models"
    monkeypatch.setenv("EMOTIONMAP_MODELS_DIR", "/mine")
    assert str(default_folder()) == "/mine"
    shared = environment("face", ports={"face": 1}, host="", data_dir=tmp_path, models_dir=tmp_path)
    assert shared["EMOTIONMAP_MODELS_DIR"] == "/mine"


def test_the_command_line_takes_names_with_commas_and_spaces(tmp_path):
    words = ["models", "--only", "yunet, deepface", "--only", "x", "--dir", str(tmp_path)]
    assert to_models_request(parse(words)) == ModelsRequest(tmp_path, ["yunet", "deepface", "x"])


def test_the_list_names_every_model_with_its_licence(capsys):
    assert run(["models", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [m.name for m in PUBLIC_MODELS]
    assert all("Licence: " in line for line in lines)
    assert "yunet (0.2 MB)" in lines[0]


def test_an_unknown_name_is_one_line_and_status_2(capsys):
    assert run(["models", "--only", "nope"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
