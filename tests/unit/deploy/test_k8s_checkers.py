"""What kubernetes-validate, checkov and hadolint find; `make k8s-check` installs them."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.unit.deploy.manifests import OVERLAYS, REPOSITORY, needs_kubectl, text_of

TOOLS = REPOSITORY / "build/k8s/bin"
NEWEST_MINORS = ("1.35", "1.36", "1.37")
WITHOUT_SCHEMA = {"ScaledObject", "PodMonitor", "PrometheusRule"}
"""Kinds of operators; Kubernetes itself has no schema for them."""
MOST_SKIPPED_RULES = 3

pytestmark = [
    needs_kubectl,
    pytest.mark.skipif(
        not (TOOLS / "checkov").exists(), reason="checkov is missing; `make k8s-check` installs it"
    ),
]


@pytest.fixture
def rendered(tmp_path):
    """Return the folder of all overlays, a file each."""
    for overlay in OVERLAYS:
        (tmp_path / f"{overlay}.yaml").write_text(text_of(overlay))
    return tmp_path


def run(tool, *arguments, folder):
    command = [str(TOOLS / tool), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=folder
    )


@pytest.mark.parametrize("minor", NEWEST_MINORS)
def test_every_object_fits_the_schema_strictly(minor, rendered) -> None:
    files = [f"{overlay}.yaml" for overlay in OVERLAYS]
    done = run("kubernetes-validate", "--strict", "-k", minor, *files, folder=rendered)
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 0, lines
    assert sum(line.startswith("INFO") for line in lines) >= len(files)
    warnings = [line for line in lines if not line.startswith("INFO")]
    assert [line for line in warnings if not any(kind in line for kind in WITHOUT_SCHEMA)] == []


def test_checkov_fails_nothing_and_skips_three_rules_at_most(rendered) -> None:
    done = run(
        *("checkov", "--skip-download", "--framework", "kubernetes", "-o", "json", "-d", "."),
        folder=rendered,
    )
    results = json.loads(done.stdout)["results"]
    assert [(each["check_id"], each["resource"]) for each in results["failed_checks"]] == []
    assert len(results["passed_checks"]) > 1000
    skipped = {
        each["check_id"]: each["check_result"]["suppress_comment"]
        for each in results["skipped_checks"]
    }
    assert len(skipped) <= MOST_SKIPPED_RULES
    assert all(len(reason) > 20 for reason in skipped.values())


@pytest.mark.skipif(
    not (TOOLS / "hadolint").exists(), reason="hadolint is missing; `make k8s-check` installs it"
)
def test_hadolint_finds_nothing_in_the_dockerfile(tmp_path) -> None:
    done = run("hadolint", "--no-color", str(REPOSITORY / "deploy/Dockerfile"), folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(
    not (TOOLS / "hadolint").exists(), reason="hadolint is missing; `make k8s-check` installs it"
)
def test_hadolint_would_find_what_is_not_pinned(tmp_path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN cd /tmp && pip install numpy\n")
    done = run("hadolint", "--no-color", "Dockerfile", folder=tmp_path)
    assert done.returncode == 1
    assert {"DL3006", "DL3013"} <= set(done.stdout.split())
