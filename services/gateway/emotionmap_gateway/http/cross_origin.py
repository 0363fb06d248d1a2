"""Lets pages of allowed origins use the API and embed the player; nobody else's.

An origin that is allowed may read every answer. Cookies are never taken: there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")

REQUEST_HEADERS = (
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Range",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-HTTP-Method-Override",
    # Sent by tus clients that are told to number their requests.
    "X-Request-ID",
)

RESPONSE_HEADERS = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "ETag",
    "Location",
    "Retry-After",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
)

MAX_AGE_S = 7200
"""How long a browser may remember that it may ask; Chromium remembers no longer."""


class CrossOriginMiddleware:
    """Adds the headers of CORS, and the one that lets a page that isolates itself use an answer."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)
        self._cors = CORSMiddleware(
            app,
            allow_origins=self._origins,
            allow_methods=METHODS,
            allow_headers=REQUEST_HEADERS,
            allow_private_network=True,
            expose_headers=RESPONSE_HEADERS,
            max_age=MAX_AGE_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        is_allowed = scope["type"] == "http" and Headers(scope=scope).get("origin") in self._origins

        async def with_resource_policy(message: Message) -> None:
            if is_allowed and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        await self._cors(scope, receive, with_resource_policy)
