"""A service that lives but does not answer is ended, and only that one."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from emotionmap_cli import watch
from emotionmap_cli.local import running
from emotionmap_cli.supervision import python_command
from emotionmap_cli.watch import watching

DEADLINE_S = 30
"""Longest wait, on a loaded machine."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(watch, "PERIOD_S", 0.02)
    monkeypatch.setattr(watch, "HUNG_CHECKS", 5)


@contextmanager
def gateway(answers):
    """Answer /readyz with one of these after the other, then with the last for ever."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(None)
            away = answers[min(len(asked), len(answers)) - 1]
            self.send_response(503 if away else 200)
            self.end_headers()
            states = {name: "UNREACHABLE" if name == away else "SERVING" for name in ("face", "x")}
            self.wfile.write(json.dumps({"services": states}).encode())

        def log_message(self, *_) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def until(fact):
    deadline_s = time.monotonic() + DEADLINE_S
    while not fact():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_a_service_that_misses_check_after_check_is_ended_once():
    ended = []
    with gateway(["face"] * 5 + [None]) as (url, asked), watching(url, ended.append):
        until(lambda: len(asked) > 12)
    assert ended == ["face"]


def test_a_service_that_answers_now_and_then_is_left_alone():
    ended = []
    with gateway((["face"] * 4 + [None]) * 5) as (url, asked), watching(url, ended.append):
        until(lambda: len(asked) > 25)
    assert ended == []


def test_a_gateway_that_hangs_is_started_again(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    monkeypatch.setattr(watch, "TIMEOUT_S", 0.2)
    # Five checks must be longer than the stand-in takes to start, or it is ended for ever.
    monkeypatch.setattr(watch, "PERIOD_S", 0.5)

    def stand_in(_module):
        return python_command("tests.unit.cli.fake_service")

    with running(tmp_path, command=stand_in) as system:
        hung = system.processes["gateway"].pid
        os.kill(hung, signal.SIGSTOP)
        until(lambda: system.processes["gateway"].pid != hung)
        until(lambda: _answers(system.base_url))
        assert system.processes["gateway"].pid != hung


def _answers(base_url):
    try:
        return httpx.get(f"{base_url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False
