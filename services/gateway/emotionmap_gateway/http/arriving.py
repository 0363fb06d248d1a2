"""Gives the bytes of a video while its upload still runs: what is to come is waited for.

A player that got what is there as if it were all would take the end of it for the end of the film.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_gateway.storage.objects import Objects

PAUSE_S = 0.3
"""Between two looks at how much is there."""

QUIET_S = 30.0
"""Without a new byte in this time the answer ends early; clients ask again for the rest."""


async def arriving(objects: Objects, key: str, *, start: int, end: int) -> AsyncIterator[bytes]:
    """Give bytes of an object that grows, as they come.

    Ends early if it is deleted, or if nothing comes for `QUIET_S`.
    """
    loop = asyncio.get_running_loop()
    heard_s, size_bytes = loop.time(), 0
    while start < end:
        try:
            before_bytes, size_bytes = size_bytes, (await objects.stat(key)).size_bytes
            if size_bytes > before_bytes:  # also where what was asked for lies further behind
                heard_s = loop.time()
            there = min(end, size_bytes)
            if there > start:
                async for block in objects.read(key, start=start, end=there):
                    start += len(block)
                    yield block
                continue
        except FileNotFoundError:
            return
        if loop.time() - heard_s >= QUIET_S:
            return
        await asyncio.sleep(PAUSE_S)
