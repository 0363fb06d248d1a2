"""What bounds a piece of work on a thread: its working time, and whether anyone still wants it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Abandoned(Exception):  # noqa: N818 - not an error: the caller left
    """Nobody waits for the result any more."""


class Budget:
    """Working time of one call; time spent waiting for a slow reader does not count.

    Args:
        limit_s: Longest working time.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._deadline_s: float | None = None
        self._abandoned = threading.Event()
        self._wake: Callable[[], None] = lambda: None

    def on_abandon(self, wake: Callable[[], None]) -> None:
        """Have a function called, from any thread, once nobody waits for the result any more."""
        self._wake = wake

    def abandon(self) -> None:
        """Make the next `check` raise Abandoned, and end a wait for a slow reader."""
        self._abandoned.set()
        self._wake()

    def check(self) -> None:
        """Return if work may go on. The first call starts the clock.

        Raises:
            Abandoned: The caller left.
            ServiceError: DEADLINE_EXCEEDED `DECODE_TIMEOUT`.
        """
        if self._abandoned.is_set():
            raise Abandoned
        now_s = time.monotonic()
        if self._deadline_s is None:
            self._deadline_s = now_s + self._limit_s
        if now_s > self._deadline_s:
            raise ServiceError(
                grpc.StatusCode.DEADLINE_EXCEEDED,
                reasons.DECODE_TIMEOUT,
                f"Reading the file took longer than {self._limit_s:g} s.",
                metadata={"limit_s": f"{self._limit_s:g}"},
            )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock while the block runs."""
        start_s = time.monotonic()
        try:
            yield
        finally:
            if self._deadline_s is not None:
                self._deadline_s += time.monotonic() - start_s
