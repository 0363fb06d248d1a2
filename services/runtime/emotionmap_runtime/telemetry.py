"""Logs and metrics of every service, set up the one way.

Logs are one JSON object a line on stdout: a constant message, values in `extra`. What
`call_context` holds (analysis_id, segment_id, ...) stands on every line. Not for tracing back ends:
`traceparent` is only passed on.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

CONTEXT_KEYS = ("analysis_id", "segment_id", "traceparent")
"""Metadata keys that travel with a call, appear on every log line and are passed on."""

call_context: ContextVar[Mapping[str, str]] = ContextVar(
    "call_context",
    default=MappingProxyType({}),
)

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            **call_context.get(),
            **{k: v for k, v in record.__dict__.items() if k not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(service: str, *, level: str = "INFO") -> None:
    """Send every log record to stdout as JSON. Replaces handlers that were there before."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one server, in a registry of their own."""

    registry: CollectorRegistry
    requests: Counter
    request_seconds: Histogram
    queue_depth: Gauge
    batch_size: Histogram
    inference_seconds: Histogram
    model_loaded: Gauge

    @classmethod
    def create(cls) -> Metrics:
        """Make a fresh set."""
        registry = CollectorRegistry()
        rpc = ("method", "code")
        return cls(
            registry=registry,
            requests=Counter("em_requests", "RPCs ended, by code.", rpc, registry=registry),
            request_seconds=Histogram(
                "em_request_duration_seconds",
                "Time from first to last byte of an RPC.",
                ("method",),
                buckets=LATENCY_BUCKETS_S,
                registry=registry,
            ),
            queue_depth=Gauge("em_queue_depth", "Items waiting for the model.", registry=registry),
            batch_size=Histogram(
                "em_batch_size", "Items in a batch.", buckets=BATCH_BUCKETS, registry=registry
            ),
            inference_seconds=Histogram(
                "em_inference_duration_seconds",
                "Time the model took for a batch.",
                buckets=LATENCY_BUCKETS_S,
                registry=registry,
            ),
            model_loaded=Gauge(
                "em_model_loaded", "1 once the model has answered.", registry=registry
            ),
        )

    def serve(self, *, host: str, port: int) -> AbstractContextManager[None]:
        """Answer Prometheus over HTTP until the block ends; port 0 switches it off."""
        return _serving_metrics(self.registry, host=host, port=port)


@contextmanager
def _serving_metrics(registry: CollectorRegistry, *, host: str, port: int) -> Iterator[None]:
    if port == 0:
        yield
        return
    server, thread = start_http_server(port, addr=host, registry=registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
