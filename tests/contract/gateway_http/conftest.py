"""One gateway with fake services behind it, for the tests of its HTTP API over real sockets."""

from __future__ import annotations

import pytest

from tests.contract.gateway_system import gateway_system


@pytest.fixture(scope="module")
def running_system(tmp_path_factory):
    web = tmp_path_factory.mktemp("web")
    (web / "assets").mkdir()
    (web / "index.html").write_text("<!doctype html><title>EmotionMap</title>")
    (web / "assets/main-1a2b3c.js").write_text("export {};")
    with gateway_system(tmp_path_factory.mktemp("data"), web_dir=web) as system:
        yield system


@pytest.fixture
def system(running_system):
    yield running_system
    running_system.reset()


@pytest.fixture(scope="module")
def finished(running_system):
    """Id of a finished analysis, shared by tests that only read it."""
    return running_system.finished()
