"""Starts a gRPC server the one way every EmotionMap service starts."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import signal
import time
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from inspect import isasyncgenfunction
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from emotionmap_runtime.admission import INFRASTRUCTURE, Admission
from emotionmap_runtime.errors import ServiceError, from_rpc_error
from emotionmap_runtime.telemetry import CONTEXT_KEYS, Metrics, call_context
from emotionmap_runtime.tracing import failed, start_server_span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from opentelemetry.trace import Span

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # not subscriptable at run time

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Receive limit of gRPC by default; streams keep each message well below it."""

FLOW_OPTIONS = (
    # Else gRPC's window grows with the bandwidth, which is without limit within a machine: whoever
    # is slower was sent tens of megabytes ahead, on each connection. 1 MiB is 1 GB/s at 1 ms.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 2**20),
)
"""Bytes of a stream that the other side may send before they are read."""

SERVER_OPTIONS = (
    *FLOW_OPTIONS,
    # Without this a second server on a taken port starts and silently shares its connections.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # A channel resolves names anew only when a connection ends, so new replicas would idle: with
    # this, a tenth more by chance and a second between two questions, for 34 s at most.
    # No grace is set: calls that run then end by their own deadlines, however long those are.
    ("grpc.max_connection_age_ms", 30_000),
    # At least as lenient as the clients' keepalive (channel.py), else they are sent away.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)

LAME_DUCK_S = 5.0
"""Longest time that a draining server goes on to take calls. Clients that watch its health stop
choosing it within milliseconds; without this, calls that were on their way are CANCELLED."""
LAME_DUCK_SHARE = 0.25
"""Share of the grace that this may take; the rest is for calls that run."""

MEMORY_EVERY_S = 15.0
"""Pause between two times that freed memory is given back: 0.3 ms each, in vain up to 60 ms."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Ending:
    """How a call ended; `reason` is empty where only a code is known."""

    reason: str = ""


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Gives each call its context and span, counts it, and ends it with the Status of its error."""

    def __init__(self, metrics: Metrics, admission: Admission) -> None:
        self._metrics = metrics
        self._admission = admission

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler of one RPC."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        for kind in ("unary_unary", "unary_stream", "stream_unary", "stream_stream"):
            behaviour = getattr(handler, kind)
            if behaviour is not None:
                # A streaming handler may also be a coroutine that calls context.write,
                # as grpc_health's Watch is: look at the function, not at the RPC kind.
                wrap = self._generator if isasyncgenfunction(behaviour) else self._coroutine
                make: Callable[..., Handler] = getattr(grpc, f"{kind}_rpc_method_handler")
                wrapped = wrap(behaviour, handler_call_details)
                return make(wrapped, handler.request_deserializer, handler.response_serializer)
        raise AssertionError(handler)

    def _coroutine(
        self, behaviour: Callable[..., Any], details: grpc.HandlerCallDetails
    ) -> Callable[..., Any]:
        async def guarded(request: Any, context: Context) -> Any:
            with self._observed(details, context) as ending:
                try:
                    with self._admission.admitted(details.method):
                        return await behaviour(request, context)
                except Exception as error:  # noqa: BLE001 - the boundary; logged or typed
                    await _abort(context, details.method, error, ending)

        return guarded

    def _generator(
        self, behaviour: Callable[..., Any], details: grpc.HandlerCallDetails
    ) -> Callable[..., Any]:
        async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
            with self._observed(details, context) as ending:
                try:
                    with self._admission.admitted(details.method):
                        # Closed with this generator, not whenever it is collected.
                        async with aclosing(behaviour(request, context)) as responses:
                            async for response in responses:
                                yield response
                except Exception as error:  # noqa: BLE001 - the boundary; logged or typed
                    await _abort(context, details.method, error, ending)

        return guarded

    @contextmanager
    def _observed(self, details: grpc.HandlerCallDetails, context: Context) -> Iterator[_Ending]:
        method, ending = details.method, _Ending()
        metadata = {key: str(value) for key, value in details.invocation_metadata or ()}
        call_context.set({key: metadata[key] for key in CONTEXT_KEYS if key in metadata})
        span = None if method.startswith(INFRASTRUCTURE) else _start_span(method, metadata)
        start_s = time.monotonic()
        cancelled = False
        in_flight = self._metrics.requests_in_flight.labels(method)
        in_flight.inc()
        try:
            yield ending
        except (asyncio.CancelledError, GeneratorExit):
            cancelled = True
            raise
        finally:
            in_flight.dec()
            # code() is unset, or 0, unless the handler or abort set it; a cancelled call has none.
            code = "CANCELLED" if cancelled else _code_name(context.code())
            self._count(method, code, ending.reason or code, time.monotonic() - start_s)
            if span is not None:
                _end_span(span, code, ending.reason or code)

    def _count(self, method: str, code: str, reason: str, seconds: float) -> None:
        self._metrics.requests.labels(method, code).inc()
        self._metrics.request_seconds.labels(method).observe(seconds)
        if code != grpc.StatusCode.OK.name:
            self._metrics.request_failures.labels(method, reason).inc()


def _start_span(method: str, metadata: Mapping[str, str]) -> Span:
    ids = {f"emotionmap.{key}": metadata[key] for key in CONTEXT_KEYS if key in metadata}
    name = method.removeprefix("/")
    return start_server_span(name, metadata, {"rpc.system": "grpc", "rpc.method": name, **ids})


def _end_span(span: Span, code: str, reason: str) -> None:
    span.set_attribute("rpc.grpc.status_code", grpc.StatusCode[code].value[0])
    if code == grpc.StatusCode.CANCELLED.name:
        span.set_attribute("emotionmap.cancelled", True)  # noqa: FBT003 - a value
    elif code != grpc.StatusCode.OK.name:
        failed(span, reason)
    span.end()


def _code_name(code: grpc.StatusCode | int | None) -> str:
    if isinstance(code, grpc.StatusCode):
        return code.name
    return next((c.name for c in grpc.StatusCode if c.value[0] == (code or 0)), "UNKNOWN")


async def _abort(context: Context, method: str, error: Exception, ending: _Ending) -> NoReturn:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, grpc.aio.AioRpcError):
        error = from_rpc_error(error)
    if not isinstance(error, ServiceError):
        log.error("unhandled error", exc_info=error, extra={"rpc_method": method})
        error = ServiceError(grpc.StatusCode.INTERNAL, "INTERNAL", "Internal error; see the log.")
    ending.reason = error.reason
    await context.abort_with_status(rpc_status.to_status(error.to_status()))
    raise AssertionError("abort_with_status always raises")


