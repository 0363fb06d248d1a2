"""Waits until everything that was applied runs, and tells how far it is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.tool.failures import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from deploy.tool.cluster import Cluster

WORKLOADS = ("Deployment", "StatefulSet")
LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the rollout of one workload is."""

    name: str
    wanted: int
    updated: int
    ready: int
    is_done: bool
    failure: str = ""
    """Why it will not come to an end by itself; empty while it may."""


def wait(
    cluster: Cluster,
    objects: Iterable[dict[str, Any]],
    *,
    timeout_s: float,
    show: Callable[[Sequence[Progress]], None],
) -> None:
    """Return once every workload runs as it was applied.

    Args:
        cluster: Where.
        objects: What was applied; the kinds that have no rollout are passed over.
        timeout_s: Longest wait for all together.
        show: Told how far each is, again and again.

    Raises:
        DeployError: A rollout has failed, or the time is up.
    """
    workloads = [each for each in objects if each["kind"] in WORKLOADS]
    until_s = time.monotonic() + timeout_s
    while True:
        found = [_look(cluster, each) for each in workloads]
        show(found)
        failed = [f"{each.name}: {each.failure}" for each in found if each.failure]
        if failed:
            raise DeployError("; ".join(failed))
        if all(each.is_done for each in found):
            return
        if time.monotonic() > until_s:
            late = ", ".join(each.name for each in found if not each.is_done)
            raise DeployError(f"not ready after {timeout_s:.0f} s: {late}")
        time.sleep(LOOK_EVERY_S)


def progress_of(live: dict[str, Any] | None, *, kind: str, name: str) -> Progress:
    """Return how far a workload is, by what the cluster says of it."""
    if live is None:
        return Progress(name, 0, 0, 0, is_done=False)
    status, spec = live.get("status", {}), live["spec"]
    wanted = spec.get("replicas", 1)
    updated, ready = status.get("updatedReplicas", 0), status.get("readyReplicas", 0)
    is_seen = status.get("observedGeneration", 0) >= live["metadata"].get("generation", 1)
    is_whole = updated >= wanted and ready >= wanted
    if kind == "Deployment":
        # Those of the version before are gone, too.
        is_whole = is_whole and status.get("replicas", 0) <= updated
    elif status.get("updateRevision") != status.get("currentRevision"):
        is_whole = False
    failure = _failure(status) if is_seen else ""
    return Progress(name, wanted, updated, ready, is_done=is_seen and is_whole, failure=failure)


def _look(cluster: Cluster, workload: dict[str, Any]) -> Progress:
    kind, name = workload["kind"], workload["metadata"]["name"]
    live = cluster.get(workload["apiVersion"], kind, name)
    return progress_of(live, kind=kind, name=name)


def _failure(status: dict[str, Any]) -> str:
    for condition in status.get("conditions", []):
        is_stuck = condition["type"] == "Progressing" and condition["status"] == "False"
        if is_stuck or (condition["type"] == "ReplicaFailure" and condition["status"] == "True"):
            return str(condition.get("message") or condition.get("reason"))
    return ""
