"""What work costs: wall time, CPU-seconds and memory of a process and all that it started.

From Linux's /proc, with nothing but the standard library, since the classic pipeline runs in an
environment of its own. Not for parts of a process.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROC = Path("/proc")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
MEMORY_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    """One line of /proc/PID/stat.

    Attributes:
        parent: Its parent's id.
        own_s: CPU-seconds of its threads, those that ended included.
        ended_children_s: CPU-seconds of children that ended and were waited for.
    """

    parent: int
    own_s: float
    ended_children_s: float

    @classmethod
    def parse(cls, stat: str) -> ProcessTimes:
        """Read a line; the command's name, in brackets, may hold anything."""
        fields = stat.rpartition(")")[2].split()
        user, system, children_user, children_system = map(int, fields[11:15])
        return cls(
            parent=int(fields[1]),
            own_s=(user + system) * TICK_S,
            ended_children_s=(children_user + children_system) * TICK_S,
        )


@dataclass(slots=True)
class Cost:
    """What a stretch of work cost; filled in when it is over."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(slots=True)
class Peak:
    """The most memory that a tree of processes held at once, MB."""

    mb: float = 0.0


def processes() -> dict[int, ProcessTimes]:
    """Return every process that is alive."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it has just ended
            found[int(folder.name)] = ProcessTimes.parse(stat)
    return found


def tree_of(root: int, alive: dict[int, ProcessTimes]) -> set[int]:
    """Return a process and its descendants."""
    children = defaultdict(list)
    for pid, times in alive.items():
        children[times.parent].append(pid)
    tree, waiting = set(), [root] if root in alive else []
    while waiting:
        pid = waiting.pop()
        tree.add(pid)
        waiting += children[pid]
    return tree


def cpu_s(root: int, alive: dict[int, ProcessTimes]) -> float:
    """Return the CPU-seconds so far of a tree; of its ended members, those waited for."""
    return sum(alive[p].own_s + alive[p].ended_children_s for p in tree_of(root, alive))


@contextmanager
def costing(root: int) -> Iterator[Cost]:
    """Measure what a tree of processes does while the block runs."""
    cost = Cost()
    cpu_before_s, start_s = cpu_s(root, processes()), time.monotonic()
    yield cost
    cost.wall_s = time.monotonic() - start_s
    cost.cpu_s = cpu_s(root, processes()) - cpu_before_s


def free_cores(over_s: float = 1.0) -> float:
    """Return how many of this machine's cores nobody uses, on average over so many seconds."""
    before_s, start_s = _idle_s(), time.monotonic()
    time.sleep(over_s)
    return (_idle_s() - before_s) / (time.monotonic() - start_s)


def _idle_s() -> float:
    all_cores, *_ = (PROC / "stat").read_text(encoding="ascii").splitlines()
    idle, waiting = all_cores.split()[4:6]
    return (int(idle) + int(waiting)) * TICK_S


def memory_mb(*roots: int) -> float:
    """Return what trees hold: shared pages divided among those who share them (PSS)."""
    alive = processes()
    tree = set().union(*(tree_of(root, alive) for root in roots))
    return sum(_pss_kib(pid) for pid in tree) * 1024 / 1e6


def resident_mb(pid: int) -> float:
    """Return what one process holds, pages shared with others included (RSS)."""
    pages = int((PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _pss_kib(pid: int) -> int:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


@contextmanager
def watching_memory(*roots: int) -> Iterator[Peak]:
    """Watch the memory of other processes' trees while the block runs."""
    with watching(lambda: memory_mb(*roots), MEMORY_POLL_S) as peak:
        yield peak


@contextmanager
def watching(look_mb: Callable[[], float], every_s: float) -> Iterator[Peak]:
    """Keep the largest of what is seen while the block runs."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(every_s):
            peak.mb = max(peak.mb, look_mb())

    thread = threading.Thread(target=watch, name="memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
