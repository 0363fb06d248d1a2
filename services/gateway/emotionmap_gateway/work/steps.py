"""What a job needs to be durable, without saying by what it is made so; see jobs.py."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError
from google.protobuf import json_format

from emotionmap_gateway import reasons
from emotionmap_gateway.work.failures import cause_of, to_failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FRUITLESS_STARTS = 5
"""Starts of a job without a result after which it is given up: it ends the process."""

log = logging.getLogger(__name__)


class Step(Protocol):
    """A place in a job at which one result is kept; a job that is resumed gets it back."""

    async def run(self, work: Callable[..., Awaitable[str]], *args: Any) -> str:
        """Return the kept result, or that of `work(*args)`, which is then kept.

        Raises:
            UnwantedError: Another run has taken over.
        """


class Steps(Protocol):
    """Gives steps. A job must ask for the same ones in the same order each time it is run."""

    def next(self, name: str) -> Step:
        """Return the next step."""


class JobFailedError(Exception):
    """Ends a job; the failure is what people are told."""

    def __init__(self, failure: pb.Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class UnwantedError(Exception):
    """Ends a job whose work no longer counts: it was stopped or deleted, or another run does it."""


def is_unwanted(error: BaseException) -> bool:
    """Tell whether a job ended because its work no longer counts."""
    if isinstance(error, BaseExceptionGroup):
        return any(is_unwanted(inner) for inner in error.exceptions)
    return isinstance(error, UnwantedError)


def failure_of(error: Exception) -> pb.Failure:
    """Return what people are told of an error; one that is not typed is logged."""
    cause = cause_of(error)
    if cause is None:
        log.error("unhandled error in a job", exc_info=error)
        cause = ServiceError(
            grpc.StatusCode.INTERNAL, reasons.INTERNAL, "Internal error; see the log."
        )
    return to_failure(cause)


def kept_failure(error: Exception) -> str:
    """Return an error as the result of a step. The result of one that succeeded is empty."""
    return json_format.MessageToJson(failure_of(error))


def check(result: str) -> None:
    """Raise what a step failed with.

    Raises:
        JobFailedError: It failed.
    """
    if result:
        raise JobFailedError(json_format.Parse(result, pb.Failure()))


def check_starts(fruitless_starts: int) -> None:
    """Give up a job that has ended the process again and again.

    Raises:
        JobFailedError: It has, more often than `FRUITLESS_STARTS`.
    """
    if fruitless_starts > FRUITLESS_STARTS:
        message = "The work on it ended again and again before anything was finished."
        raise JobFailedError(
            pb.Failure(
                reason=reasons.JOB_CRASHED,
                message=message,
                code=grpc.StatusCode.INTERNAL.value[0],
            )
        )


def first_failure(error: BaseException) -> pb.Failure | None:
    """Return the failure that a job ended with, None if something else ended it."""
    if isinstance(error, JobFailedError):
        return error.failure
    if isinstance(error, BaseExceptionGroup):
        found = [first_failure(inner) for inner in error.exceptions]
        return found[0] if all(found) else None
    return None
