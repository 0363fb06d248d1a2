"""Renders an overlay, and puts its objects in the order in which a cluster takes them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from deploy.tool.failures import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterable

DEPLOY = Path(__file__).parents[1]
OVERLAYS = DEPLOY / "k8s/overlays"
RULES = DEPLOY / "k8s/components/monitoring/prometheus-rule.yaml"
RENDER_TIMEOUT_S = 60

FIRST = ("Namespace", "ServiceAccount", "ConfigMap", "NetworkPolicy", "Service")
"""What pods name or are held by; everything else comes after, the kinds that make pods last."""
LAST = ("StatefulSet", "Deployment", "Job")


def render(overlay: str) -> list[dict[str, Any]]:
    """Return the objects of an overlay, in the order to apply them.

    Args:
        overlay: Name of a folder in deploy/k8s/overlays, or a path of one elsewhere.

    Raises:
        DeployError: There is no such overlay, or kubectl is missing or refuses it.
    """
    folder = OVERLAYS / overlay if (OVERLAYS / overlay).is_dir() else Path(overlay)
    if not (folder / "kustomization.yaml").is_file():
        known = ", ".join(sorted(path.name for path in OVERLAYS.iterdir()))
        raise DeployError(f"there is no overlay {overlay}; there are {known}")
    command = ["kubectl", "kustomize", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the path is the caller's own
            command, capture_output=True, text=True, timeout=RENDER_TIMEOUT_S, check=False
        )
    except FileNotFoundError:
        raise DeployError("kubectl is missing, which renders the overlays") from None
    if done.returncode:
        raise DeployError(f"kubectl kustomize: {done.stderr.strip()}")
    return in_order(yaml.safe_load_all(done.stdout))


def in_order(objects: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Return objects in the order to apply them."""
    return sorted((each for each in objects if each), key=lambda each: _place(each["kind"]))


def namespace_of(objects: Iterable[dict[str, Any]]) -> str:
    """Return the namespace that objects are for.

    Raises:
        DeployError: They name none, or several.
    """
    names = {each["metadata"]["name"] for each in objects if each["kind"] == "Namespace"}
    if len(names) != 1:
        raise DeployError("an overlay makes one namespace, no more and no fewer")
    return str(names.pop())


def write_rules() -> Path:
    """Write deploy/monitoring/alerts.yaml as what the Prometheus operator reads; return where."""
    rules = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "emotionmap"},
        "spec": yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text(encoding="utf-8")),
    }
    text = yaml.safe_dump(rules, sort_keys=False, width=100)
    head = "# Written by `python -m deploy rules` from deploy/monitoring/alerts.yaml.\n"
    RULES.write_text(head + text, encoding="utf-8")
    return RULES


def _place(kind: str) -> int:
    if kind in FIRST:
        return FIRST.index(kind) - len(FIRST)
    return LAST.index(kind) + 1 if kind in LAST else 0
