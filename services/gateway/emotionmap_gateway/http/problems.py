"""Turns every error into application/problem+json (RFC 9457) with the fields of ServiceError."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap_runtime.errors import HTTP_STATUS, ServiceError, from_rpc_error
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from emotionmap_gateway import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

TYPE_PREFIX = "https://emotionmap.dev/problems/"
MEDIA_TYPE = "application/problem+json"

REASON_STATUS: Mapping[str, int] = {
    "MEDIA_TOO_LARGE": 413,
    "MEDIA_TOO_LONG": 413,
    reasons.CONTENT_TYPE_UNSUPPORTED: 415,
    reasons.CORRECTIONS_FULL: 507,
    reasons.METHOD_NOT_ALLOWED: 405,
    reasons.RANGE_NOT_SATISFIABLE: 416,
    reasons.REQUEST_TOO_LARGE: 413,
    reasons.STORAGE_FULL: 507,
    reasons.TUS_VERSION_UNSUPPORTED: 412,
    reasons.UPLOAD_BUSY: 423,
    reasons.UPLOAD_CHECKSUM_MISMATCH: 460,
    reasons.UPLOAD_EXPIRED: 410,
    reasons.UPLOAD_TOO_LONG: 413,
    reasons.UPLOAD_TOO_SLOW: 408,
}
"""Statuses that HTTP tells apart and google.rpc.Code does not."""

log = logging.getLogger(__name__)


REQUEST_TIMEOUT = 408


def status_of(error: ServiceError) -> int:
    """Return the HTTP status of an error."""
    return REASON_STATUS.get(error.reason, HTTP_STATUS[error.code])


def problem(error: ServiceError) -> dict[str, Any]:
    """Return the body that tells a client of an error."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + error.reason.lower().replace("_", "-"),
        "title": error.reason.replace("_", " ").capitalize(),
        "status": status_of(error),
        "detail": error.message,
        "reason": error.reason,
        "metadata": error.metadata,
    }
    if error.retry_after is not None:
        body["retry_after_s"] = error.retry_after.total_seconds()
    return body


def response(error: ServiceError, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer that tells a client of an error."""
    fields = dict(headers or {})
    fields["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        fields["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    body = problem(error)
    if body["status"] == REQUEST_TIMEOUT:
        fields["Connection"] = "close"  # the rest of a stalled request is not waited for
    return JSONResponse(body, status_code=body["status"], headers=fields, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of an app with a problem."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(grpc.aio.AioRpcError, _on_rpc_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unhandled)


async def _on_service_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    return response(error)


async def _on_rpc_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, grpc.aio.AioRpcError)
    return response(from_rpc_error(error))


async def _on_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    # The first element tells where it stood (body, query); the input itself is not repeated.
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return response(
        ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.REQUEST_INVALID,
            f"{where}: {first['msg']}.",
            metadata={"field": where},
        )
    )


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {
        404: (grpc.StatusCode.NOT_FOUND, reasons.ROUTE_NOT_FOUND, "There is nothing here."),
        405: (
            grpc.StatusCode.UNIMPLEMENTED,
            reasons.METHOD_NOT_ALLOWED,
            "This address does not take that method.",
        ),
    }
    invalid = (
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.REQUEST_INVALID,
        "The request cannot be read.",
    )
    return response(
        ServiceError(*codes.get(error.status_code, invalid)), headers=error.headers or {}
    )


async def _on_unhandled(request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled error", exc_info=error, extra={"http_method": request.method})
    return response(
        ServiceError(grpc.StatusCode.INTERNAL, reasons.INTERNAL, "Internal error; see the log.")
    )
