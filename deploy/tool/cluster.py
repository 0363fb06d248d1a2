"""Speaks with the API of a cluster: server-side apply, reading, deleting; nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from urllib3.exceptions import HTTPError

from deploy.tool.failures import DeployError

MANAGER = "emotionmap-deploy"
"""Who owns the fields that are applied; what scalers and people change beside them stays."""
TIMEOUT_S = 30
NOT_FOUND = 404

PLURALS = {
    "Namespace": "namespaces",
    "ServiceAccount": "serviceaccounts",
    "ConfigMap": "configmaps",
    "Service": "services",
    "Pod": "pods",
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "Job": "jobs",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "NetworkPolicy": "networkpolicies",
    "Ingress": "ingresses",
    "ScaledObject": "scaledobjects",
    "PodMonitor": "podmonitors",
    "PrometheusRule": "prometheusrules",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The API of a cluster, and the namespace that is meant."""

    api: client.ApiClient
    namespace: str

    def apply(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Make an object be as wanted, or make it; return what it is then.

        Raises:
            DeployError: The cluster refuses it or does not answer.
        """
        path = self.path(wanted["apiVersion"], wanted["kind"], wanted["metadata"]["name"])
        query = [("fieldManager", MANAGER), ("force", "true")]
        return self._call("PATCH", path, query=query, body=wanted) or {}

    def get(self, version: str, kind: str, name: str) -> dict[str, Any] | None:
        """Return an object, or None if there is none."""
        return self._call("GET", self.path(version, kind, name))

    def pods(self, service: str) -> list[dict[str, Any]]:
        """Return the pods of a service."""
        query = [("labelSelector", f"app.kubernetes.io/name={service}")]
        found = self._call("GET", self.path("v1", "Pod"), query=query) or {}
        return list(found.get("items", []))

    def delete_pod(self, name: str) -> None:
        """Delete a pod, so that its owner makes another."""
        self._call("DELETE", self.path("v1", "Pod", name))

    def path(self, version: str, kind: str, name: str = "") -> str:
        """Return where an object, or the list of its kind, is found."""
        if kind not in PLURALS:
            raise DeployError(f"objects of kind {kind} are not known here")
        root = "/api" if "/" not in version else "/apis"
        inside = "" if kind == "Namespace" else f"/namespaces/{self.namespace}"
        return f"{root}/{version}{inside}/{PLURALS[kind]}" + (f"/{name}" if name else "")

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]] | None = None,
        body: Any = None,
    ) -> dict[str, Any] | None:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/apply-patch+yaml"  # JSON is YAML
        try:
            answer = self.api.call_api(
                path,
                method,
                query_params=query or [],
                header_params=headers,
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _request_timeout=TIMEOUT_S,
            )
        except ApiException as error:
            if error.status == NOT_FOUND and method != "PATCH":
                return None
            hint = "; is its operator installed?" if error.status == NOT_FOUND else ""
            raise DeployError(f"{method} {path}: {_message(error)}{hint}") from None
        except (HTTPError, OSError) as error:
            raise DeployError(f"the cluster does not answer: {error}") from None
        data = answer[0].data if isinstance(answer, tuple) else answer.data
        return dict(json.loads(data))


def connect(namespace: str, *, context: str | None = None) -> Cluster:
    """Return the cluster that kubeconfig or, inside of one, the pod's own account leads to.

    Raises:
        DeployError: Neither leads to one.
    """
    try:
        config.load_config(context=context) if context else config.load_config()
    except ConfigException as error:
        raise DeployError(f"no cluster to speak with: {error}") from None
    return Cluster(client.ApiClient(), namespace)


def _message(error: ApiException) -> str:
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return f"{error.status} {error.reason}"
