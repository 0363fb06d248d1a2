"""`emotionmap up` as a person meets it: a banner, then Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

REPOSITORY = Path(__file__).parents[3]
COMMAND = """
import functools, sys
from emotionmap_cli import __main__ as command, up
from tests.unit.cli.test_local import stand_in
up.running = functools.partial(up.running, command=stand_in)
sys.argv = ["emotionmap", "up", "--port", "0", "--grpc-port", "0", "--data-dir", sys.argv[1]]
sys.exit(command.main())
"""


def ignore_interrupts() -> None:
    """What a shell does to a command that a script starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_says_where_it_is_and_stops_cleanly(tmp_path, number) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        preexec_fn=ignore_interrupts,  # noqa: PLW1509 - no threads in this test
    ) as process:
        ready = process.stdout.readline().split()
        address = next(word for word in ready if word.startswith("http://127.0.0.1:"))
        assert httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert err.splitlines() == ["Starting EmotionMap ...", "EmotionMap has stopped."]
