"""Remembers in the cluster what ran well last, to go back to it."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

from deploy.tool.failures import DeployError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy.tool.cluster import Cluster

RELEASE = "emotionmap-release"
"""A ConfigMap: overlays hold no secrets, and packed one is some 15 kB of the 1 MiB it may hold."""
KEY = "objects.json.gz"


def remember(cluster: Cluster, objects: Sequence[dict[str, Any]]) -> None:
    """Keep objects as those that run well."""
    packed = gzip.compress(json.dumps(list(objects)).encode(), mtime=0)
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": RELEASE, "namespace": cluster.namespace},
            "binaryData": {KEY: base64.b64encode(packed).decode()},
        }
    )


def recall(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the objects that ran well last; none before the first time."""
    kept = cluster.get("v1", "ConfigMap", RELEASE)
    if kept is None:
        return []
    try:
        return list(json.loads(gzip.decompress(base64.b64decode(kept["binaryData"][KEY]))))
    except (KeyError, ValueError, OSError) as error:
        raise DeployError(f"the ConfigMap {RELEASE} cannot be read: {error}") from None


def unblock(cluster: Cluster) -> list[str]:
    """Delete the gateways that are not ready, and return their names.

    A StatefulSet waits for a broken pod to get ready before it replaces it, even by what worked.
    """
    stuck = [pod["metadata"]["name"] for pod in cluster.pods("gateway") if not is_ready(pod)]
    for name in stuck:
        cluster.delete_pod(name)
    return stuck


def is_ready(pod: dict[str, Any]) -> bool:
    """Tell whether a pod takes work."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
