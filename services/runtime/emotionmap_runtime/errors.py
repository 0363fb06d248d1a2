"""One error type and one table for every service.

Raise ServiceError anywhere below a servicer; nothing else crosses the wire.

* gRPC: the error interceptor turns it into google.rpc.Status with ErrorInfo (and RetryInfo).
* HTTP: the gateway turns the same fields into application/problem+json (RFC 9457).
* A client turns a received google.rpc.Status back with `from_rpc_error`.

Codes and their HTTP mapping follow google/rpc/code.proto.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN = "emotionmap"

QUEUE_FULL = "QUEUE_FULL"
"""Reason of a server that has too much to do, for now."""

HTTP_STATUS: Mapping[grpc.StatusCode, int] = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
}


class ServiceError(Exception):
    """A failure the caller can act on.

    Args:
        code: What the caller should do about it.
        reason: UPPER_SNAKE_CASE, stable; what code branches on.
        message: One English sentence; what a person reads.
        metadata: Every dynamic value that appears in `message`.
        retry_after: Least wait before a retry can succeed, if one can.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after

    def to_status(self) -> status_pb2.Status:
        """Return the google.rpc.Status that carries this error."""
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        info = error_details_pb2.ErrorInfo(
            reason=self.reason, domain=DOMAIN, metadata=self.metadata
        )
        status.details.add().Pack(info)
        if self.retry_after is not None:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.FromTimedelta(self.retry_after)
            status.details.add().Pack(retry)
        return status


def from_rpc_error(error: grpc.aio.AioRpcError) -> ServiceError:
    """Return the error that a server of ours raised, as seen by its client.

    A failure without our details (a dead server, a passed deadline) gets the code's own name as
    reason, or SERVICE_UNAVAILABLE where nothing answered.
    """
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    retry_after: timedelta | None = None
    try:
        # The types of grpc_status know only the synchronous call; it reads the same attributes.
        status = rpc_status.from_call(error)  # type: ignore[arg-type]
    except ValueError:  # the call ended here (a deadline, say) just as the server's status came
        status = None
    for detail in status.details if status is not None else ():
        detail.Unpack(info)
        if detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta()
    if info.reason:
        message = error.details() or ""
        metadata = dict(info.metadata)
        return ServiceError(
            error.code(), info.reason, message, metadata=metadata, retry_after=retry_after
        )
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        message = "A service behind this one cannot be reached; try again soon."
        return ServiceError(
            error.code(), "SERVICE_UNAVAILABLE", message, retry_after=timedelta(seconds=2)
        )
    return ServiceError(error.code(), error.code().name, f"A call ended: {error.code().name}.")
