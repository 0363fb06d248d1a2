"""Makes each HTTP request a span, in the trace of its client if that sent one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotionmap_runtime.tracing import TRACEPARENT, continuing, failed, span
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers

if TYPE_CHECKING:
    from opentelemetry.trace import Span
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNTRACED = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked for every few seconds by what watches."""
SERVER_ERROR = 500


class TracingMiddleware:
    """Traces requests. A path is told by its route alone: in it may stand a client's secret."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        attributes = {"http.request.method": method}
        with (
            continuing(Headers(scope=scope).get(TRACEPARENT, "")),
            span(method, attributes, kind=SpanKind.SERVER) as current,
        ):
            try:
                await self._app(scope, receive, _observed(send, current))
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    current.update_name(f"{method} {route}")
                    current.set_attribute("http.route", route)


def _observed(send: Send, current: Span) -> Send:
    async def observed(message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            current.set_attribute("http.response.status_code", status)
            if status >= SERVER_ERROR:
                failed(current, str(status))
        await send(message)

    return observed
