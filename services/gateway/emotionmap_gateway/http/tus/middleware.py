"""Does what tus asks of every request and response, whatever route takes it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError
from starlette.datastructures import Headers, MutableHeaders

from emotionmap_gateway import reasons
from emotionmap_gateway.http.problems import response
from emotionmap_gateway.http.tus.headers import VERSION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/v1/uploads"


def is_tus(path: str) -> bool:
    """Tell whether a path is one of uploads."""
    return path == PATH or path.startswith(f"{PATH}/")


class TusMiddleware:
    """Tells versions apart, obeys X-HTTP-Method-Override, and names the version in each answer."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = str(max_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless its version is another."""
        if scope["type"] != "http" or not is_tus(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = headers.get("x-http-method-override", scope["method"]).upper()
        app: ASGIApp = self._app
        if method != "OPTIONS" and headers.get("tus-resumable") != VERSION:
            app = response(_version_unsupported())
        if method != scope["method"]:
            scope = {**scope, "method": method}
        await app(scope, receive, self._telling(send))

    def _telling(self, send: Send) -> Send:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Tus-Resumable"] = VERSION
                headers["Cache-Control"] = "no-store"
                if message["status"] == HTTPStatus.PRECONDITION_FAILED:
                    headers["Tus-Version"] = VERSION
                if message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                    headers["Tus-Max-Size"] = self._max_bytes
            await send(message)

        return tell


def _version_unsupported() -> ServiceError:
    return ServiceError(
        grpc.StatusCode.FAILED_PRECONDITION,
        reasons.TUS_VERSION_UNSUPPORTED,
        f"Uploads are taken in tus {VERSION}; the header Tus-Resumable must say so.",
        metadata={"versions": VERSION},
    )
