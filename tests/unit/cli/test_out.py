"""What `emotionmap analyze` writes is whole, wherever it goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from emotionmap_cli import analyze as module
from emotionmap_cli.failures import Failure

COMMAND = Path(sys.executable).with_name("emotionmap")


def test_an_existing_file_is_replaced_whole(tmp_path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old and longer")
    link = tmp_path / "link.json"
    link.symlink_to(path)
    module.write(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o666 & ~module._umask()


def test_an_existing_file_keeps_its_mode(tmp_path) -> None:
    path = tmp_path / "out.json"
    path.touch(0o600)
    module.write(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path) -> None:
    with pytest.raises(Failure, match="cannot be written"):
        module.write(tmp_path / "no" / "out.json", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_written_to(video) -> None:
    module.check_out(Path(os.devnull), video=video)
    module.write(Path(os.devnull), b"x")
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    ("redirection", "status", "words"),
    [
        (">/dev/full", 1, "cannot be written: No space left on device."),
        (">&-", 1, "Standard output is closed"),
        ("2>&-", 0, ""),
        ("<&-", 0, "Analysing"),
    ],
)
def test_full_and_closed_streams(gateway, video, redirection, status, words) -> None:
    command = [COMMAND, "analyze", video, "--server", gateway]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *command],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert ("schema" in done.stdout) == (status == 0)