@asynccontextmanager
async def serving(
    add_servicers: Callable[[grpc.aio.Server], None],
    *,
    port: int,
    host: str = "127.0.0.1",
    services: Sequence[str] = (),
    metrics: Metrics | None = None,
    grace_s: float = 20.0,
    limits: Mapping[str, int] | None = None,
    stopping: asyncio.Event | None = None,
    memory_every_s: float = MEMORY_EVERY_S,
) -> AsyncIterator[int]:
    """Serve until the block ends.

    Health is SERVING inside the block and NOT_SERVING from the moment it ends, so client-side
    load balancers stop picking this server while it drains. Until they have, it goes on to take
    calls; then it lets what runs finish. Load and warm the model before.

    Args:
        add_servicers: Adds the service's servicers to the server.
        port: Port to listen on; 0 lets the system choose.
        host: Address to listen on; containers use "0.0.0.0".
        services: Full names of the services, for reflection.
        metrics: Where calls are counted; None keeps the count to itself.
        grace_s: Longest time until it has stopped; running RPCs get what is left of it.
        limits: Most calls at once by full method name; more are refused with a time to retry.
        stopping: Set where health is to be NOT_SERVING already, though the block goes on.
        memory_every_s: Pause between two times that freed memory is given back.

    Yields:
        The port in use.

    Raises:
        RuntimeError: The port is taken.
    """
    admission = Admission(limits or {})
    interceptor = CallInterceptor(metrics or Metrics.create(), admission)
    server = grpc.aio.server(interceptors=[interceptor], options=SERVER_OPTIONS)
    add_servicers(server)
    health_servicer = _add_health(server, services)
    bound_port = server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    await server.start()
    for name in ("", "liveness"):  # "" is readiness
        await health_servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    log.info("serving", extra={"port": bound_port})
    flip = asyncio.create_task(_refuse_once(stopping or asyncio.Event(), health_servicer))
    tidy = asyncio.create_task(_give_memory_back(memory_every_s))
    try:
        yield bound_port
    finally:
        flip.cancel()
        tidy.cancel()
        await _drain(server, health_servicer, admission, grace_s=grace_s)
        log.info("stopped", extra={"port": bound_port})


def _add_health(server: grpc.aio.Server, services: Sequence[str]) -> health.aio.HealthServicer:
    """Add what every server has: health, which is set by what is returned, and reflection."""
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    names = [*services, health.SERVICE_NAME, reflection.SERVICE_NAME]
    reflection.enable_server_reflection(names, server)
    return servicer


async def _drain(
    server: grpc.aio.Server,
    servicer: health.aio.HealthServicer,
    admission: Admission,
    *,
    grace_s: float,
) -> None:
    """Take calls until nobody sends any more, then let finish what runs."""
    lame_until_s = time.monotonic() + min(LAME_DUCK_S, grace_s * LAME_DUCK_SHARE)
    stop_until_s = time.monotonic() + grace_s
    await servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    await admission.until_quiet(lame_until_s)
    await server.stop(max(0.0, stop_until_s - time.monotonic()))


async def _refuse_once(stopping: asyncio.Event, servicer: health.aio.HealthServicer) -> None:
    await stopping.wait()
    await servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)


async def _give_memory_back(every_s: float) -> None:
    """Give freed memory back to the system, now and then.

    malloc keeps it for what comes next, in every arena as much as was ever free there: of a media
    service that had worked for a while, 76 of 165 MB.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    while trim is not None:
        await asyncio.sleep(every_s)
        trim(0)


async def until_signalled() -> None:
    """Return on SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
