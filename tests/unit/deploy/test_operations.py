"""What docs/operations.md tells to type exists, and its overlay of one's own renders."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from emotionmap_gateway.gateway import DRAIN_SHARE
from emotionmap_gateway.http.events import KEEP_ALIVE_S
from emotionmap_runtime.server import SERVER_OPTIONS

from deploy.tool import commands
from tests.unit.deploy.manifests import (
    K8S,
    REPOSITORY,
    SERVICES,
    container_of,
    needs_kubectl,
    objects_of,
    pod_of,
    settings_of,
)
from tests.unit.deploy.test_k8s_checkers import NEWEST_MINORS

TEXT = (REPOSITORY / "docs/operations.md").read_text()
MAKEFILE = (REPOSITORY / "Makefile").read_text()


@needs_kubectl
def test_an_overlay_of_ones_own_renders_as_it_is_told(tmp_path) -> None:
    for folder in (K8S, K8S.parent / "monitoring"):
        shutil.copytree(folder, tmp_path / folder.name)
    [told] = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    ours = tmp_path / "k8s/overlays/ours"
    ours.mkdir()
    (ours / "kustomization.yaml").write_text(told.replace("sha256:...", f"sha256:{'a' * 64}"))
    command = ["kubectl", "kustomize", str(ours)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = list(yaml.safe_load_all(done.stdout))
    assert len(found) == len(objects_of("prod"))
    [ingress] = [each for each in found if each["kind"] == "Ingress"]
    assert ingress["spec"]["rules"][0]["host"] == ingress["spec"]["tls"][0]["hosts"][0]
    assert "REGISTRY/emotionmap-gateway@sha256:" in done.stdout


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", TEXT, re.MULTILINE)))
)
def test_every_target_of_make_exists(target) -> None:
    assert re.search(rf"^{target}:.*##", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("told", sorted(set(re.findall(r"-m deploy ([a-z]+)", TEXT))))
def test_every_command_exists(told) -> None:
    more = ["prod"] if told == "apply" else []
    assert commands._parse([told, *more]).command == told


def test_secrets_that_are_told_to_make_are_those_that_pods_read() -> None:
    made = set(re.findall(r"create secret generic ([a-z-]+)", TEXT))
    read = set(
        re.findall(
            r"secretKeyRef: \{name: ([a-z-]+)",
            "".join(path.read_text() for path in K8S.rglob("*.yaml")),
        )
    )
    assert made == read


def test_what_is_scaled_from_and_to_is_told_as_it_is() -> None:
    for service in ("gateway", "face", "audio"):
        text = (K8S / f"components/keda/{service}.yaml").read_text()
        least, most = (re.search(rf"{key}ReplicaCount: (\d+)", text)[1] for key in ("min", "max"))
        assert re.search(rf"\| {service} \|.*\| {least} \| {most} \|", TEXT)


def test_times_that_are_told_are_those_of_the_code() -> None:
    age_s = dict(SERVER_OPTIONS)["grpc.max_connection_age_ms"] / 1000
    assert f"whenever a connection ends: after\n{age_s:g} s, a tenth more or less" in TEXT
    assert f"say something every {KEEP_ALIVE_S:g} s at least" in TEXT
    assert f"checked against {NEWEST_MINORS[0]} to {NEWEST_MINORS[-1]})" in TEXT


@needs_kubectl
@pytest.mark.parametrize("service", SERVICES)
def test_what_a_rollout_waits_for_is_told_as_it_is(service, monkeypatch) -> None:
    [row] = re.findall(rf"^\| (?:[a-z]+, )*{service}(?:, [a-z]+)* \|.* s \|$", TEXT, re.MULTILINE)
    [before_s, *between_s, most_s] = map(int, re.findall(r"\b(\d+) s\b", row))
    grace_s = settings_of("prod", service, monkeypatch).grace_s
    shares = (DRAIN_SHARE, 1 - DRAIN_SHARE, 1 - DRAIN_SHARE) if service == "gateway" else (1,)
    assert before_s == container_of("prod", service)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert between_s == [grace_s * share for share in shares]
    assert most_s == pod_of("prod", service)["terminationGracePeriodSeconds"]
