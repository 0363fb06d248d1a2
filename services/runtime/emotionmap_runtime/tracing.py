"""Traces with OpenTelemetry: one per analysis, across HTTP, gRPC and jobs that are resumed.

Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` says where spans are to go; the variables are those of
OpenTelemetry itself (sampler, headers, resource). While it is off the SDK is not even imported, but
the trace of a caller is kept, logged and passed on all the same.

Spans carry ids, counts and reasons; never names of files, titles or texts of errors.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from contextlib import contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from opentelemetry import context, trace
from opentelemetry.trace import NoOpTracer, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from emotionmap_runtime.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

TRACEPARENT = "traceparent"
"""Header and metadata key of W3C Trace Context."""

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
LAST_EXPORT_S = 3.0
"""How long the end of a process waits for its last spans to be taken."""

_W3C = TraceContextTextMapPropagator()


class TracingError(Exception):
    """Traces are asked for, but cannot be sent."""


class _Recorder:
    """What spans of this process are made with."""

    tracer: Tracer = NoOpTracer()


@contextmanager
def recording(provider: TracerProvider) -> Iterator[None]:
    """Record the spans of this process with a provider until the block ends, then shut it down."""
    before, _Recorder.tracer = _Recorder.tracer, provider.get_tracer("emotionmap")
    try:
        yield
    finally:
        _Recorder.tracer = before
        # On a thread: where nobody takes the last spans, this would last a dozen seconds.
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(LAST_EXPORT_S)


@contextmanager
def exporting(service: str) -> Iterator[None]:
    """Send the spans of this process to where the environment says, if it does, until the end.

    Args:
        service: Name of the service in traces, unless the environment gives another.

    Raises:
        TracingError: The packages are missing, or another protocol than gRPC is asked for.
    """
    environment = os.environ
    is_disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if is_disabled or not any(environment.get(name) for name in ENDPOINTS):
        yield
        return
    protocol = next((environment[name] for name in PROTOCOLS if environment.get(name)), "grpc")
    if protocol != "grpc":
        raise TracingError(f"traces are sent by OTLP over grpc, not over {protocol}")
    with recording(_exporting_provider(service)):
        yield


def _exporting_provider(service: str) -> TracerProvider:
    # Imported here: they cost a third of a second and 4 MB, for those alone who want them.
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise TracingError(f"traces are asked for, but {error.name} is not installed") from None
    # The sampler is that of OTEL_TRACES_SAMPLER; unset, it is "parentbased_always_on".
    provider = TracerProvider(resource=_resource(service), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _resource(service: str) -> Any:
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415

    try:
        release = version(f"emotionmap-{service}")
    except PackageNotFoundError:
        release = "unknown"
    host = socket.gethostname()  # of a pod: its name
    ours = Resource.create(
        {
            "service.namespace": "emotionmap",
            "service.name": service,
            "service.version": release,
            "service.instance.id": f"{host}-{os.getpid()}",
            "host.name": host,
        }
    )
    return ours.merge(OTELResourceDetector().detect())  # what the environment says goes before


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, str | int] | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Iterator[Span]:
    """Give a span that is the current one until the block ends.

    An error is told by its reason alone; a block that is cancelled is no error.
    """
    with _Recorder.tracer.start_as_current_span(
        name,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except (asyncio.CancelledError, GeneratorExit):
            current.set_attribute("emotionmap.cancelled", True)  # noqa: FBT003 - a value
            raise
        except BaseException as error:
            reason = error.reason if isinstance(error, ServiceError) else type(error).__name__
            failed(current, reason)
            raise


def failed(current: Span, reason: str) -> None:
    """Mark a span as failed."""
    current.set_status(Status(StatusCode.ERROR, reason))
    current.set_attribute("error.type", reason)


@contextmanager
def continuing(traceparent: str) -> Iterator[None]:
    """Make what happens in the block part of a trace; of a new one if that is empty or broken."""
    token = context.attach(_parent({TRACEPARENT: traceparent}))
    try:
        yield
    finally:
        context.detach(token)


def current_traceparent() -> str:
    """Return where the current trace is to be continued; "" if there is no trace."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(TRACEPARENT, "")


def current_ids() -> Mapping[str, str]:
    """Return the ids of the current trace and span, as log lines carry them; empty without."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"}


def start_server_span(
    name: str, metadata: Mapping[str, str], attributes: Mapping[str, str]
) -> Span:
    """Begin the span of a call that came in, and make it the current one of this task for good.

    Never taken back: a call has a task of its own, and where its handler is a generator, its end
    may be run in another context, where what was attached here cannot be detached.
    """
    parent = _parent(metadata)
    started = _Recorder.tracer.start_span(
        name, context=parent, kind=SpanKind.SERVER, attributes=attributes
    )
    context.attach(trace.set_span_in_context(started, parent))
    return started


def start_call(name: str, method: Any, *request: Any, metadata: Any, timeout: float) -> Any:
    """Begin a call of grpc.aio with a span of its own, which ends when the call does.

    No interceptor: those give calls of another type, whose writes and status are not the same.

    Args:
        name: Of the span.
        method: What makes the call, of a stub.
        *request: Its request, if that is not a stream.
        metadata: Pairs to send, without the trace.
        timeout: Its deadline in seconds.
    """
    started = _Recorder.tracer.start_span(name, kind=SpanKind.CLIENT)
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, context=trace.set_span_in_context(started))
    kept = tuple(pair for pair in metadata if pair[0] != TRACEPARENT)
    call = method(*request, metadata=(*kept, *carrier.items()), timeout=timeout)
    if started.is_recording():
        call.add_done_callback(partial(_end_call, started))
    return call


def _end_call(started: Span, call: Any) -> None:
    if call.cancelled():
        started.set_attribute("emotionmap.cancelled", True)  # noqa: FBT003 - a value
    else:
        code = _result(call.code())
        started.set_attribute("rpc.grpc.status_code", code.value[0])
        if code.value[0]:
            failed(started, code.name)
    started.end()


def _result(finished: Any) -> Any:
    """Return what a coroutine gives that has nothing to wait for, as of a call that has ended."""
    try:
        finished.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("the call has not ended")


def _parent(carrier: Mapping[str, str]) -> Context:
    return _W3C.extract(carrier, context=context.Context())
