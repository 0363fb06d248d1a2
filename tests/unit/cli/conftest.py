"""A gateway that follows a script, and no proxy between it and the command."""

from __future__ import annotations

import os

import pytest

from tests.unit.cli.fake_gateway import Script, serving_gateway


@pytest.fixture(autouse=True)
def _direct(monkeypatch):
    """No proxy of this machine stands before loopback."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def gateway(script):
    with serving_gateway(script) as (address, _):
        yield address


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "my clip.mp4"
    path.write_bytes(os.urandom(300_000))
    return path
