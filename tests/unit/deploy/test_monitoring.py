"""What dashboard and alert rules ask for is what the services export."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from emotionmap_gateway.monitoring import Monitoring
from emotionmap_gateway.work.job_metrics import JobMetrics
from emotionmap_runtime.telemetry import Metrics

REPOSITORY = Path(__file__).parents[3]
MONITORING = REPOSITORY / "deploy/monitoring"
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text())
[RULES] = [
    group["rules"] for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
]

OF_PROMETHEUS = {"up"}
TARGET_LABELS = {"job", "instance"}
METRIC = re.compile(r"\b((?:em|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def exported():
    """Return the labels of every sample that a service can export, by its name."""
    metrics = Metrics.create()
    Monitoring(metrics, None)  # the store is only asked when samples are
    JobMetrics.create(metrics.registry)
    names = {}
    for name, collector in metrics.registry._names_to_collectors.items():
        names[name] = set(getattr(collector, "_labelnames", ()))
        if name.endswith("_bucket"):
            names[name].add("le")
    for family in metrics.registry.collect():
        names.update({sample.name: names.get(sample.name, set()) for sample in family.samples})
    return names


def queries():
    for rule in RULES:
        yield pytest.param(rule["expr"], id=rule["alert"])
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")


@pytest.mark.parametrize("query", list(queries()))
def test_what_is_asked_for_is_exported(query):
    names, found = exported(), METRIC.findall(query)
    assert found
    labels = set(TARGET_LABELS)
    for name, selectors in found:
        assert name in OF_PROMETHEUS | names.keys()
        labels |= names.get(name, set())
        matched = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors))
        assert matched <= names.get(name, set()) | TARGET_LABELS
    grouped = {label.strip() for labels in GROUPED.findall(query) for label in labels.split(",")}
    assert grouped <= labels


def test_a_metric_that_is_not_there_is_found():
    with pytest.raises(AssertionError):
        test_what_is_asked_for_is_exported("rate(em_requests_seconds_total[5m])")
    with pytest.raises(AssertionError):
        test_what_is_asked_for_is_exported("sum by (route) (em_queue_depth)")


def test_names_tell_units_and_label_sets_are_small():
    units = ("_seconds", "_bytes")
    for name, labels in exported().items():
        assert labels <= {
            "code", "kind", "le", "method", "reason", "route", "state", "status"
        } or name.startswith("python_")  # fmt: skip
        if "duration" in name:
            assert any(unit in name for unit in units)


def test_the_metrics_that_are_told_are_those_that_there_are():
    told = set(re.findall(r"\bem_[a-z_]+", (REPOSITORY / "docs/operations.md").read_text()))
    families = {
        re.sub(r"_(total|created|sum|count|bucket)$", "", name)
        for name in exported()
        if name.startswith("em_")
    }
    assert {re.sub(r"_(total|sum|count)$", "", name) for name in told} == families


def test_every_alert_leads_to_a_runbook_and_says_what_is_wrong():
    assert 5 <= len(RULES) <= 8
    for rule in RULES:
        path, _, anchor = rule["annotations"]["runbook"].partition("#")
        headings = re.findall(r"^#+ (.+)$", (REPOSITORY / path).read_text(), re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_panels_do_not_lie_on_each_other():
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yaml"),
        ("test", "rules", "alerts.test.yaml"),
        ("check", "config", "--syntax-only", "prometheus.yaml"),
    ],
    ids=" ".join,
)
def test_prometheus_takes_rules_and_their_tests_pass(command):
    done = subprocess.run(
        ["promtool", *command], cwd=MONITORING, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
