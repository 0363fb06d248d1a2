"""Counts the calls of a server: refuses more than it can work on, and tells when none come."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc

from emotionmap_runtime.errors import QUEUE_FULL, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INFRASTRUCTURE = "/grpc."
"""Health and reflection: asked for every few seconds, or watched for ever."""

WATCH = "/grpc.health.v1.Health/Watch"

RETRY_AFTER = timedelta(seconds=1)

QUIET_S = 1.0
"""A draining server that nobody called for so long will not be called again."""
QUIET_POLL_S = 0.05


@dataclass(slots=True)
class Admission:
    """What runs on one server. For one event loop.

    Attributes:
        limits: Most calls at once by full method name; others are not limited.
        last_begun_s: When the last call began, on time.monotonic(); those of the infrastructure
            do not count.
        watchers: Clients that are told at once that this server drains.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    last_begun_s: float = -float("inf")
    watchers: int = 0
    _running: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def admitted(self, method: str) -> Iterator[None]:
        """Count a call while it runs.

        Refused before any work is done: a call that is refused in its middle has cost its work,
        and one that is taken beyond the limit makes every other one slower.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `QUEUE_FULL` with a time to retry after.
        """
        if not method.startswith(INFRASTRUCTURE):
            self.last_begun_s = time.monotonic()
        if self._running.get(method, 0) >= self.limits.get(method, float("inf")):
            raise ServiceError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                QUEUE_FULL,
                "The server has too much to do; try again soon.",
                retry_after=RETRY_AFTER,
            )
        self._running[method] = self._running.get(method, 0) + 1
        self.watchers += method == WATCH
        try:
            yield
        finally:
            self._running[method] -= 1
            self.watchers -= method == WATCH

    async def until_quiet(self, until_s: float) -> None:
        """Return once nobody who balances will call any more, or at `until_s`."""
        since_s = time.monotonic()
        while self.watchers and (now_s := time.monotonic()) < until_s:
            if now_s - max(since_s, self.last_begun_s) >= QUIET_S:
                return
            await asyncio.sleep(QUIET_POLL_S)
