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
    generate_latest,
)

from emotionmap_gateway.storage.database import now_us

if TYPE_CHECKING:
    from emotionmap_runtime.telemetry import Metrics
    from prometheus_client import CollectorRegistry
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from emotionmap_gateway.storage.analysis_store import AnalysisStore
    from emotionmap_gateway.storage.backlog import Backlog

NO_ROUTE = "none"
"""Route of requests that no route takes: their paths are the clients', and without number."""


class Monitoring:
    """The metrics of the gateway."""

    def __init__(self, metrics: Metrics, store: AnalysisStore) -> None:
        self._registry = metrics.registry
        self._store = store
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
        self.in_flight = Gauge(
            "em_http_requests_in_flight",
            "HTTP requests being answered, streams of events among them.",
            registry=self._registry,
        )
        self.upload_bytes = Counter(
            "em_upload_bytes", "Bytes of videos received over HTTP.", registry=self._registry
        )
        self._backlog = _BacklogGauges(self._registry)

    async def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        self._backlog.show(await self._store.backlog())
        return generate_latest(self._registry)


class _BacklogGauges:
    """What is open. Gateways that share a database all say the same: take the largest, no sum."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(name, text, labels, registry=registry)

        self._analyses = gauge(
            "em_open_analyses", "Analyses that are not finished, by state.", "state"
        )
        self._exports = gauge(
            "em_open_exports", "Exports that are not finished, by state.", "state"
        )
        self._age = gauge(
            "em_oldest_analysis_age_seconds",
            "How long the analysis is in a state that is in it for longest; 0 without one.",
            "state",
        )
        self._segments = gauge(
            "em_open_segments", "Segments to be worked on, of analyses that are not finished."
        )

    def show(self, backlog: Backlog) -> None:
        now = now_us()
        for state, word in _OPEN.items():
            self._analyses.labels(word).set(backlog.analyses[state])
            self._exports.labels(word).set(backlog.exports[state])
            oldest_us = backlog.oldest_us.get(state, now)
            self._age.labels(word).set(max(0, now - oldest_us) / 1e6)
        self._segments.set(backlog.segments)


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
        path = scope["path"]
        is_upload = path == "/v1/analyses" or path.startswith("/v1/uploads")

        async def counted() -> Message:
            message = await receive()
            self._monitoring.upload_bytes.inc(len(message.get("body", b"")))
            return message

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        start_s = time.monotonic()
        self._monitoring.in_flight.inc()
        try:
            await self._app(scope, counted if is_upload else receive, observed)
        finally:
            self._monitoring.in_flight.dec()
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._monitoring.requests.labels(method, route, status).inc()
            seconds = time.monotonic() - start_s
            self._monitoring.request_seconds.labels(method, route).observe(seconds)


_OPEN = {pb.JOB_STATE_QUEUED: "queued", pb.JOB_STATE_RUNNING: "running"}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
