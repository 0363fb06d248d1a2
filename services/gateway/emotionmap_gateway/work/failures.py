"""Judges errors of other services: what is worth another try, and what people are told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.errors import ServiceError, from_rpc_error

from emotionmap_gateway import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable

_AWAY = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.ABORTED})
_OF_CALLS = (grpc.aio.AioRpcError, ServiceError, asyncio.InvalidStateError)
_BROKEN = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS})


def is_absence(error: ServiceError) -> bool:
    """Tell whether a service was away or busy: waiting costs nothing but time."""
    if error.code in _AWAY or is_busy(error):
        return True
    if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # Without a time to wait for, what is exhausted is a limit on the input.
        return error.reason == error.code.name
    return error.code is grpc.StatusCode.DEADLINE_EXCEEDED and error.reason == error.code.name


def is_busy(error: ServiceError) -> bool:
    """Tell whether a service is there, has too much to do, and says when to try again."""
    return error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_after is not None


def is_breakdown(error: ServiceError) -> bool:
    """Tell whether a service failed at its work: another try may help, but not for ever."""
    return error.code in _BROKEN or error.code is grpc.StatusCode.DEADLINE_EXCEEDED


def to_failure(error: ServiceError) -> pb.Failure:
    """Return why a job failed."""
    return pb.Failure(reason=error.reason, message=error.message, code=error.code.value[0])


def cause_of(error: BaseException) -> ServiceError | None:
    """Return the first cause of an error of a call or of several that depend on each other.

    Calls that end because another one did end with CANCELLED or with InvalidStateError; they are
    the cause only if there is no other. None if it is no error of a call.
    """
    leaves = list(_leaves(error))
    if not all(isinstance(leaf, _OF_CALLS) for leaf in leaves):
        return None
    causes = [cause for leaf in leaves if (cause := _cause(leaf)) is not None]
    causes.sort(key=lambda cause: cause.code is grpc.StatusCode.CANCELLED)
    return causes[0] if causes else ended()


def _cause(error: BaseException) -> ServiceError | None:
    """Return what an error of one call says, None if it says no more than that it has ended."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, grpc.aio.AioRpcError):
        return from_rpc_error(error)
    return None


def _leaves(error: BaseException) -> Iterable[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def ended() -> ServiceError:
    """Return what a call that has ended, without saying why, comes to."""
    return ServiceError(
        grpc.StatusCode.UNAVAILABLE,
        reasons.SERVICE_UNAVAILABLE,
        "A service behind this one ended a call; try again soon.",
    )
