"""Long, large and unusual videos: `make bench-long`. Exit status 1 where a bar is missed.

Analyses of the same pictures at ascending lengths, one after the other in the same services, so
that what one leaves behind shows in the next; then files of other kinds; then uploads of the
largest file. Costs are CPU-seconds of the five services. `bars.py` has what must be reached.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import bars
from tests.bench.cost import memory_mb, watching_memory
from tests.bench.follow import follow, forget
from tests.bench.kinds import KINDS, write_kind, write_slim
from tests.bench.multiply import pad
from tests.bench.report import end_tidily, publish, say
from tests.bench.services import Kept, rows_of, serving
from tests.bench.uploads import upload_rows
from training.weights import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.follow import Followed
    from tests.bench.services import Served

WARM_UP_S = 8.0
SLOWEST = 4.0
"""Seconds of work for each of a video that no machine should need."""
LEAST_LIMIT_S = 600.0
DELETED_WITHIN_S = 10.0
PADDED_S = 8.0
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class LongBench:
    """One run.

    Attributes:
        minutes: Lengths, ascending.
        kinds: Names of other kinds.
        kind_seconds: Length of each of them.
        upload_mb: Size of the uploaded file, MB.
        folder: Where short clips are kept.
    """

    minutes: Sequence[float]
    kinds: Sequence[str]
    kind_seconds: float
    upload_mb: float
    folder: Path

    def run(self) -> dict[str, list[dict[str, Any]]]:
        """Measure everything; return rows by table."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows: dict[str, list[dict[str, Any]]] = {}
        with serving() as served:
            say("warming up")
            with _made(write_slim(self.folder, WARM_UP_S)) as clip:
                analysed(served, clip, case="warm-up", seconds=WARM_UP_S)
            rows["lengths"] = [self._length(served, minutes) for minutes in self.minutes]
        rows["kinds"] = [self._kind(name) for name in self.kinds]
        rows["uploads"] = self._uploads() if self.upload_mb else []
        return rows

    def _length(self, served: Served, minutes: float) -> dict[str, Any]:
        say(f"{minutes:g} min")
        with _made(write_slim(self.folder, minutes * MINUTE_S)) as video:
            row = analysed(served, video, case=f"{minutes:g} min", seconds=minutes * MINUTE_S)
        return row | {"minutes": minutes}

    def _kind(self, name: str) -> dict[str, Any]:
        """Measure one kind in fresh services: its peak is its own."""
        say(f"{name}: making {self.kind_seconds:g} s of it")
        with _made(write_kind(name, self.folder, self.kind_seconds)) as video, serving() as served:
            return analysed(served, video, case=name, seconds=self.kind_seconds)

    def _uploads(self) -> list[dict[str, Any]]:
        say(f"uploads of {self.upload_mb:g} MB")
        with (
            tempfile.TemporaryDirectory(prefix="emotionmap-bench-") as folder,
            _made(write_slim(self.folder, PADDED_S)) as clip,
            serving() as served,
        ):
            analysed(served, clip, case="warm-up", seconds=PADDED_S)
            large = pad(clip, Path(folder) / "large.mp4", round(self.upload_mb * 1e6))
            return upload_rows(served.system, large)


def analysed(served: Served, video: Path, *, case: str, seconds: float) -> dict[str, Any]:
    """Have a video analysed, delete the analysis, and return what it cost and left behind."""
    data_dir = served.system.data_dir
    kept, before = Kept.look(data_dir), served.spent_s()
    limit_s = max(LEAST_LIMIT_S, seconds * SLOWEST)
    with watching_memory(*served.pids().values()) as peak:
        followed = follow(served.system, video, say=say, limit_s=limit_s)
    spent = {name: cpu - before[name] for name, cpu in served.spent_s().items()}
    row = {"case": case, "video_mb": video.stat().st_size / 1e6, "why": followed.why}
    row |= followed.found() | {"peak_mb": round(peak.mb, 1)}
    row |= _costs(followed, spent, seconds)
    cost = f"{row['cpu_s_per_s']:.4f} CPU-seconds a second, at most {peak.mb:.0f} MB"
    say(f"  {case}: {followed.state} {followed.why}: {cost}".replace(" :", ":"))
    row |= {f"held_{name}_mb": round(memory_mb(pid), 1) for name, pid in served.pids().items()}
    if not followed.analysis_id:
        return row
    row |= {
        table: rows_of(data_dir, table, followed.analysis_id) for table in ("segments", "events")
    }
    grown = Kept.look(data_dir)
    row |= {"database_kb": round(grown.database_kb - kept.database_kb, 1)}
    row |= {"jobs_kb": round(grown.jobs_kb - kept.jobs_kb, 1)}
    forget(served.system, followed.analysis_id)
    return row | _left(data_dir, kept)


def _costs(followed: Followed, spent: dict[str, float], seconds: float) -> dict[str, Any]:
    parts = {f"{name}_cpu_s_per_s": round(cpu / seconds, 5) for name, cpu in spent.items()}
    return {
        "cpu_s_per_s": round(sum(spent.values()) / seconds, 5),
        "times_real_time": round(seconds / followed.took_s, 2),
        "first_interval_s": followed.first_after_s,
        "first_draft_s": followed.draft_after_s,
        **parts,
    }


def _left(data_dir: Path, before: Kept) -> dict[str, float]:
    """Return what is left of a deleted analysis; what is soon gone is not."""
    until_s = time.monotonic() + DELETED_WITHIN_S
    while (now := Kept.look(data_dir)).objects > before.objects and time.monotonic() < until_s:
        time.sleep(0.2)
    grown_kb = now.database_kb + now.jobs_kb - before.database_kb - before.jobs_kb
    return {"left_objects": now.objects - before.objects, "left_kb": round(max(0.0, grown_kb), 1)}


@contextmanager
def _made(video: Path) -> Iterator[Path]:
    """Give a video that was made for this run, and remove it."""
    try:
        yield video
    finally:
        video.unlink(missing_ok=True)


SHOWN = {
    "lengths": (
        "case", "state", "cpu_s_per_s", "times_real_time", "peak_mb", "first_interval_s",
        "first_draft_s", "segments", "events", "database_kb", "jobs_kb", "left_kb", "video_mb",
    ),
    "kinds": (
        "case", "state", "cpu_s_per_s", "media_cpu_s_per_s", "times_real_time", "peak_mb",
        "seconds_with_face",
    ),
    "uploads": ("case", "size_mb", "mb_per_s", "before_pss_mb", "added_pss_mb", "added_rss_mb"),
}  # fmt: skip
"""Columns of the tables that people see; the report has all."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench; exit 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.long", description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0], help="lengths")
    parser.add_argument("--hours", type=float, help="one more length, such as 3")
    parser.add_argument("--kinds", nargs="*", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--kind-seconds", type=float, default=16.0)
    parser.add_argument("--upload-mb", type=float, default=500.0, help="0 leaves uploads out")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build/bench-long.json")
    options = parser.parse_args(arguments)
    end_tidily()
    minutes = {*options.minutes, *([options.hours * 60] if options.hours else [])}
    rows = LongBench(
        sorted(minutes),
        options.kinds,
        options.kind_seconds,
        options.upload_mb,
        options.out.parent / "bench",
    ).run()
    findings = bars.of_lengths(rows["lengths"])
    findings += bars.of_kinds(rows["kinds"]) + bars.of_uploads(rows["uploads"])
    raise SystemExit(publish(options.out, rows, findings, shown=SHOWN))


if __name__ == "__main__":
    main()
