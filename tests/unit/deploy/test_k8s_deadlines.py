"""The arithmetic of ends and beginnings; every variable of a pod is a setting that it takes."""

from __future__ import annotations

import pytest
from emotionmap_gateway.gateway import DRAIN_SHARE

from tests.unit.deploy.manifests import (
    OVERLAYS,
    SERVICES,
    container_of,
    environment_of,
    needs_kubectl,
    owners,
    pod_of,
    settings_of,
    variables,
)

pytestmark = needs_kubectl
GRPC_SERVICES = sorted(set(SERVICES) - {"gateway"})
RESERVE_S = 10
"""For what comes after the drain: the last spans, threads, files, connections."""
START_S = {"gateway": 10.0, "media": 3.0, "face": 15.0, "audio": 15.0, "fusion": 3.0}
"""Most that a start took: 2 to 3 s measured on two busy cores; a graphics card is given 15."""
STANDARD_VARIABLES = ("AWS_", "OTEL_")


def pre_stop_s(overlay, name):
    return container_of(overlay, name)["lifecycle"]["preStop"]["sleep"]["seconds"]


def probe(overlay, name, kind):
    found = {"periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
    return found | container_of(overlay, name)[f"{kind}Probe"]


def patience_s(found):
    return found["periodSeconds"] * found["failureThreshold"]


def longest_call_s(service, gateway):
    """Return the longest deadline of calls to a service that a restart must not cut.

    Cuts of highlights may take an hour: those are begun anew by their job, on another replica.
    """
    deadlines = {
        "media": (gateway.segment_timeout_s, gateway.probe_timeout_s),
        "face": (gateway.segment_timeout_s,),
        "audio": (gateway.segment_timeout_s,),
        "fusion": (gateway.summary_timeout_s,),
    }
    return max(deadlines[service])


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_a_server_that_ends_lets_calls_end_by_their_deadlines(
    service, overlay, monkeypatch
) -> None:
    gateway = settings_of(overlay, "gateway", monkeypatch)
    grace_s = settings_of(overlay, service, monkeypatch).grace_s
    assert grace_s >= longest_call_s(service, gateway)
    needed_s = pre_stop_s(overlay, service) + grace_s + RESERVE_S
    assert pod_of(overlay, service)["terminationGracePeriodSeconds"] >= needed_s


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_gateway_that_ends_has_time_for_segments_requests_and_calls(overlay, monkeypatch) -> None:
    grace_s = settings_of(overlay, "gateway", monkeypatch).grace_s
    # One after the other: running segments, then HTTP, then gRPC.
    drain_s = grace_s * DRAIN_SHARE + 2 * grace_s * (1 - DRAIN_SHARE)
    needed_s = pre_stop_s(overlay, "gateway") + drain_s + RESERVE_S
    assert pod_of(overlay, "gateway")["terminationGracePeriodSeconds"] >= needed_s


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_media_gives_up_before_its_caller_does(overlay, monkeypatch) -> None:
    media = settings_of(overlay, "media", monkeypatch)
    gateway = settings_of(overlay, "gateway", monkeypatch)
    assert media.decode_timeout_s < gateway.segment_timeout_s
    assert media.probe_timeout_s <= gateway.probe_timeout_s
    assert media.cut_timeout_s <= gateway.export_timeout_s
    assert media.max_media_bytes == gateway.max_media_bytes


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_probes_leave_time_to_start_and_notice_a_dead_server(service, overlay) -> None:
    startup, readiness, liveness = (
        probe(overlay, service, kind) for kind in ("startup", "readiness", "liveness")
    )
    assert patience_s(startup) >= 3 * START_S[service]
    assert patience_s(readiness) <= 15 < patience_s(liveness)
    assert liveness["periodSeconds"] > readiness["periodSeconds"]
    for each in (startup, readiness, liveness):
        assert each["timeoutSeconds"] < each["periodSeconds"]


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_servers_are_asked_by_grpc_for_readiness_and_for_liveness(service, overlay) -> None:
    container = container_of(overlay, service)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert container["startupProbe"]["grpc"] == {"port": ports["grpc"]}
    assert container["readinessProbe"]["grpc"] == {"port": ports["grpc"]}
    assert container["livenessProbe"]["grpc"] == {"port": ports["grpc"], "service": "liveness"}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_a_setting_of_its_service(service, overlay, monkeypatch) -> None:
    given = environment_of(overlay, service)
    ours = {name for name in given if not name.startswith(STANDARD_VARIABLES)}
    assert ours <= variables(service)
    assert settings_of(overlay, service, monkeypatch).grace_s > 0


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_ports_of_probes_and_containers_are_those_of_the_settings(
    service, overlay, monkeypatch
) -> None:
    settings = settings_of(overlay, service, monkeypatch)
    listened = {
        getattr(settings, name, 0) for name in ("port", "http_port", "grpc_port", "metrics_port")
    }
    opened = {port["containerPort"] for port in container_of(overlay, service)["ports"]}
    assert opened == listened - {0}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_gateway_is_an_executor_of_the_name_of_its_pod(overlay) -> None:
    environment = environment_of(overlay, "gateway")
    assert environment["EMOTIONMAP_GATEWAY_EXECUTOR_ID"] == {
        "fieldRef": {"fieldPath": "metadata.name"}
    }
    assert owners(overlay)["gateway"]["kind"] == "StatefulSet"
    secret = environment["EMOTIONMAP_GATEWAY_DATABASE_URL"]["secretKeyRef"]
    assert secret == {"name": "emotionmap-database", "key": "url"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_gateway_and_media_see_one_store_with_one_pair_of_keys(overlay) -> None:
    gateway, media = (environment_of(overlay, name) for name in ("gateway", "media"))
    shared = [name for name in gateway if name.startswith("AWS_") or "OBJECT_STORE" in name]
    assert shared
    assert [gateway[name] for name in shared] == [media[name] for name in shared]


@pytest.mark.parametrize("overlay", ["prod", "gpu"])
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_sends_its_traces_to_one_collector(service, overlay) -> None:
    environment = environment_of(overlay, service)
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"].endswith(":4317")
    assert float(environment["OTEL_TRACES_SAMPLER_ARG"]) <= 1
