"""`make run` serves the page and the API, and Ctrl-C leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.client import analyze, wait

pytestmark = [pytest.mark.e2e, pytest.mark.model]

REPOSITORY = Path(__file__).parents[2]
STOP_TIMEOUT_S = 30


def processes_with(data_dir: str) -> list[str]:
    """Return the processes whose environment names a data folder, as every service's does."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if data_dir.encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:  # it has just ended
            continue
    return found


@pytest.fixture
def made(tmp_path, unused_tcp_port):
    """`make run` in a session of its own: (process, address)."""
    arguments = f"--port {unused_tcp_port} --grpc-port 0 --data-dir {tmp_path / 'data'}"
    process = subprocess.Popen(
        ["make", "run", f"ARGS={arguments}"],
        cwd=REPOSITORY,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process, f"http://127.0.0.1:{unused_tcp_port}"
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def test_make_run_serves_until_it_is_interrupted(made, astronaut_video, tmp_path) -> None:
    process, base_url = made
    wait(f"{base_url}/readyz", until=lambda body: body.get("ready") is True)
    page = httpx.get(base_url).raise_for_status().text
    assert "<title>EmotionMap" in page
    assert len(processes_with(str(tmp_path / "data"))) >= 5
    assert analyze(base_url, astronaut_video)["analytics"]["top"][0] == "Happy"
    os.killpg(process.pid, signal.SIGINT)
    process.wait(STOP_TIMEOUT_S)
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url)
    assert processes_with(str(tmp_path / "data")) == []
