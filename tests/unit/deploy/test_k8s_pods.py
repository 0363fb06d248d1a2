"""Rules for every pod: the restricted profile, and those of kube-score, kube-linter and Polaris."""

from __future__ import annotations

import re

import pytest

from tests.unit.deploy.manifests import (
    NAME,
    OVERLAYS,
    SERVICES,
    container_of,
    needs_kubectl,
    owners,
    pod_of,
)

pytestmark = needs_kubectl
LEAST_UID = 10_000
MODEL_SERVERS = {"face", "audio"}
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def bytes_of(text):
    number, unit = re.fullmatch(r"(\d+)([KMG]i)", text).groups()
    return int(number) * UNITS[unit]


def secure(container, key):
    return container["securityContext"].get(key)


def requests(container):
    return container["resources"]["requests"]


def limits(container):
    return container["resources"]["limits"]


def tmp_and_data(pod):
    return [volume["emptyDir"] for volume in pod["volumes"] if "emptyDir" in volume]


POD_RULES = {
    "is not root": lambda pod: pod["securityContext"]["runAsNonRoot"] is True,
    "has a high user": lambda pod: pod["securityContext"]["runAsUser"] >= LEAST_UID,
    "has a high group": lambda pod: pod["securityContext"]["runAsGroup"] >= LEAST_UID,
    "owns its volumes": lambda pod: pod["securityContext"]["fsGroup"] >= LEAST_UID,
    "has the default seccomp profile": lambda pod: (
        pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    ),
    "sets no sysctl": lambda pod: "sysctls" not in pod["securityContext"],
    "has no token of the cluster": lambda pod: pod["automountServiceAccountToken"] is False,
    "has an account of its own": lambda pod: pod["serviceAccountName"] != "default",
    "does not share the host": lambda pod: (
        not any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC", "hostAliases"))
    ),
    "does not share processes": lambda pod: not pod.get("shareProcessNamespace"),
    "mounts no path of the host": lambda pod: (
        not any("hostPath" in volume for volume in pod["volumes"])
    ),
    "bounds what it writes": lambda pod: all("sizeLimit" in each for each in tmp_and_data(pod)),
    "gets no variables of other services": lambda pod: pod["enableServiceLinks"] is False,
    "is given time to end": lambda pod: pod["terminationGracePeriodSeconds"] >= 60,
    "is put on no node by name": lambda pod: "nodeName" not in pod,
    "has one container and none before it": lambda pod: (
        len(pod["containers"]) == 1 and not pod.get("initContainers")
    ),
    "resolves names as the cluster does": lambda pod: (
        pod.get("dnsPolicy", "ClusterFirst") == "ClusterFirst"
    ),
}

CONTAINER_RULES = {
    "cannot gain privileges": lambda each: secure(each, "allowPrivilegeEscalation") is False,
    "is not privileged": lambda each: not secure(each, "privileged"),
    "has a root that it cannot write": lambda each: secure(each, "readOnlyRootFilesystem") is True,
    "has no capability": lambda each: secure(each, "capabilities") == {"drop": ["ALL"]},
    "sees /proc masked": lambda each: secure(each, "procMount") in {None, "Default"},
    "has an image with a fixed tag": lambda each: re.search(
        r":[\w.-]+(@sha256:\w{64})?$", each["image"]
    ),
    "has no latest image": lambda each: ":latest" not in each["image"],
    "has its image pulled with the cluster's rights": lambda each: (
        each["imagePullPolicy"] == "Always"
    ),
    "asks for CPU": lambda each: "cpu" in requests(each),
    "asks for memory, and all it may use": lambda each: (
        requests(each)["memory"] == limits(each)["memory"]
    ),
    "asks for disk, and all it may use": lambda each: (
        requests(each)["ephemeral-storage"] == limits(each)["ephemeral-storage"]
    ),
    "opens no port of the host": lambda each: (
        not any("hostPort" in port for port in each.get("ports", []))
    ),
    "opens no low port": lambda each: all(
        port["containerPort"] > 1024 for port in each.get("ports", [])
    ),
    "names its ports": lambda each: all(port.get("name") for port in each.get("ports", [])),
    "names each port once": lambda each: (
        len({port["containerPort"] for port in each.get("ports", [])}) == len(each.get("ports", []))
    ),
    "can write /tmp": lambda each: "/tmp" in [mount["mountPath"] for mount in each["volumeMounts"]],
    "runs no ssh": lambda each: 22 not in [port["containerPort"] for port in each.get("ports", [])],
    "holds no secret": lambda each: (
        not any(
            "value" in variable and re.search("SECRET|PASSWORD|TOKEN|_KEY", variable["name"])
            for variable in each.get("env", [])
        )
    ),
}

SERVER_RULES = {
    "has all probes": lambda each: (
        {"startupProbe", "readinessProbe", "livenessProbe"} <= each.keys()
    ),
    "is probed for life by something else than for readiness": lambda each: (
        each["livenessProbe"] != each["readinessProbe"]
    ),
    "is waited for before it is stopped": lambda each: "preStop" in each["lifecycle"],
    "is asked on a port that it opens": lambda each: (
        {
            probe["grpc"]["port"]
            for key in each
            if key.endswith("Probe")
            for probe in [each[key]]
            if "grpc" in probe
        }
        <= {port["containerPort"] for port in each["ports"]}
    ),
}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("rule", sorted(POD_RULES))
def test_every_pod(rule, overlay) -> None:
    broken = [name for name in owners(overlay) if not POD_RULES[rule](pod_of(overlay, name))]
    assert broken == [], rule


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("rule", sorted(CONTAINER_RULES))
def test_every_container(rule, overlay) -> None:
    containers = {name: container_of(overlay, name) for name in owners(overlay)}
    assert [name for name, each in containers.items() if not CONTAINER_RULES[rule](each)] == [], (
        rule
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("rule", sorted(SERVER_RULES))
def test_every_server(rule, overlay) -> None:
    containers = {name: container_of(overlay, name) for name in SERVICES}
    assert [name for name, each in containers.items() if not SERVER_RULES[rule](each)] == [], rule


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_pods_of_a_service_are_spread_over_zones_and_nodes(service, overlay) -> None:
    constraints = pod_of(overlay, service)["topologySpreadConstraints"]
    keys = {constraint["topologyKey"] for constraint in constraints}
    assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    labels = [constraint["labelSelector"]["matchLabels"] for constraint in constraints]
    assert labels == [{NAME: service}] * 2


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_only_model_servers_have_no_cpu_limit(service, overlay) -> None:
    assert ("cpu" not in limits(container_of(overlay, service))) == (service in MODEL_SERVERS)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_a_pod_may_write_fits_into_the_disk_it_asks_for(overlay) -> None:
    for name in owners(overlay):
        written = sum(bytes_of(each["sizeLimit"]) for each in tmp_and_data(pod_of(overlay, name)))
        assert written <= bytes_of(requests(container_of(overlay, name))["ephemeral-storage"]), name
