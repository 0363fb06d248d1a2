"""What a killed process left is removed; what a living one makes is not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from emotionmap_media.scratch import PREFIX, scratch_folder

HOLDER = """
import sys
from emotionmap_media.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "cut").mkdir()
    (folder / "cut" / "highlights.mp4").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def other(temporary):
    """Another process with a folder of its own."""
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.folder = Path(process.stdout.readline().strip())
        yield process
        process.kill()


def test_a_folder_is_there_and_goes(temporary):
    with scratch_folder() as folder:
        assert folder.parent == temporary
        (folder / "file").write_bytes(b"x")
    assert not list(temporary.iterdir())


def test_the_folder_of_a_living_process_stays(other):
    with scratch_folder() as folder:
        assert folder != other.folder
        assert (other.folder / "cut" / "highlights.mp4").exists()


def test_the_folder_of_a_killed_process_goes(other):
    other.kill()
    other.wait()
    assert other.folder.exists()
    with scratch_folder():
        assert not other.folder.exists()


def test_what_others_keep_stays(temporary):
    (temporary / "emotionmap-of-someone").mkdir()
    (temporary / f"{PREFIX}file").write_bytes(b"x")
    (temporary / f"{PREFIX}link").symlink_to(temporary / "emotionmap-of-someone")
    with scratch_folder():
        assert (temporary / "emotionmap-of-someone").exists()
        assert (temporary / f"{PREFIX}file").exists()
