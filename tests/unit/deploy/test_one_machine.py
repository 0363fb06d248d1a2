"""compose.yaml and pod.yaml name settings that exist, and images that the Dockerfile makes."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from tests.unit.deploy.manifests import variables

REPOSITORY = Path(__file__).parents[3]
SERVICES = ("gateway", "media", "face", "audio", "fusion")
COMPOSE = yaml.safe_load((REPOSITORY / "deploy/compose.yaml").read_text())["services"]
POD = yaml.safe_load((REPOSITORY / "deploy/pod.yaml").read_text())["spec"]
CONTAINERS = {container["name"]: container for container in POD["containers"]}


def dockerfile_variables(service):
    text = (REPOSITORY / "deploy/Dockerfile").read_text()
    named = set(re.findall(r"\b(EMOTIONMAP_[A-Z_]+)=", text))
    return {name for name in named if name.startswith(f"EMOTIONMAP_{service.upper()}_")}


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_a_setting(service) -> None:
    given = set(COMPOSE[service].get("environment", {}))
    given |= {variable["name"] for variable in CONTAINERS[service].get("env", [])}
    ours = {name for name in given if name.startswith("EMOTIONMAP_")}
    assert ours | dockerfile_variables(service) <= variables(service)


@pytest.mark.parametrize("service", SERVICES)
def test_ports_of_targets_are_those_the_services_listen_on(service) -> None:
    settings = importlib.import_module(f"emotionmap_{service}.settings").Settings
    if service != "gateway":
        target = COMPOSE["gateway"]["environment"][f"EMOTIONMAP_GATEWAY_{service.upper()}_TARGET"]
        assert target == f"{service}:{settings.model_fields['port'].default}"


@pytest.mark.parametrize("service", SERVICES)
def test_compose_builds_each_image_and_runs_it_locked_down(service) -> None:
    described = COMPOSE[service]
    build = {"context": "..", "dockerfile": "deploy/Dockerfile", "target": service}
    assert described["build"] == build
    assert (described["read_only"], described["cap_drop"]) == (True, ["ALL"])
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert described["tmpfs"] == ["/tmp"]


@pytest.mark.parametrize("name", ["postgres", "objects", "bucket"])
def test_images_of_others_are_pinned_by_digest(name) -> None:
    assert re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", COMPOSE[name]["image"])


def test_compose_holds_no_secret_and_opens_nothing_but_the_gateway() -> None:
    text = (REPOSITORY / "deploy/compose.yaml").read_text()
    asked = set(re.findall(r"\$\{.*?\}", text))
    assert asked == {"${POSTGRES_PASSWORD:?}", "${S3_SECRET_KEY:?}"}
    assert COMPOSE["postgres"]["environment"]["POSTGRES_PASSWORD"] in asked
    assert COMPOSE["media"]["environment"]["AWS_SECRET_ACCESS_KEY"] in asked
    assert [name for name, service in COMPOSE.items() if "ports" in service] == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in COMPOSE["gateway"]["ports"])


@pytest.mark.parametrize("service", SERVICES)
def test_the_pod_is_restricted(service) -> None:
    context = CONTAINERS[service]["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert CONTAINERS[service]["image"] == f"localhost/emotionmap-{service}:latest"
