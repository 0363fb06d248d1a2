"""Costs are those of a whole tree of processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import cost
from tests.bench.cost import ProcessTimes

BUSY = "import time; t = time.process_time()\nwhile time.process_time() < t + 0.3: pass"
IN_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")


def test_a_name_with_brackets_does_not_shift_the_fields() -> None:
    line = f"7 (a) (b) S 3 {'0 ' * 9} 100 50 20 10 0 0".replace("  ", " ")
    found = ProcessTimes.parse(line)
    assert found.parent == 3
    assert found.own_s == pytest.approx(150 * cost.TICK_S)
    assert found.ended_children_s == pytest.approx(30 * cost.TICK_S)


def test_a_tree_holds_grandchildren_and_no_strangers() -> None:
    alive = {pid: ProcessTimes(parent, 1.0, 0.5) for pid, parent in ((2, 1), (3, 2), (9, 1))}
    assert cost.tree_of(2, alive) == {2, 3}
    assert cost.cpu_s(2, alive) == 3.0
    assert cost.tree_of(4, alive) == set()


def test_work_of_ended_grandchildren_is_counted() -> None:
    with cost.costing(os.getpid()) as spent:
        subprocess.run([sys.executable, "-c", IN_A_CHILD], check=True)
    assert 0.25 < spent.cpu_s < 3
    assert spent.wall_s > 0.25


def test_memory_of_a_child_is_seen() -> None:
    hold = "data = b'x' * 50_000_000; print(flush=True); input()"
    command = [sys.executable, "-c", hold]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert 50 < cost.memory_mb(child.pid) < 150
        child.communicate(b"\n")
