"""Counts HTTP requests and jobs, and writes all metrics of this process for Prometheus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap_runtime.telemetry import LATENCY_BUCKETS_S
from prometheus_client import (
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

if TYPE_CHECKING:
    from emotionmap_runtime.telemetry import Metrics
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from emotionmap_gateway.storage.analysis_store import AnalysisStore

NO_ROUTE = "none"
"""Route of requests that no route takes: their paths are the clients', and without number."""


class Monitoring:
    """The metrics of the gateway."""

    def __init__(self, metrics: Metrics, store: AnalysisStore) -> None:
        self._registry = metrics.registry
        self._store = store
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.requests = Counter(
            "em_http_requests",
            "HTTP requests ended, by status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self.request_seconds = Histogram(
            "em_http_request_duration_seconds",
            "Time from request to the end of the response.",
            ("method", "route"),
            buckets=LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self._open = Gauge(
            "em_open_analyses",
            "Analyses that are not finished, by state.",
            ("state",),
            registry=self._registry,
        )

    async def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        counts = await self._store.count_open()
        self._open.labels("queued").set(counts[pb.JOB_STATE_QUEUED])
        self._open.labels("running").set(counts[pb.JOB_STATE_RUNNING])
        return generate_latest(self._registry)


class MonitoringMiddleware:
    """Counts requests."""

    def __init__(self, app: ASGIApp, monitoring: Monitoring) -> None:
        self._app = app
        self._monitoring = monitoring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = "none"

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        start_s = time.monotonic()
        try:
            await self._app(scope, receive, observed)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._monitoring.requests.labels(method, route, status).inc()
            seconds = time.monotonic() - start_s
            self._monitoring.request_seconds.labels(method, route).observe(seconds)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
