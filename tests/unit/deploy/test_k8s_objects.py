"""Rules between the objects of an overlay: what names what, and what every service has."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.unit.deploy.manifests import (
    K8S,
    NAME,
    OVERLAYS,
    SERVICES,
    container_of,
    named,
    needs_kubectl,
    objects_of,
    of_kind,
    owners,
    pod_of,
    settings_class,
    text_of,
)

pytestmark = needs_kubectl
CLUSTER_WIDE = {"Namespace"}
NAMESPACES = {"dev": "emotionmap-dev", "prod": "emotionmap", "gpu": "emotionmap"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_in_the_namespace_of_the_overlay(overlay) -> None:
    [namespace] = of_kind(overlay, "Namespace")
    assert namespace["metadata"]["name"] == NAMESPACES[overlay]
    for found in objects_of(overlay):
        if found["kind"] not in CLUSTER_WIDE:
            assert found["metadata"]["namespace"] == NAMESPACES[overlay], found["metadata"]["name"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_namespace_refuses_pods_that_are_not_restricted(overlay) -> None:
    [namespace] = of_kind(overlay, "Namespace")
    labels = namespace["metadata"]["labels"]
    for mode in ("enforce", "warn", "audit"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_two_objects_have_one_name(overlay) -> None:
    names = [(found["kind"], found["metadata"]["name"]) for found in objects_of(overlay)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_an_account_a_budget_and_a_scaler(service, overlay) -> None:
    account = named(overlay, "ServiceAccount", service)
    assert account["automountServiceAccountToken"] is False
    assert pod_of(overlay, service)["serviceAccountName"] == service
    budget = named(overlay, "PodDisruptionBudget", service)["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"] == {NAME: service}
    scalers = of_kind(overlay, "HorizontalPodAutoscaler", "ScaledObject")
    targets = [scaler["spec"]["scaleTargetRef"] for scaler in scalers]
    [target] = [target for target in targets if target["name"] == service]
    assert target["kind"] == owners(overlay)[service]["kind"]


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_what_is_scaled_says_no_number_of_replicas(service, overlay) -> None:
    """Otherwise every apply would set back what the scaler has decided."""
    assert "replicas" not in owners(overlay)[service]["spec"]


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_rollout_takes_no_replica_away_before_another_is_there(service, overlay) -> None:
    spec = owners(overlay)[service]["spec"]
    assert spec["minReadySeconds"] >= 5
    if service == "gateway":
        assert spec["podManagementPolicy"] == "Parallel"
        return
    has_a_card = "nvidia.com/gpu" in container_of(overlay, service)["resources"]["limits"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": int(has_a_card), "maxSurge": 1}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"gateway"}))
def test_grpc_services_are_headless_on_the_port_of_the_container(service, overlay) -> None:
    spec = named(overlay, "Service", service)["spec"]
    assert spec["clusterIP"] == "None"
    [port] = spec["ports"]
    ports = {
        each["name"]: each["containerPort"] for each in container_of(overlay, service)["ports"]
    }
    assert port["port"] == ports["grpc"] == settings_class(service).model_fields["port"].default


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_the_gateway_has_an_address_of_its_own(overlay) -> None:
    services = of_kind(overlay, "Service")
    assert [
        service["metadata"]["name"]
        for service in services
        if service["spec"].get("clusterIP") != "None"
    ] == ["gateway"]
    assert {service["spec"].get("type", "ClusterIP") for service in services} == {"ClusterIP"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_service_selects_pods_and_ports_that_there_are(overlay) -> None:
    for service in of_kind(overlay, "Service"):
        if service["metadata"]["name"] == "nowhere":  # for what the ingress refuses
            assert "selector" not in service["spec"]
            continue
        selector = service["spec"]["selector"]
        [owner] = [
            each
            for each in owners(overlay).values()
            if selector.items() <= each["spec"]["template"]["metadata"]["labels"].items()
        ]
        [container] = owner["spec"]["template"]["spec"]["containers"]
        names = {port["name"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_owner_selects_its_own_pods_by_name_alone(overlay) -> None:
    for name, owner in owners(overlay).items():
        if owner["kind"] != "Job":
            assert owner["spec"]["selector"]["matchLabels"] == {NAME: name}
        assert owner["spec"]["template"]["metadata"]["labels"][NAME] == name


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_pods_are_labelled_as_the_conventions_say(service, overlay) -> None:
    labels = owners(overlay)[service]["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/part-of"] == "emotionmap"
    assert (
        labels["app.kubernetes.io/version"]
        == container_of(overlay, service)["image"].rpartition(":")[2]
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_secret_is_in_the_files(overlay) -> None:
    assert of_kind(overlay, "Secret") == []
    assert not re.search(r"postgres(ql)?://|AKIA|BEGIN .*PRIVATE", text_of(overlay))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_budgets_and_accounts_belong_to_something(overlay) -> None:
    names = {pod_of(overlay, name)["serviceAccountName"] for name in owners(overlay)}
    assert {each["metadata"]["name"] for each in of_kind(overlay, "ServiceAccount")} == names


def test_at_most_three_rules_of_checkov_are_skipped_each_with_a_reason() -> None:
    skips = re.findall(
        r"checkov\.io/skip\d+: (CKV\w+)=(.{20,})", "\n".join(text_of(each) for each in OVERLAYS)
    )
    assert {rule for rule, _ in skips} == {"CKV_K8S_11", "CKV_K8S_35", "CKV_K8S_43"}


def test_every_component_is_used_and_says_what_it_is_for() -> None:
    overlays = [
        yaml.safe_load(path.read_text()) for path in K8S.glob("overlays/*/kustomization.yaml")
    ]
    used = {component for overlay in overlays for component in overlay.get("components", [])}
    components = list(K8S.glob("components/*/kustomization.yaml"))
    assert {f"../../components/{path.parent.name}" for path in components} == used
    for path in components:
        assert path.read_text().startswith("# "), path
