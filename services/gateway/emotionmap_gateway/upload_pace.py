"""Ends uploads that come too slowly, so that slow clients cannot hold the gateway's connections."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How slow an upload may be: no pause over `idle_s`, `min_bytes` in each `window_s`."""

    idle_s: float
    window_s: float
    min_bytes: int


class UploadPace:
    """The pace of one upload."""

    def __init__(self, limits: UploadLimits, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock_s = clock_s
        self._window_start_s = clock_s()
        self._window_bytes = 0

    async def wait(self, receiving: Awaitable[Result]) -> Result:
        """Return what is received next.

        Raises:
            ServiceError: DEADLINE_EXCEEDED `UPLOAD_TOO_SLOW`: nothing came for `idle_s`.
        """
        try:
            # Not wait_for: it can swallow a cancellation, and then a broken upload looks complete.
            async with asyncio.timeout(self._limits.idle_s):
                return await receiving
        except TimeoutError:
            raise _too_slow() from None

    def count(self, size_bytes: int) -> None:
        """Note that bytes came.

        Raises:
            ServiceError: DEADLINE_EXCEEDED `UPLOAD_TOO_SLOW`: too few came in the last window.
        """
        self._window_bytes += size_bytes
        now_s = self._clock_s()
        if now_s - self._window_start_s < self._limits.window_s:
            return
        if self._window_bytes < self._limits.min_bytes:
            raise _too_slow()
        self._window_start_s, self._window_bytes = now_s, 0


def _too_slow() -> ServiceError:
    return ServiceError(
        grpc.StatusCode.DEADLINE_EXCEEDED,
        reasons.UPLOAD_TOO_SLOW,
        "The upload came too slowly; try again.",
    )
