"""Nothing is left out: every RPC is called over a socket, every service is pinned and installed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from emotionmap.v1 import (
    analysis_service_pb2,
    audio_service_pb2,
    face_service_pb2,
    fusion_service_pb2,
    media_service_pb2,
)

from training.card import models_table
from training.weights import shipped_models

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
FILES = (
    analysis_service_pb2,
    audio_service_pb2,
    face_service_pb2,
    fusion_service_pb2,
    media_service_pb2,
)
RPCS = [
    method.name
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]
SERVICES = sorted(path.name for path in (REPOSITORY / "services").iterdir() if path.is_dir())
CONTRACT_TESTS = "\n".join(
    path.read_text() for path in (REPOSITORY / "tests/contract").rglob("test_*.py")
)


@pytest.mark.parametrize("rpc", RPCS)
def test_every_rpc_is_called_by_a_contract_test(rpc) -> None:
    # As a method of a stub, or by name where a table of calls is tried.
    assert re.search(rf"\.{rpc}\(|\"{rpc}\"", CONTRACT_TESTS)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_pins_that_agree_with_the_development_set(service) -> None:
    def pins(name):
        text = (REPOSITORY / f"requirements/{name}.txt").read_text()
        return set(re.findall(r"^([a-z0-9._-]+==[^ ;\\]+)", text, re.MULTILINE))

    assert pins(service)
    assert pins(service) <= pins("dev")


def test_requirements_name_no_index() -> None:
    for path in (REPOSITORY / "requirements").iterdir():
        assert "://" not in path.read_text()


@pytest.mark.parametrize(
    ("service", "figures"),
    [
        ("face", ["face_accuracy", "face_uar"]),
        ("audio", ["voice_uar_mean", *(f"voice_uar_{d}_test_speakers" for d in ("emodb", "nemo"))]),
    ],
)
def test_readme_quotes_the_figures_of_the_shipped_weights(service, figures) -> None:
    weights = REPOSITORY / f"services/{service}/emotionmap_{service}/weights"
    metrics = json.loads((weights / "manifest.json").read_text())["metrics"]
    readme = (REPOSITORY / "README.md").read_text()
    for figure in figures:
        assert f"{metrics[figure]:.3f}" in readme


@pytest.mark.skipif("<!-- models -->" not in README, reason="the README has no table of models")
def test_the_table_of_models_in_the_readme_is_that_of_the_manifests() -> None:
    table = re.search("<!-- models -->\n(.*?)\n<!-- /models -->", README, re.DOTALL)
    assert table is not None
    assert table[1] == models_table(shipped_models())
