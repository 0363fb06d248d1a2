"""EmotionMap end to end: five services, a clip uploaded over HTTP, until its timeline is there."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionmap_cli.client import GatewayClient, Limits
from emotionmap_cli.local import running

from tests.bench.cost import cpu_s, processes

if TYPE_CHECKING:
    from emotionmap_cli.local import System

CLIENT = "client"
"""The process that uploads and listens; it also looks after the services, as `up` does."""


@dataclass(slots=True)
class Moments:
    """When things happened, on time.monotonic()."""

    sent_s: float = 0.0
    intervals_s: list[float] = field(default_factory=list)


def analyse(client: GatewayClient, clip: Path, moments: Moments) -> tuple[str, dict[str, Any]]:
    """Upload a clip and wait; return the analysis's id and its timeline."""

    def sent(done: int, size: int) -> None:
        if done >= size and not moments.sent_s:
            moments.sent_s = time.monotonic()

    created = client.create(clip, options={}, on_sent=sent)
    for kind, _ in client.watch(created["id"]):
        if kind == "intervals":
            moments.intervals_s.append(time.monotonic())
    return created["id"], json.loads(client.timeline(created["id"], document_format="json"))


def spent_s(system: System) -> dict[str, float]:
    """Return the CPU-seconds so far of the whole tree, of each service and of this process."""
    alive = processes()
    services = {name: cpu_s(process.pid, alive) for name, process in system.processes.items()}
    return {"": cpu_s(os.getpid(), alive), CLIENT: alive[os.getpid()].own_s, **services}


def run_once(system: System, clip: Path) -> dict[str, float]:
    """Analyse a clip once; return what it cost, what it found and how soon."""
    moments = Moments()
    with GatewayClient(system.base_url, limits=Limits(), check=system.check) as client:
        before, start_s = spent_s(system), time.monotonic()
        analysis_id, timeline = analyse(client, clip, moments)
        wall_s, after = time.monotonic() - start_s, spent_s(system)
        client.abandon(analysis_id)
    parts = {f"{name}_cpu_s": after[name] - before[name] for name in after if name}
    return (
        parts
        | found_in(timeline)
        | {
            "wall_s": wall_s,
            "cpu_s": after[""] - before[""],
            "first_interval_s": min(moments.intervals_s) - moments.sent_s,
        }
    )


def found_in(timeline: dict[str, Any]) -> dict[str, float]:
    """Return what shows that the work was done: share of seconds by evidence."""
    intervals = timeline["intervals"]
    faces = sum(i["evidence"] in ("face", "both") for i in intervals)
    voices = sum(i["evidence"] in ("voice", "both") for i in intervals)
    return {
        "duration_s": timeline["duration"],
        "seconds_with_face": faces / len(intervals),
        "seconds_with_voice": voices / len(intervals),
    }


def main() -> None:
    """Print one line of JSON for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--warm-up", type=Path, required=True, help="short clip, not measured")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    start_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as system:
        start = {"start_wall_s": time.monotonic() - start_s}
        run_once(system, options.warm_up)
        for _ in range(options.repeats):
            sys.stdout.write(json.dumps(run_once(system, options.clip) | start) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
