"""The runtime stays mechanism: few modules, few lines, no vocabulary, no models."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

RUNTIME = Path(__file__).parents[3] / "services/runtime/emotionmap_runtime"
ALLOWED = {
    "grpc",
    "google",
    "grpc_health",
    "grpc_reflection",
    "grpc_status",
    "opentelemetry",
    "prometheus_client",
}
MAX_MODULES, MAX_LINES = 8, 1250


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_runtime_imports_only_what_serving_needs() -> None:
    names = {n for f in RUNTIME.glob("*.py") for n in imported(ast.parse(f.read_text()))}
    assert names - set(sys.stdlib_module_names) - {"emotionmap_runtime"} <= ALLOWED


def test_runtime_stays_within_its_budget() -> None:
    files = list(RUNTIME.glob("*.py"))
    assert len(files) <= MAX_MODULES
    assert sum(len(f.read_text().splitlines()) for f in files) <= MAX_LINES
