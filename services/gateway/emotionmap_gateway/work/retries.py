"""Does work that needs other services again while that makes sense."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway.work.failures import cause_of, ended, is_absence, is_breakdown, is_busy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0

Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long work is tried.

    `absence_s` bounds the time in which a service is away, `attempts` the tries that a service
    fails at. One that is busy, and says when to come again, is waited for as long as it takes:
    that is a queue, and a job that fails in it has to be sent again, to the end of it.
    """

    absence_s: float
    attempts: int


async def retried(work: Callable[[], Awaitable[Result]], patience: Patience) -> Result:
    """Return the result of `work`, tried again while a service behind it is away.

    Raises:
        ServiceError: What the last try came to.
    """
    breakdowns, pause_s = 0, FIRST_PAUSE_S
    absent_since_s: float | None = None
    while True:
        try:
            return await work()
        except (
            asyncio.CancelledError,
            ExceptionGroup,
            grpc.aio.AioRpcError,
            ServiceError,
            asyncio.InvalidStateError,
        ) as error:
            cause = _cause(error)
            if cause is None:
                raise
        now_s = time.monotonic()
        if is_busy(cause):
            absent_since_s, may_retry = None, True
        elif is_absence(cause):
            absent_since_s = absent_since_s or now_s
            may_retry = now_s - absent_since_s < patience.absence_s
        else:
            breakdowns += 1
            may_retry = is_breakdown(cause) and breakdowns < patience.attempts
        if not may_retry:
            raise cause
        log.warning("trying again", extra={"reason": cause.reason, "pause_s": pause_s})
        # Spread, so that many jobs do not fall on a service at once when it is back.
        wished_s = cause.retry_after.total_seconds() if cause.retry_after else 0.0
        await asyncio.sleep(max(wished_s, pause_s) * random.uniform(0.5, 1))  # noqa: S311
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _cause(error: BaseException) -> ServiceError | None:
    """Return what an error of calls comes to; None if it is another, or this task is to end."""
    if not isinstance(error, asyncio.CancelledError):
        return cause_of(error)
    task = asyncio.current_task()
    is_to_end = task is None or task.cancelling() > 0
    # Else it is how grpc.aio tells of a call that a server cancels as it stops.
    return None if is_to_end else ended()
