"""Serves the built web page, and puts security headers on everything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; frame-ancestors "
)
"""Of pages; who may frame one follows."""

EMBEDDED = "embed.html"
"""The one page that others may frame."""

ANSWER_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Of everything that is no page."""

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": ANSWER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

ASSETS = "assets"
"""Folder of files whose names change with their contents (Vite)."""


class Page(StaticFiles):
    """The files of the web page."""

    def __init__(self, *, directory: Path, embedders: Sequence[str]) -> None:
        super().__init__(directory=directory, html=True)
        self._embedded_path = str((directory / EMBEDDED).resolve())
        self._embedders = " ".join(embedders)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file with the headers of the page."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Content-Security-Policy"] = PAGE_POLICY + "'none'"
        if self._embedders and os.path.realpath(full_path) == self._embedded_path:
            response.headers["Content-Security-Policy"] = PAGE_POLICY + self._embedders
            # A page that isolates itself (COEP) frames only what does so, too, and agrees to it.
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        is_hashed = f"/{ASSETS}/" in str(full_path).replace("\\", "/")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        )
        return response


class SecurityHeadersMiddleware:
    """Adds the headers that a response does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
