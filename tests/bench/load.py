"""Many uploads at once: `make bench-load`. Exit status 1 where a bar is missed.

1, 2, 4, 8, 16 uploads of one clip begin at the same moment; how much gets through, how evenly, how
soon, and in which batches the models work. Then two face servers. `bars.py` has what must be
reached. Rates are of wall time, so they mean something on idle cores alone.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import bars, replicas
from tests.bench.clip import write_clip
from tests.bench.cost import free_cores, watching_memory
from tests.bench.follow import SUCCEEDED, follow, forget
from tests.bench.report import end_tidily, publish, say
from tests.bench.services import MODELS, serving, total
from tests.bench.spread import histogram, jain, percentile
from training.weights import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.follow import Followed
    from tests.bench.services import Samples, Served

SLOWEST = 8.0
"""Seconds of work for each of a video that no machine should need."""
LEAST_LIMIT_S = 600.0
LEAST_FREE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class LoadBench:
    """One run.

    Attributes:
        at_once: Numbers of uploads, ascending.
        seconds: Length of the clip that each of them is.
        has_replicas: Whether a second face server is measured, too.
        folder: Where the clip is kept.
    """

    at_once: Sequence[int]
    seconds: float
    has_replicas: bool
    folder: Path

    def run(self) -> dict[str, list[dict[str, Any]]]:
        """Measure everything; return rows by table."""
        clip = self._clip()
        with serving() as served:
            say("warming up")
            self._crowd(served, clip, 1)
            crowds = [self._crowd(served, clip, count) for count in self.at_once]
        return {"crowds": crowds} | (self._replicas(clip) if self.has_replicas else {})

    def _replicas(self, clip: Path) -> dict[str, list[dict[str, Any]]]:
        shared, crowd = self._shares(clip)
        say("face servers of one processor each")
        alone = replicas.second_adds(clip)
        tables = {"crowd of two face servers": [crowd], "shares": [shared]}
        return tables | ({"second": [alone]} if alone else {})

    def _clip(self) -> Path:
        clip = self.folder / f"crowd-{self.seconds:g}s.mp4"
        return clip if clip.exists() else write_clip(clip, self.seconds)

    def _shares(self, clip: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        say("two face servers")
        with serving(faces=2) as served:
            self._crowd(served, clip, 1)
            before = {name: served.counted(name) for name in served.faces()}
            crowd = self._crowd(served, clip, max(self.at_once))
            after = {name: served.counted(name) for name in served.faces()}
        return replicas.shares(before, after), crowd

    def _crowd(self, served: Served, clip: Path, count: int) -> dict[str, Any]:
        """Upload so many at once; return what became of them."""
        say(f"{count} at once")
        counted, spent = _counted(served), served.spent_s()
        with watching_memory(*served.pids().values()) as peak:
            start_s = time.monotonic()
            everyone = self._all_followed(served, clip, count)
        batches = _batches(counted, _counted(served))
        cpu_s = sum(served.spent_s().values()) - sum(spent.values())
        for followed in everyone:
            forget(served.system, followed.analysis_id)
        row = crowd_row(everyone, start_s, self.seconds)
        say(f"  {row['video_s_per_s']} times real time, fairness {row['fairness']}")
        row = {"case": f"{count} at once"} | row
        cost = {"cpu_s_per_s": round(cpu_s / (count * self.seconds), 4)}
        return row | batches | cost | {"peak_mb": round(peak.mb, 1)}

    def _all_followed(self, served: Served, clip: Path, count: int) -> list[Followed]:
        gate = threading.Barrier(count)
        limit_s = max(LEAST_LIMIT_S, count * self.seconds * SLOWEST)

        def one(_number: int) -> Followed:
            gate.wait()
            return follow(served.system, clip, say=lambda _line: None, limit_s=limit_s)

        with ThreadPoolExecutor(count) as threads, suppress(threading.BrokenBarrierError):
            return list(threads.map(one, range(count)))
        raise SystemExit("bench: the uploads did not begin together.")


def crowd_row(everyone: Sequence[Followed], start_s: float, seconds: float) -> dict[str, Any]:
    """Return how uploads that began together got through.

    Args:
        everyone: What became of them.
        start_s: When they began, on time.monotonic().
        seconds: Length of each video.

    Raises:
        SystemExit: None succeeded.
    """
    good = [followed for followed in everyone if followed.state == SUCCEEDED]
    if not good:
        raise SystemExit(f"bench: no analysis succeeded: {everyone[0].why}")
    took_s = [followed.ended_s - start_s for followed in good]
    firsts_s = [f.first_after_s for f in good if f.first_after_s is not None]
    return {
        "succeeded": len(good) / len(everyone),
        "video_s_per_s": round(len(good) * seconds / max(took_s), 3),
        "fairness": round(jain([seconds / each for each in took_s]), 4),
        "first_p50_s": round(percentile(firsts_s, 50), 3),
        "first_p95_s": round(percentile(firsts_s, 95), 3),
        "done_p50_s": round(percentile(took_s, 50), 3),
        "done_p95_s": round(percentile(took_s, 95), 3),
    }


def _counted(served: Served) -> dict[str, list[Samples]]:
    """Return the metrics of every server of each model."""
    return {
        model: [served.counted(name) for name in (served.faces() if model == "face" else [model])]
        for model in MODELS
    }


def _batches(
    before: Mapping[str, Sequence[Samples]], after: Mapping[str, Sequence[Samples]]
) -> dict[str, Any]:
    """Return mean and histogram of each model's batches between two looks."""
    row: dict[str, Any] = {}
    for model in MODELS:
        sums, counts = (
            sum(total(samples, name) for samples in after[model])
            - sum(total(samples, name) for samples in before[model])
            for name in ("em_batch_size_sum", "em_batch_size_count")
        )
        row[f"{model}_batch"] = round(sums / max(1.0, counts), 2)
        sizes = histogram(_up_to(before[model]), _up_to(after[model]))
        row[f"{model}_batches"] = sizes
    return row


