"""`python -m deploy apply` on a small Kubernetes API: applied, waited for, remembered, undone."""

from __future__ import annotations

import io
from argparse import Namespace

import pytest
from rich.console import Console

from deploy.tool import commands, release, rollout
from deploy.tool.cluster import PLURALS
from deploy.tool.failures import DeployError
from deploy.tool.manifests import in_order, namespace_of, render
from tests.unit.deploy.fake_cluster import BROKEN, FakeCluster, pod, running
from tests.unit.deploy.manifests import OVERLAYS, needs_kubectl, objects_of

FACE = "/apis/apps/v1/namespaces/emotionmap/deployments/face"
GATEWAY_POD = "/api/v1/namespaces/emotionmap/pods/gateway-0"


def workload(tag, *, kind="Deployment", name="face"):
    containers = [{"name": name, "image": f"emotionmap-{name}:{tag}"}]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"replicas": 1, "template": {"spec": {"containers": containers}}},
    }


def release_of(tag):
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "emotionmap"}}
    return [namespace, workload(tag), workload(tag, kind="StatefulSet", name="gateway")]


@pytest.fixture
def fake():
    return FakeCluster()


@pytest.fixture
def apply(fake, monkeypatch):
    """Return what runs `apply` on the fake, with an overlay of a tag; without a smoke test."""

    def run(tag, *, no_smoke=True, timeout=5.0):
        parsed = Namespace(
            overlay="prod", context=None, no_smoke=no_smoke, no_rollback=False, timeout=timeout
        )
        monkeypatch.setattr(commands, "render", lambda _: release_of(tag))
        monkeypatch.setattr(rollout, "LOOK_EVERY_S", 0.01)
        with running(fake) as cluster:
            monkeypatch.setattr(commands, "connect", lambda *_, **__: cluster)
            commands._apply(parsed, Console(file=io.StringIO()))

    return run


def image(fake):
    return fake.objects[FACE]["spec"]["template"]["spec"]["containers"][0]["image"]


def test_everything_is_applied_waited_for_and_remembered(fake, apply) -> None:
    apply("1")
    assert image(fake) == "emotionmap-face:1"
    assert fake.requests.count(("GET", FACE)) >= 2
    with running(fake) as cluster:
        assert release.recall(cluster) == release_of("1")


def test_a_rollout_that_fails_is_undone_and_what_ran_before_stays_remembered(fake, apply) -> None:
    apply("1")
    with pytest.raises(DeployError, match="does not get ready; what ran before runs again"):
        apply(BROKEN)
    assert image(fake) == "emotionmap-face:1"
    with running(fake) as cluster:
        assert release.recall(cluster) == release_of("1")


def test_a_gateway_that_is_stuck_is_made_anew_on_the_way_back(fake, apply) -> None:
    apply("1")
    fake.objects[GATEWAY_POD] = pod("gateway-0", is_ready=False)
    fake.objects[GATEWAY_POD[:-1] + "1"] = pod("gateway-1")
    with pytest.raises(DeployError):
        apply(BROKEN)
    assert ("DELETE", GATEWAY_POD) in fake.requests
    assert GATEWAY_POD[:-1] + "1" in fake.objects


def test_a_first_rollout_that_fails_is_left_to_be_looked_at(fake, apply) -> None:
    with pytest.raises(DeployError, match=r"it does not get ready$"):
        apply(BROKEN)
    assert BROKEN in image(fake)


def test_a_smoke_test_that_fails_undoes_the_rollout(fake, apply, monkeypatch) -> None:
    def fail(*_):
        raise DeployError("the timeline is empty")

    apply("1")
    monkeypatch.setattr(commands, "_smoke_in", fail)
    with pytest.raises(DeployError, match="the timeline is empty; what ran before"):
        apply("2", no_smoke=False)
    assert image(fake) == "emotionmap-face:1"


def test_what_takes_too_long_is_named(fake, apply) -> None:
    fake._looks = 10_000
    with pytest.raises(DeployError, match="not ready after 0 s: face, gateway"):
        apply("1", timeout=0.05)


def test_what_the_cluster_refuses_is_told_in_its_words(fake, apply) -> None:
    fake.refused = "Deployment"
    with pytest.raises(DeployError, match="Deployment is forbidden"):
        apply("1")


def test_a_kind_that_the_cluster_does_not_know_is_hinted_at(fake, apply) -> None:
    fake.unknown = "Deployment"
    with pytest.raises(DeployError, match="is its operator installed"):
        apply("1")


def test_fields_that_others_own_stay(fake) -> None:
    with running(fake) as cluster:
        cluster.apply(workload("1"))
        fake.objects[FACE]["spec"]["replicas"] = 7
        wanted = workload("2")
        del wanted["spec"]["replicas"]
        assert cluster.apply(wanted)["spec"]["replicas"] == 7


def test_there_is_nothing_to_go_back_to_before_the_first_time(fake) -> None:
    with running(fake) as cluster:
        assert release.recall(cluster) == []


@pytest.mark.parametrize(
    ("status", "is_done"),
    [
        ({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}, True),
        ({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}, False),
        ({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "readyReplicas": 2}, False),
        ({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1}, False),
        ({}, False),
    ],
)
def test_a_rollout_is_done_when_only_new_pods_are_there_and_ready(status, is_done) -> None:
    live = {"metadata": {"generation": 2}, "spec": {"replicas": 1}, "status": status}
    assert rollout.progress_of(live, kind="Deployment", name="face").is_done is is_done


def test_objects_are_applied_before_what_needs_them() -> None:
    kinds = ["Deployment", "ScaledObject", "Service", "StatefulSet", "ConfigMap", "Namespace"]
    ordered = [each["kind"] for each in in_order([{"kind": kind} for kind in kinds] + [None])]
    assert ordered[:3] == ["Namespace", "ConfigMap", "Service"]
    assert ordered[3:] == ["ScaledObject", "StatefulSet", "Deployment"]


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_of_an_overlay_can_be_applied(overlay, fake) -> None:
    objects = render(overlay)
    assert len(objects) == len(objects_of(overlay))
    assert {each["kind"] for each in objects} <= set(PLURALS)
    with running(fake, namespace_of(objects)) as cluster:
        for wanted in objects:
            cluster.apply(wanted)
    assert len(fake.objects) == len(objects)


def test_an_overlay_that_there_is_not_is_named_with_those_there_are() -> None:
    with pytest.raises(DeployError, match="no overlay staging; there are dev, gpu, prod"):
        render("staging")
