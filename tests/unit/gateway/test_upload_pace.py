"""How slow an upload may be."""

from __future__ import annotations

import asyncio

import pytest
from emotionmap_gateway.upload_pace import UploadLimits, UploadPace
from emotionmap_runtime.errors import ServiceError

LIMITS = UploadLimits(idle_s=0.01, window_s=10, min_bytes=100)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def feed(*chunks):
    """Take chunks, each (seconds since the one before, bytes)."""
    clock = Clock()
    pace = UploadPace(LIMITS, clock)
    for seconds, size_bytes in chunks:
        clock.now_s += seconds
        pace.count(size_bytes)


@pytest.mark.parametrize(
    "chunks", [[(9.9, 1)], [(10, 100)], [(5, 99), (5, 1)], [(10, 100), (9, 0)], [(10, 1000)] * 9]
)
def test_a_fast_enough_upload_is_let_go_on(chunks):
    assert feed(*chunks) is None


@pytest.mark.parametrize("chunks", [[(10, 99)], [(1, 1)] * 10, [(10, 10_000), (10, 99)]])
def test_a_trickle_is_ended(chunks):
    with pytest.raises(ServiceError) as caught:
        feed(*chunks)
    assert caught.value.reason == "UPLOAD_TOO_SLOW"


async def test_a_pause_is_ended():
    with pytest.raises(ServiceError) as caught:
        await UploadPace(LIMITS).wait(asyncio.sleep(5))
    assert caught.value.reason == "UPLOAD_TOO_SLOW"


async def test_what_comes_in_time_is_returned():
    assert await UploadPace(LIMITS).wait(asyncio.sleep(0, "chunk")) == "chunk"
