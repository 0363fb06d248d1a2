"""Writes `docs/capacity.md` from what was measured, and what its plot shows: `make capacity`."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.capacity import cluster, document, studies
from tests.capacity.costs import read_costs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.capacity.studies import Run

REPOSITORY = Path(__file__).parents[2]
RUNS = 8
COLD_COUNT = 300
COLD_STARTS_S = (5.0, 45.0, 120.0, 300.0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the document and the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.capacity", description=__doc__)
    parser.add_argument("--uploads", type=int, default=10_000, help="how many at once")
    parser.add_argument("--minutes", type=float, default=5.0, help="length of each video")
    parser.add_argument("--measured", type=Path, default=REPOSITORY / "build")
    parser.add_argument("--document", type=Path, default=REPOSITORY / "docs/capacity.md")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build/capacity.json")
    options = parser.parse_args(arguments)
    costs = read_costs(options.measured)
    jobs = cluster.burst(options.uploads, minutes=options.minutes)
    runs = studies.relieved(cluster.cluster(costs), jobs, runs=RUNS)
    video_s = options.uploads * options.minutes * 60
    crowd = [run.row(video_s) for run in runs]
    make = partial(_cluster, costs)
    few = cluster.burst(min(COLD_COUNT, options.uploads), minutes=options.minutes)
    text = document.write(
        costs,
        reproduced=studies.reproduced(_crowds(options.measured)),
        crowd=crowd,
        cold=studies.cold_starts(make, few, COLD_STARTS_S),
        count=options.uploads,
        cold_count=len(few),
        minutes=options.minutes,
        more=studies.MORE,
    )
    for path in (options.document, options.out):
        path.parent.mkdir(parents=True, exist_ok=True)
    options.document.write_text(text, encoding="utf-8")
    series = {"as deployed": _series(runs[0]), "with everything raised": _series(runs[-2])}
    report = {"crowd": crowd, "series": series}
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _cluster(costs: Any, start_s: float) -> Any:
    return cluster.cluster(costs, start_s=start_s)


def _crowds(folder: Path) -> list[dict[str, Any]]:
    path = folder / "bench-load.json"
    return json.loads(path.read_text(encoding="utf-8"))["crowds"] if path.exists() else []


def _series(run: Run) -> dict[str, Any]:
    looks = run.outcome.looks
    return {
        "minutes": [round(look.at_s / 60, 2) for look in looks],
        "uploading": [look.uploading for look in looks],
        "waiting": [look.waiting for look in looks],
        "rate": [round(look.rate, 1) for look in looks],
        "replicas": {name: [look.replicas[name] for look in looks] for name in cluster.CORES},
    }


if __name__ == "__main__":
    main()
