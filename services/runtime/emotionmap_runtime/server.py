"""Starts a gRPC server the one way every EmotionMap service starts."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from contextlib import aclosing, asynccontextmanager, contextmanager
from inspect import isasyncgenfunction
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from emotionmap_runtime.errors import ServiceError, from_rpc_error
from emotionmap_runtime.telemetry import CONTEXT_KEYS, Metrics, call_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # not subscriptable at run time

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Receive limit of gRPC by default; streams keep each message well below it."""

SERVER_OPTIONS = (
    # Without this a second server on a taken port starts and silently shares its connections.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # A channel resolves names anew only when a connection ends, so new replicas would idle.
    # No grace is set: calls that run then end by their own deadlines, however long those are.
    ("grpc.max_connection_age_ms", 5 * 60_000),
    # At least as lenient as the clients' keepalive (channel.py), else they are sent away.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)

log = logging.getLogger(__name__)


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Gives each call its context, counts it, and ends it with the Status of its error."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

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
            with self._observed(details, context):
                try:
                    return await behaviour(request, context)
                except Exception as error:  # noqa: BLE001 - the boundary; logged or typed
                    await _abort(context, details.method, error)

        return guarded

    def _generator(
        self, behaviour: Callable[..., Any], details: grpc.HandlerCallDetails
    ) -> Callable[..., Any]:
        async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
            with self._observed(details, context):
                try:
                    # Closed with this generator, not whenever it is collected.
                    async with aclosing(behaviour(request, context)) as responses:
                        async for response in responses:
                            yield response
                except Exception as error:  # noqa: BLE001 - the boundary; logged or typed
                    await _abort(context, details.method, error)

        return guarded

    @contextmanager
    def _observed(self, details: grpc.HandlerCallDetails, context: Context) -> Iterator[None]:
        metadata = dict(details.invocation_metadata or ())
        call_context.set({key: str(metadata[key]) for key in CONTEXT_KEYS if key in metadata})
        start_s = time.monotonic()
        cancelled = False
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            cancelled = True
            raise
        finally:
            # code() is unset, or 0, unless the handler or abort set it; a cancelled call has none.
            code = "CANCELLED" if cancelled else _code_name(context.code())
            self._metrics.requests.labels(details.method, code).inc()
            self._metrics.request_seconds.labels(details.method).observe(time.monotonic() - start_s)


def _code_name(code: grpc.StatusCode | int | None) -> str:
    if isinstance(code, grpc.StatusCode):
        return code.name
    return next((c.name for c in grpc.StatusCode if c.value[0] == (code or 0)), "UNKNOWN")


async def _abort(context: Context, method: str, error: Exception) -> NoReturn:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, grpc.aio.AioRpcError):
        error = from_rpc_error(error)
    if not isinstance(error, ServiceError):
        log.error("unhandled error", exc_info=error, extra={"rpc_method": method})
        error = ServiceError(grpc.StatusCode.INTERNAL, "INTERNAL", "Internal error; see the log.")
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
) -> AsyncIterator[int]:
    """Serve until the block ends.

    Health is SERVING inside the block and NOT_SERVING from the moment it ends, so client-side
    load balancers stop picking this server while it drains. Load and warm the model before.

    Args:
        add_servicers: Adds the service's servicers to the server.
        port: Port to listen on; 0 lets the system choose.
        host: Address to listen on; containers use "0.0.0.0".
        services: Full names of the services, for reflection.
        metrics: Where calls are counted; None keeps the count to itself.
        grace_s: Longest time running RPCs get to finish.

    Yields:
        The port in use.

    Raises:
        RuntimeError: The port is taken.
    """
    interceptor = CallInterceptor(metrics or Metrics.create())
    server = grpc.aio.server(interceptors=[interceptor], options=SERVER_OPTIONS)
    add_servicers(server)
    health_servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    reflection.enable_server_reflection(
        [*services, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )
    bound_port = server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    await server.start()
    for name in ("", "liveness"):  # "" is readiness
        await health_servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    log.info("serving", extra={"port": bound_port})
    try:
        yield bound_port
    finally:
        await health_servicer.enter_graceful_shutdown()
        await server.stop(grace_s)
        log.info("stopped", extra={"port": bound_port})


async def until_signalled() -> None:
    """Return on SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
