"""Scaling: every metric that decides is exported, and only model pods have cards."""

from __future__ import annotations

import re

import pytest
import yaml
from emotionmap_gateway.monitoring import Monitoring
from emotionmap_gateway.work.job_metrics import JobMetrics
from emotionmap_runtime.telemetry import Metrics

from tests.unit.deploy.manifests import (
    OVERLAYS,
    REPOSITORY,
    SERVICES,
    container_of,
    environment_of,
    named,
    needs_kubectl,
    of_kind,
    owners,
    pod_of,
    settings_of,
)

pytestmark = needs_kubectl
MODEL_SERVERS = {"face", "audio"}
CARD = "nvidia.com/gpu"


def exported():
    """Return the names of all metrics of all services, as Prometheus sees them."""
    metrics = Metrics.create()
    Monitoring(metrics, store=None)
    JobMetrics.create(metrics.registry)
    return {
        name
        for family in metrics.registry.collect()
        for name in (family.name, *(sample.name for sample in family.samples))
    }


def queries(overlay):
    return [
        (scaler["metadata"]["name"], trigger["metadata"])
        for scaler in of_kind(overlay, "ScaledObject")
        for trigger in scaler["spec"]["triggers"]
    ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_metric_of_a_scaler_is_exported_by_the_code(overlay) -> None:
    known = exported()
    for name, trigger in queries(overlay):
        metrics = re.findall(r"\bem_\w+", trigger["query"])
        assert metrics, name
        assert set(metrics) <= known, name


@pytest.mark.parametrize("overlay", ["prod", "gpu"])
def test_queries_name_the_namespace_and_the_job_that_they_scale(overlay) -> None:
    [monitor] = of_kind(overlay, "PodMonitor")
    namespace = monitor["metadata"]["namespace"]
    for endpoint in monitor["spec"]["podMetricsEndpoints"]:
        assert {each["targetLabel"] for each in endpoint["relabelings"]} == {"job"}
    for name, trigger in queries(overlay):
        assert f'namespace="{namespace}"' in trigger["query"]
        named_jobs = set(re.findall(r'job="(\w+)"', trigger["query"]))
        assert named_jobs == ({name} if name in MODEL_SERVERS else set())
        assert float(trigger["threshold"]) > 0


@pytest.mark.parametrize("overlay", ["prod", "gpu"])
def test_queues_scale_model_servers_and_gateways_and_cpu_scales_the_others(overlay) -> None:
    by_queue = {scaler["metadata"]["name"] for scaler in of_kind(overlay, "ScaledObject")}
    by_cpu = {each["metadata"]["name"] for each in of_kind(overlay, "HorizontalPodAutoscaler")}
    assert by_queue == {"gateway"} | MODEL_SERVERS
    assert by_cpu == {"media", "fusion"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_shrink_slowly_and_one_by_one(overlay) -> None:
    behaviours = [each["spec"]["behavior"] for each in of_kind(overlay, "HorizontalPodAutoscaler")]
    behaviours += [
        each["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        for each in of_kind(overlay, "ScaledObject")
    ]
    for behaviour in behaviours:
        assert behaviour["scaleDown"]["stabilizationWindowSeconds"] >= 300
        assert behaviour["scaleDown"]["policies"] == [
            {"type": "Pods", "value": 1, "periodSeconds": 60}
        ]


@pytest.mark.parametrize("overlay", ["prod", "gpu"])
def test_production_survives_the_loss_of_a_pod_of_any_service(overlay) -> None:
    for scaler in of_kind(overlay, "HorizontalPodAutoscaler"):
        assert 2 <= scaler["spec"]["minReplicas"] < scaler["spec"]["maxReplicas"]
    for scaler in of_kind(overlay, "ScaledObject"):
        spec = scaler["spec"]
        assert 2 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
        assert spec["fallback"]["replicas"] >= 2


def test_gateways_are_added_before_all_of_them_are_busy(monkeypatch) -> None:
    threshold = float(dict(queries("prod")[::-1])["gateway"]["threshold"])
    settings = settings_of("prod", "gateway", monkeypatch)
    [jobs] = [
        float(trigger["threshold"])
        for name, trigger in queries("prod")
        if name == "gateway" and "em_open_analyses" in trigger["query"]
    ]
    assert threshold > 0
    assert jobs < settings.analyses_in_flight


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_cards_tolerations_and_affinity_are_for_model_servers_of_the_gpu_overlay(overlay) -> None:
    wanted = MODEL_SERVERS if overlay == "gpu" else set()
    pods = {name: pod_of(overlay, name) for name in owners(overlay)}
    limits = {name: container_of(overlay, name)["resources"]["limits"] for name in pods}
    assert {name for name in pods if CARD in limits[name]} == wanted
    assert {name for name, pod in pods.items() if "tolerations" in pod} == wanted
    assert {name for name, pod in pods.items() if "affinity" in pod} == wanted
    assert {name for name in pods if "-gpu:" in container_of(overlay, name)["image"]} == wanted


@pytest.mark.parametrize("service", sorted(MODEL_SERVERS))
def test_a_card_is_whole_tolerated_required_and_used(service) -> None:
    pod, resources = pod_of("gpu", service), container_of("gpu", service)["resources"]
    assert (resources["limits"][CARD], resources["requests"][CARD]) == (1, 1)
    assert [each["key"] for each in pod["tolerations"]] == [CARD]
    required = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    [expression] = required["nodeSelectorTerms"][0]["matchExpressions"]
    assert expression == {"key": f"{CARD}.present", "operator": "In", "values": ["true"]}
    assert environment_of("gpu", service)[f"EMOTIONMAP_{service.upper()}_PROVIDER"] == "cuda"
    assert "PROVIDER" not in " ".join(environment_of("prod", service))


def test_threads_of_model_servers_fit_the_cpu_they_ask_for(monkeypatch) -> None:
    settings = settings_of("prod", "face", monkeypatch)
    assert settings.threads <= int(container_of("prod", "face")["resources"]["requests"]["cpu"])


def test_the_rules_of_the_operator_are_those_of_the_monitoring_folder() -> None:
    """`python -m deploy rules` writes them anew."""
    plain = yaml.safe_load((REPOSITORY / "deploy/monitoring/alerts.yaml").read_text())
    assert named("prod", "PrometheusRule", "emotionmap")["spec"] == plain
    [dashboard] = [
        each
        for each in of_kind("prod", "ConfigMap")
        if each["metadata"].get("labels", {}).get("grafana_dashboard")
    ]
    text = (REPOSITORY / "deploy/monitoring/dashboard.json").read_text()
    assert list(dashboard["data"].values()) == [text]


@pytest.mark.parametrize("service", SERVICES)
def test_prometheus_finds_the_metrics_of_every_service(service, monkeypatch) -> None:
    ports = {port["name"]: port["containerPort"] for port in container_of("prod", service)["ports"]}
    settings = settings_of("prod", service, monkeypatch)
    [monitor] = of_kind("prod", "PodMonitor")
    asked = {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]}
    [name] = asked & set(ports)
    port = settings.http_port if service == "gateway" else settings.metrics_port
    assert ports[name] == port
