"""Puts the HTTP application together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from emotionmap_gateway.http import (
    edit_routes,
    export_routes,
    operations_routes,
    problems,
    reference,
    routes,
    timeline_routes,
)
from emotionmap_gateway.http.body_limit import BodyLimitMiddleware
from emotionmap_gateway.http.cross_origin import CrossOriginMiddleware
from emotionmap_gateway.http.page import Page, SecurityHeadersMiddleware
from emotionmap_gateway.http.tracing import TracingMiddleware
from emotionmap_gateway.http.tus import routes as tus_routes
from emotionmap_gateway.http.tus.middleware import TusMiddleware, is_tus
from emotionmap_gateway.monitoring import MonitoringMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emotionmap_gateway.http.dependencies import Parts


def create_app(
    parts: Parts, *, web_dir: Path | None, allowed_origins: Sequence[str] = ()
) -> FastAPI:
    """Return the application.

    Args:
        parts: What its routes work with.
        web_dir: Folder of the built web page, served at "/"; None serves none.
        allowed_origins: Origins of other hosts' pages that may use the API and embed the player.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.parts = parts
    for module in (
        routes,
        timeline_routes,
        edit_routes,
        export_routes,
        operations_routes,
        tus_routes,
    ):
        app.include_router(module.router)
    problems.install(app)
    reference.install(app)
    if web_dir is not None:
        # Last: it takes every path that is left.
        app.mount("/", Page(directory=web_dir, embedders=allowed_origins))
    app.add_middleware(TusMiddleware, max_bytes=parts.uploads.max_bytes)
    app.add_middleware(BodyLimitMiddleware, is_upload=_is_upload)
    if allowed_origins:
        app.add_middleware(CrossOriginMiddleware, origins=allowed_origins)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(MonitoringMiddleware, monitoring=parts.monitoring)
    app.add_middleware(TracingMiddleware)
    return app


def _is_upload(method: str, path: str) -> bool:
    """Tell whether a request bounds its body itself."""
    return (method, path) == ("POST", "/v1/analyses") or is_tus(path)
