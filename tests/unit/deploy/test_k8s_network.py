"""Who may talk to whom: the policies' edges are those declared, and the channels the code opens."""

from __future__ import annotations

import ast
import ipaddress

import pytest

from tests.unit.deploy.manifests import (
    K8S,
    NAME,
    OVERLAYS,
    REPOSITORY,
    SERVICES,
    environment_of,
    needs_kubectl,
    of_kind,
    owners,
    settings_class,
)

pytestmark = needs_kubectl
BETWEEN_SERVICES = {
    ("gateway", "media", 50051),
    ("gateway", "face", 50052),
    ("gateway", "audio", 50053),
    ("gateway", "fusion", 50054),
}
TO_STORES = {
    ("gateway", "postgres", 5432),
    ("gateway", "objects", 8333),
    ("media", "objects", 8333),
}
METADATA_SERVICES = ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fe80::a9fe:a9fe")


def pods(overlay, selector):
    """Return the names of the pods that a selector takes."""
    wanted = selector.get("matchLabels", {}).items()
    return [
        name
        for name, owner in owners(overlay).items()
        if wanted <= owner["spec"]["template"]["metadata"]["labels"].items()
    ]


def rules(overlay, direction):
    """Return (pods, peers, ports) of each rule of a direction, "ingress" or "egress"."""
    key = {"ingress": "from", "egress": "to"}[direction]
    for policy in of_kind(overlay, "NetworkPolicy"):
        for rule in policy["spec"].get(direction, []):
            ports = [(port["protocol"], port["port"]) for port in rule["ports"]]
            yield pods(overlay, policy["spec"]["podSelector"]), rule[key], ports


def edges(overlay, direction):
    """Return (from, to, port) of each allowed call between pods of the namespace."""
    found = set()
    for subjects, peers, ports in rules(overlay, direction):
        for peer in peers:
            if "podSelector" in peer and "namespaceSelector" not in peer:
                others = pods(overlay, peer["podSelector"])
                pairs = [(a, b) for a in subjects for b in others]
                pairs = pairs if direction == "egress" else [(b, a) for a, b in pairs]
                found |= {(a, b, number) for a, b in pairs for _, number in ports}
    return found


def of_services(found):
    return {(a, b, port) for a, b, port in found if a in SERVICES}


def callers():
    """Return the services whose code opens a channel to another."""
    return {
        service
        for service in SERVICES
        for path in (REPOSITORY / f"services/{service}").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open_channel"
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_may_talk_unless_it_is_said(overlay) -> None:
    [denied] = [
        each for each in of_kind(overlay, "NetworkPolicy") if each["metadata"]["name"] == "deny-all"
    ]
    assert denied["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_edges_are_the_declared_ones_in_both_directions(overlay) -> None:
    declared = BETWEEN_SERVICES | (TO_STORES if overlay == "dev" else set())
    assert of_services(edges(overlay, "egress")) == declared
    assert edges(overlay, "egress") == edges(overlay, "ingress")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_edges_are_the_channels_that_the_code_opens(overlay, monkeypatch) -> None:
    assert callers() == {"gateway"}
    fields = [name for name in settings_class("gateway").model_fields if name.endswith("_target")]
    environment = environment_of(overlay, "gateway")
    found = {environment[f"EMOTIONMAP_GATEWAY_{field.upper()}"] for field in fields}
    assert found == {f"dns:///{to}:{port}" for _, to, port in BETWEEN_SERVICES}


def test_each_edge_has_a_file_and_the_files_are_the_call_graph() -> None:
    files = {path.stem for path in (K8S / "components/network-policies").glob("*-to-*.yaml")}
    with_store = {
        f"{service}-to-object-store"
        for service in SERVICES
        if "object_store_url" in settings_class(service).model_fields
    }
    assert files == with_store | {f"{a}-to-{b}" for a, b, _ in BETWEEN_SERVICES} | {
        "all-to-dns",
        "ingress-to-gateway",
        "gateway-to-database",
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_those_with_a_store_reach_outside_and_never_the_metadata_service(overlay) -> None:
    reached = set()
    for subjects, peers, ports in rules(overlay, "egress"):
        for block in (peer["ipBlock"] for peer in peers if "ipBlock" in peer):
            reached |= {(name, number) for name in subjects for _, number in ports}
            excepted = [ipaddress.ip_network(each) for each in block["except"]]
            network = ipaddress.ip_network(block["cidr"])
            for address in map(ipaddress.ip_address, METADATA_SERVICES):
                inside = address.version == network.version and address in network
                assert not inside or any(
                    address in each for each in excepted if each.version == address.version
                )
    assert reached == {("gateway", 443), ("gateway", 5432), ("media", 443)}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_may_ask_for_names_and_only_the_gateway_is_reached_from_the_ingress(overlay) -> None:
    by_label, dns = {}, []
    for direction in ("egress", "ingress"):
        for subjects, peers, ports in rules(overlay, direction):
            for peer in (each for each in peers if "namespaceSelector" in each):
                labels = peer["namespaceSelector"]["matchLabels"]
                if "emotionmap-access" in labels:
                    by_label[labels["emotionmap-access"]] = (set(subjects), ports)
                else:
                    dns.append((set(subjects), ports))
    assert dns == [(set(owners(overlay)), [("UDP", 53), ("TCP", 53)])]
    assert by_label["ingress"] == ({"gateway"}, [("TCP", 8080), ("TCP", 50050)])
    if overlay != "dev":
        assert by_label["tracing"] == (set(SERVICES), [("TCP", 4317)])
        assert by_label["monitoring"] == (set(SERVICES), [("TCP", 8080), ("TCP", 9464)])


@pytest.mark.parametrize("overlay", ["prod", "gpu"])
def test_the_ingress_leads_to_the_gateway_but_not_to_what_is_for_the_cluster(overlay) -> None:
    from emotionmap_gateway.http.operations_routes import router

    [ingress] = of_kind(overlay, "Ingress")
    assert ingress["spec"]["tls"][0]["secretName"]
    [rule] = ingress["spec"]["rules"]
    assert rule["host"] in ingress["spec"]["tls"][0]["hosts"]
    found = {
        (path["path"], path["pathType"]): path["backend"]["service"]["name"]
        for path in rule["http"]["paths"]
    }
    assert found.pop(("/", "Prefix")) == "gateway"
    assert found == {(route.path, "Exact"): "nowhere" for route in router.routes}


def test_labels_of_policies_are_those_of_pods() -> None:
    """A policy of a misspelt name would select nothing, and deny what it was to allow."""
    for overlay in OVERLAYS:
        for policy in of_kind(overlay, "NetworkPolicy"):
            labels = policy["spec"]["podSelector"].get("matchLabels", {})
            assert not labels.get(NAME) or labels[NAME] in owners(overlay), policy["metadata"][
                "name"
            ]