def _up_to(servers: Sequence[Samples]) -> dict[float, float]:
    """Return by bound how many batches were at most that large."""
    counts: dict[float, float] = {}
    for samples in servers:
        for (name, labels), value in samples.items():
            if name == "em_batch_size_bucket":
                bound = float(dict(labels)["le"])
                counts[bound] = counts.get(bound, 0.0) + value
    return counts


_CROWD = (
    "case", "succeeded", "video_s_per_s", "fairness", "first_p50_s", "first_p95_s", "done_p50_s",
    "done_p95_s", "face_batch", "audio_batch", "cpu_s_per_s", "peak_mb",
)  # fmt: skip
SHOWN = {
    "crowds": (*_CROWD, "face_batches", "audio_batches"),
    "crowd of two face servers": _CROWD,
    "shares": ("case", "segments", "segments_gap_points", "faces", "faces_gap_points"),
    "second": (
        "case",
        "one_frames_per_s",
        "two_frames_per_s",
        "two_over_one",
        "free_cores",
        "has_room",
    ),
}
"""Columns of the tables that people see; the report has all."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench; exit 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each video")
    parser.add_argument("--replicas", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build/bench-load.json")
    options = parser.parse_args(arguments)
    end_tidily()
    folder = options.out.parent / "bench"
    bench = LoadBench(sorted(options.at_once), options.seconds, options.replicas, folder)
    if free_cores() < LEAST_FREE_SHARE * len(os.sched_getaffinity(0)):
        say("others use this machine; rates of wall time will be too low")
    rows = bench.run()
    findings = bars.of_crowds(rows["crowds"])
    if "shares" in rows:
        findings += bars.of_replicas(rows["shares"][0], next(iter(rows.get("second", [])), None))
    raise SystemExit(publish(options.out, rows, findings, shown=SHOWN))


if __name__ == "__main__":
    main()
