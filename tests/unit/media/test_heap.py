"""Memory is given back, but not all the time."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import numpy as np
import pytest
from emotionmap_media.heap import Heap

BLOCKS, BLOCK_BYTES = 4000, 8192

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc is not glibc's")


def resident_kb():
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def test_what_was_freed_between_other_things_goes_back():
    blocks = [np.ones(BLOCK_BYTES, np.uint8) for _ in range(BLOCKS)]
    held = blocks[::8]  # they keep the heap from shrinking by itself
    del blocks
    before_kb = resident_kb()
    assert Heap(every_s=0).give_back()
    assert before_kb - resident_kb() > BLOCKS * BLOCK_BYTES / 1024 / 4
    assert len(held) == BLOCKS // 8


def test_it_is_done_rarely():
    heap = Heap(every_s=60)
    assert not heap.give_back()
    heap = Heap(every_s=0)
    assert heap.give_back()
    assert heap.give_back()
