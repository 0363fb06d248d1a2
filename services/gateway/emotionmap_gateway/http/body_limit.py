"""Bounds the bodies of requests that are no uploads: how long they are and how long they take."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError
from starlette.datastructures import Headers

from emotionmap_gateway import reasons
from emotionmap_gateway.http.problems import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024
RECEIVE_S = 10.0
"""Longest time that a body takes."""


class BodyLimitMiddleware:
    """Refuses bodies that are too long, and cuts off those that turn out to be or take too long."""

    def __init__(self, app: ASGIApp, *, is_upload: Callable[[str, str], bool]) -> None:
        self._app = app
        self._is_upload = is_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; `is_upload` tells methods and paths that bound themselves."""
        if scope["type"] != "http" or self._is_upload(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if int(length) > MAX_BODY_BYTES:
            await response(too_large())(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)


def _bounded(receive: Receive) -> Receive:
    """Return a `receive` that gives the rest of a body up as if the client had gone."""
    received_bytes = 0
    is_complete = False
    deadline_s = asyncio.get_running_loop().time() + RECEIVE_S

    async def bounded() -> Message:
        nonlocal received_bytes, is_complete
        if is_complete:  # only the end of the connection is still to come
            return await receive()
        try:
            async with asyncio.timeout_at(deadline_s):
                message = await receive()
        except TimeoutError:
            is_complete = True
            return {"type": "http.disconnect"}
        received_bytes += len(message.get("body", b""))
        is_complete = not message.get("more_body", False)
        if received_bytes > MAX_BODY_BYTES:
            is_complete = True
            return {"type": "http.disconnect"}
        return message

    return bounded


def too_large() -> ServiceError:
    """Return what says that a body is too long."""
    return ServiceError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        reasons.REQUEST_TOO_LARGE,
        f"The body of this request may have at most {MAX_BODY_BYTES} bytes.",
        metadata={"max_bytes": str(MAX_BODY_BYTES)},
    )
