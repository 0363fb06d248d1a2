"""Says how each service is: replicas, version, models, queue and graphics cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from deploy.tool.failures import DeployError
from deploy.tool.release import is_ready

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from deploy.tool.cluster import Cluster

KINDS = {
    "gateway": "StatefulSet",
    "media": "Deployment",
    "face": "Deployment",
    "audio": "Deployment",
    "fusion": "Deployment",
}
GATEWAY_PORT = 8080
METRICS_PORT = 9464
QUEUES = {"gateway": "em_open_analyses", "face": "em_queue_depth", "audio": "em_queue_depth"}
ASK_TIMEOUT_S = 10.0
UNKNOWN = "?"
VERSION = "app.kubernetes.io/version"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How a service is. What could not be found out is "?"; what does not apply is empty."""

    name: str
    ready: int
    wanted: int
    version: str
    models: str
    queue: str
    cards: int


def look(
    cluster: Cluster, forward: Callable[[str, int], AbstractContextManager[str]]
) -> list[ServiceStatus]:
    """Return how each service is.

    Args:
        cluster: Where.
        forward: Gives the URL of a port, of "service/gateway" or "pod/NAME".

    Raises:
        DeployError: The cluster does not answer. What pods do not answer is "?".
    """
    models = _models(forward)
    return [_service(cluster, name, models.get(name, ""), forward) for name in KINDS]


def _service(
    cluster: Cluster,
    name: str,
    models: str,
    forward: Callable[[str, int], AbstractContextManager[str]],
) -> ServiceStatus:
    live = cluster.get("apps/v1", KINDS[name], name) or {}
    pods = cluster.pods(name)
    ready = [pod["metadata"]["name"] for pod in pods if is_ready(pod)]
    versions = {each["metadata"].get("labels", {}).get(VERSION, UNKNOWN) for each in pods}
    return ServiceStatus(
        name=name,
        ready=len(ready),
        wanted=live.get("spec", {}).get("replicas", 0),
        version=", ".join(sorted(versions)),
        models=models,
        queue=_queue(name, ready, forward),
        cards=sum(_cards(pod) for pod in pods),
    )


def _cards(pod: dict[str, Any]) -> int:
    resources = [each.get("resources", {}) for each in pod["spec"]["containers"]]
    return sum(int(each.get("limits", {}).get("nvidia.com/gpu", 0)) for each in resources)


def _models(forward: Callable[[str, int], AbstractContextManager[str]]) -> dict[str, str]:
    try:
        with forward("service/gateway", GATEWAY_PORT) as url:
            answer = httpx.get(f"{url}/v1/models", timeout=ASK_TIMEOUT_S).raise_for_status().json()
    except (DeployError, httpx.HTTPError, ValueError):
        return {"face": UNKNOWN, "audio": UNKNOWN}
    lists = {"face": answer["face_models"], "audio": answer["voice_models"]}
    return {
        name: ", ".join(f"{model['name']} {model['version']}" for model in models)
        for name, models in lists.items()
    }


def _queue(
    name: str, pods: list[str], forward: Callable[[str, int], AbstractContextManager[str]]
) -> str:
    metric = QUEUES.get(name)
    if metric is None:
        return ""
    port = GATEWAY_PORT if name == "gateway" else METRICS_PORT
    # Gateways all tell the number of the database they share.
    asked = pods[:1] if name == "gateway" else pods
    try:
        return (
            f"{sum(_metric(pod, port, metric, forward) for pod in asked):.0f}" if asked else UNKNOWN
        )
    except (DeployError, httpx.HTTPError, ValueError):
        return UNKNOWN


def _metric(
    pod: str, port: int, metric: str, forward: Callable[[str, int], AbstractContextManager[str]]
) -> float:
    with forward(f"pod/{pod}", port) as url:
        text = httpx.get(f"{url}/metrics", timeout=ASK_TIMEOUT_S).raise_for_status().text
    lines = (line.rpartition(" ") for line in text.splitlines())
    return sum(float(value) for name, _, value in lines if name.partition("{")[0] == metric)
