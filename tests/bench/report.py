"""Writes what a bench of many cases found: JSON for machines, tables for people."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from tests.bench.table import markdown
from training.evaluate import circumstances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.bench.bars import Finding

SIGNALLED = 128
"""Added to a signal's number, an exit status by the custom of shells."""
Rows = list[dict[str, Any]]


def publish(
    path: Path,
    tables: Mapping[str, Rows],
    findings: Sequence[Finding],
    *,
    shown: Mapping[str, Sequence[str]],
) -> int:
    """Write the report to a file and its tables to stdout; return the exit status.

    Args:
        path: The file.
        tables: Rows by table.
        findings: Figures beside what they must be.
        shown: Columns of each table that people see.
    """
    judged = [finding.row() for finding in findings]
    report = {**tables, "bars": judged, **circumstances()}
    report["load_at_the_end"] = round(os.getloadavg()[0], 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for name, rows in tables.items():
        if rows:
            columns = [{column: row.get(column) for column in shown[name]} for row in rows]
            sys.stdout.write(f"\n{name}\n\n{markdown(columns)}")
    sys.stdout.write(f"\nbars\n\n{markdown(judged)}")
    return int(not all(finding.is_met for finding in findings))


def end_tidily() -> None:
    """Have SIGTERM end this process as Ctrl-C does: with what it started and wrote."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(SIGNALLED + number)

    signal.signal(signal.SIGTERM, end)


def say(line: str) -> None:
    """Tell a person how far it is."""
    sys.stderr.write(f"bench: {line}\n")
    sys.stderr.flush()
