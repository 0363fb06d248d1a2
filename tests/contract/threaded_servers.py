"""Servers that run in loops of their own, on other threads, beside synchronous tests."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emotionmap_runtime.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager


class FakeServer:
    """One service that can be killed and started again on its port."""

    def __init__(self, add: Any, servicer: Any) -> None:
        self._add = lambda server: add(servicer, server)
        self._thread: Any = None
        self.port = 0

    def start(self) -> None:
        self._thread = in_thread(lambda: serving(self._add, port=self.port, grace_s=0))
        self.port = self._thread.__enter__()

    def kill(self) -> None:
        if self._thread is not None:
            self._thread.__exit__(None, None, None)
            self._thread = None


@contextmanager
def in_thread(make: Any) -> Iterator[Any]:
    """Hold an asynchronous context manager open in a loop of its own, on another thread."""
    started: Any = threading.Event()
    box: dict[str, Any] = {}

    async def hold() -> None:
        box["loop"], box["stop"] = asyncio.get_running_loop(), asyncio.Event()
        manager: AbstractAsyncContextManager[Any] = make()
        async with manager as value:
            box["value"] = value
            started.set()
            await box["stop"].wait()

    def run() -> None:
        try:
            asyncio.run(hold())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            box["error"] = error
        finally:
            started.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(60)
    if "error" in box:
        raise box["error"]
    try:
        yield box["value"]
    finally:
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(60)
        assert not thread.is_alive()
        if "error" in box:
            raise box["error"]
