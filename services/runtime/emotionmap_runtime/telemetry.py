"""Logs and metrics of every service, set up the one way.

Logs are one JSON object a line on stdout: a constant message, values in `extra`. What
`call_context` holds (analysis_id, segment_id) stands on every line, and so do the ids of the trace;
see tracing.py.
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
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)

from emotionmap_runtime.tracing import current_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

CONTEXT_KEYS = ("analysis_id", "segment_id")
"""Metadata keys that travel with a call, appear on every log line and are passed on."""

call_context: ContextVar[Mapping[str, str]] = ContextVar(
    "call_context",
    default=MappingProxyType({}),
)

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128)
REJECTED, CANCELED, BACKEND = INFERENCE_FAILURES = ("REJECTED", "CANCELED", "BACKEND")
"""Why an item was not scored; words of Triton."""


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
            **current_ids(),
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
    """The metrics of one server, in a registry of their own.

    Those of models are Triton's: an item (a face, a stretch of speech) waits in the queue, then is
    computed in a batch; what did not come to a result is counted by why.
    """

    registry: CollectorRegistry
    requests: Counter
    request_failures: Counter
    request_seconds: Histogram
    requests_in_flight: Gauge
    queue_depth: Gauge
    queue_seconds: Histogram
    batch_size: Histogram
    inference_seconds: Histogram
    inference_successes: Counter
    inference_failures: Counter
    model_loaded: Gauge

    @classmethod
    def create(cls) -> Metrics:
        """Make a fresh set."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        return cls(registry=registry, **_of_calls(registry), **_of_models(registry))

    def serve(self, *, host: str, port: int) -> AbstractContextManager[None]:
        """Answer Prometheus over HTTP until the block ends; port 0 switches it off."""
        return _serving_metrics(self.registry, host=host, port=port)


def _of_calls(registry: CollectorRegistry) -> dict[str, Any]:
    rpc = ("method", "code")
    return {
        "requests": Counter("em_requests", "RPCs ended, by code.", rpc, registry=registry),
        "request_failures": Counter(
            "em_request_failures",
            "RPCs that did not succeed, by reason.",
            ("method", "reason"),
            registry=registry,
        ),
        "request_seconds": Histogram(
            "em_request_duration_seconds",
            "Time from first to last byte of an RPC.",
            ("method",),
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        ),
        "requests_in_flight": Gauge(
            "em_requests_in_flight", "RPCs being worked on.", ("method",), registry=registry
        ),
    }


def _of_models(registry: CollectorRegistry) -> dict[str, Any]:
    successes = Counter("em_inference_successes", "Items that were scored.", registry=registry)
    failures = Counter(
        "em_inference_failures",
        "Items that were not scored: REJECTED (queue full), CANCELED (caller gone), BACKEND.",
        ("reason",),
        registry=registry,
    )
    for reason in INFERENCE_FAILURES:
        failures.labels(reason)  # there from the start, so that a first one is seen as a rise
    return {
        "queue_depth": Gauge("em_queue_depth", "Items waiting for the model.", registry=registry),
        "queue_seconds": Histogram(
            "em_queue_duration_seconds",
            "Time an item waited for the model and for company.",
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        ),
        "batch_size": Histogram(
            "em_batch_size", "Items in a batch.", buckets=BATCH_BUCKETS, registry=registry
        ),
        "inference_seconds": Histogram(
            "em_inference_duration_seconds",
            "Time the model took for a batch.",
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        ),
        "inference_successes": successes,
        "inference_failures": failures,
        "model_loaded": Gauge(
            "em_model_loaded", "1 once the model has answered.", registry=registry
        ),
    }


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
