"""The README's examples work as pasted."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.model]

REPOSITORY = Path(__file__).parents[2]
BLOCKS = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)


@pytest.fixture
def paste(system, astronaut_video, tmp_path):
    """Run the block that mentions a word, in a folder with film.mp4; return what it prints."""
    (tmp_path / "film.mp4").symlink_to(astronaut_video)
    (tmp_path / ".venv").symlink_to(REPOSITORY / ".venv")

    def run(word: str) -> str:
        [block] = [block for block in BLOCKS if word in block]
        script = block.replace("http://127.0.0.1:8080", system.base_url)
        script = script.replace("127.0.0.1:50050", system.grpc_target)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_command_writes_json_and_prints_csv(paste, tmp_path) -> None:
    printed = paste("emotionmap analyze")
    timeline = json.loads((tmp_path / "timeline.json").read_text())
    assert timeline["intervals"][0]["emotion"] == "Happy"
    assert printed.startswith("start,end,emotion,")
    assert len(printed.splitlines()) == 1 + 33  # half seconds of 16.4 s


def test_http_gives_events_and_the_timeline(paste) -> None:
    printed = paste("curl")
    assert "event: intervals" in printed
    assert json.loads(printed[printed.index('{"schema"') :])["intervals"]


def test_grpc_prints_every_interval(paste) -> None:
    lines = paste("emotionmap.v1").splitlines()
    assert len(lines) == 17
    assert "0.0 EMOTION_HAPPY" in lines or "0 EMOTION_HAPPY" in lines
