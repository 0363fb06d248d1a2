"""Connects to another service the one way: balanced, health-checked, retried by policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import grpc

from emotionmap_runtime.server import FLOW_OPTIONS, MAX_MESSAGE_BYTES
from emotionmap_runtime.telemetry import call_context
from emotionmap_runtime.tracing import TRACEPARENT, current_traceparent, start_call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

SERVICE_CONFIG = json.dumps(
    {
        "loadBalancingConfig": [{"round_robin": {}}],
        # A server that drains says NOT_SERVING and gets no new calls.
        "healthCheckConfig": {"serviceName": ""},
        "methodConfig": [
            {
                "name": [{}],
                # Safe for streams, too: gRPC repeats a call only until the first response, by
                # sending again what was sent, and no service keeps anything of a call.
                "retryPolicy": {
                    "maxAttempts": 3,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "2s",
                    "backoffMultiplier": 3,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
        # Stops retries from doubling the load of a service that is down (gRPC A6).
        "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.2},
    }
)

CHANNEL_OPTIONS = (
    *FLOW_OPTIONS,
    ("grpc.service_config", SERVICE_CONFIG),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # Services of one system; the http_proxy of the environment does not lead to them.
    ("grpc.enable_http_proxy", 0),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Without this a minute: grpc 1.85 waits for the answer to a ping by this limit alone.
    ("grpc.http2.ping_timeout_ms", 10_000),
    # A restarted service is used again within about a second; the default backs off to 2 min.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
)


def open_channel(target: str) -> grpc.aio.Channel:
    """Return a channel that spreads calls over every ready server behind a name.

    Args:
        target: gRPC target, such as "dns:///face:50051" or "127.0.0.1:50051".

    Returns:
        A channel; use it as an async context manager. It connects lazily and never fails here.
    """
    return grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)


def call_metadata() -> Sequence[tuple[str, str]]:
    """Return the current call context and trace as metadata, to pass on with an outgoing call."""
    traceparent = current_traceparent()
    trace = ((TRACEPARENT, traceparent),) if traceparent else ()
    return (*call_context.get().items(), *trace)


def begin_call(name: str, method: Any, *request: Any, timeout: float) -> Any:
    """Begin a call that carries the current call context, and is a span of the current trace.

    Args:
        name: What it is for, in traces.
        method: What makes the call, of a stub.
        *request: Its request, if that is not a stream.
        timeout: Its deadline in seconds.
    """
    return start_call(name, method, *request, metadata=call_metadata(), timeout=timeout)
