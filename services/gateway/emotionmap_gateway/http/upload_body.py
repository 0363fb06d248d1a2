"""Reads the body of an upload as it comes, and holds it to a pace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.upload_pace import UploadPace

if TYPE_CHECKING:
    from starlette.requests import Request

    from emotionmap_gateway.upload_pace import UploadLimits

LINGER_S = 3.0
"""How long what a refused client still sends is read, so that it gets to see why."""


class UploadBody:
    """The body of a request, with a limit on how slowly it may come."""

    def __init__(self, request: Request, limits: UploadLimits) -> None:
        self._receive = request.receive
        self._pace = UploadPace(limits)
        self._is_over = False
        # A client that waits for leave to send has sent nothing: there is nothing to read away.
        self._awaits_leave = "expect" in request.headers

    async def read(self) -> bytes:
        """Return the next bytes; empty at the end."""
        while not self._is_over:
            message = await self._pace.wait(self._receive())
            self._awaits_leave = False
            self._is_over = not message.get("more_body", False)
            if message["type"] == "http.disconnect":
                raise ServiceError(
                    grpc.StatusCode.CANCELLED, reasons.UPLOAD_BROKEN, "The client went away."
                )
            chunk: bytes = message.get("body", b"")
            if not self._is_over:
                self._pace.count(len(chunk))
            if chunk:
                return chunk
        return b""

    async def linger(self) -> None:
        """Read away what still comes: a connection closed on unread bytes loses the answer."""
        if self._awaits_leave:
            return
        try:
            async with asyncio.timeout(LINGER_S):
                while not self._is_over:
                    message = await self._receive()
                    self._is_over = not message.get("more_body", False)
        except TimeoutError:
            return
