"""Puts the HTTP application together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from emotionmap_gateway.http import export_routes, operations_routes, problems, reference, routes
from emotionmap_gateway.http.body_limit import BodyLimitMiddleware
from emotionmap_gateway.http.page import Page, SecurityHeadersMiddleware
from emotionmap_gateway.monitoring import MonitoringMiddleware

if TYPE_CHECKING:
    from pathlib import Path

    from emotionmap_gateway.http.dependencies import Parts


UPLOADS = frozenset({("POST", "/v1/analyses")})
"""Requests whose bodies are bounded by uploads.py."""


def create_app(parts: Parts, *, web_dir: Path | None) -> FastAPI:
    """Return the application.

    Args:
        parts: What its routes work with.
        web_dir: Folder of the built web page, served at "/"; None serves none.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.parts = parts
    for router in (routes.router, export_routes.router, operations_routes.router):
        app.include_router(router)
    problems.install(app)
    reference.install(app)
    if web_dir is not None:
        # Last: it takes every path that is left.
        app.mount("/", Page(directory=web_dir, html=True))
    app.add_middleware(BodyLimitMiddleware, uploads=UPLOADS)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(MonitoringMiddleware, monitoring=parts.monitoring)
    return app
