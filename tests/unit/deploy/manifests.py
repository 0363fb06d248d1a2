"""The overlays as kubectl renders them, for the tests of deploy/k8s."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
K8S = REPOSITORY / "deploy/k8s"
OVERLAYS = ("dev", "prod", "gpu")
SERVICES = ("gateway", "media", "face", "audio", "fusion")
NAME = "app.kubernetes.io/name"
POD_OWNERS = ("Deployment", "StatefulSet", "Job")

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is missing, which renders the overlays"
)


@cache
def text_of(overlay):
    """Return an overlay as `make k8s OVERLAY=...` prints it."""
    command = ["kubectl", "kustomize", str(K8S / "overlays" / overlay)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@cache
def objects_of(overlay):
    return [found for found in yaml.safe_load_all(text_of(overlay)) if found]


def of_kind(overlay, *kinds):
    return [found for found in objects_of(overlay) if found["kind"] in kinds]


def named(overlay, kind, name):
    """Return the one object of a kind and name; a generated name may have a hash behind it."""
    [found] = [
        candidate
        for candidate in of_kind(overlay, kind)
        if candidate["metadata"]["name"].rpartition("-")[0] == name
        or candidate["metadata"]["name"] == name
    ]
    return found


def owners(overlay):
    """Return whatever makes pods, by name."""
    return {owner["metadata"]["name"]: owner for owner in of_kind(overlay, *POD_OWNERS)}


def pod_of(overlay, name):
    return owners(overlay)[name]["spec"]["template"]["spec"]


def container_of(overlay, name):
    [container] = pod_of(overlay, name)["containers"]
    return container


def environment_of(overlay, name):
    """Return the variables of a container: values, or where a value comes from."""
    container = container_of(overlay, name)
    found = {}
    for source in container.get("envFrom", []):
        config = source["configMapRef"]["name"]
        [data] = [
            each["data"]
            for each in of_kind(overlay, "ConfigMap")
            if each["metadata"]["name"] == config
        ]
        found |= data
    return found | {
        variable["name"]: variable.get("value", variable.get("valueFrom"))
        for variable in container.get("env", [])
    }


def settings_class(service):
    return importlib.import_module(f"emotionmap_{service}.settings").Settings


def settings_of(overlay, service, monkeypatch):
    """Return the settings that a service reads in a pod of an overlay."""
    for key, value in environment_of(overlay, service).items():
        if isinstance(value, str):
            monkeypatch.setenv(key, value)
    return settings_class(service)()


def variables(service):
    """Return the environment variables that a service's settings are read from."""
    settings = settings_class(service)
    prefix = settings.model_config["env_prefix"]
    found = {f"{prefix}{name.upper()}" for name in settings.model_fields}
    for field in settings.model_fields.values():
        alias = field.validation_alias
        found |= set(getattr(alias, "choices", [alias] if alias else []))
    return found
