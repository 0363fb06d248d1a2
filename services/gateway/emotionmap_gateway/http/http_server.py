"""Runs uvicorn inside a running loop, without its signal handling."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import h11
import uvicorn
from emotionmap_runtime.errors import ServiceError
from uvicorn.protocols.http.h11_impl import H11Protocol

from emotionmap_gateway import reasons
from emotionmap_gateway.http.problems import response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

MAX_HEAD_BYTES = 32 * 1024
"""Longest request line and headers."""

HEAD_S = 10.0
"""Longest time that they take; a client that sends them byte by byte must not hold a connection."""

KEEP_ALIVE_S = 15
BACKLOG = 512

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """A server that leaves signals to who started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Protocol(H11Protocol):
    """Ends connections whose next request line and headers do not come; uvicorn would wait."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_watch()

    def _watch_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:  # the head is complete
            self._end_watch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self.transport.close)

    def _end_watch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


@asynccontextmanager
async def serving_http(
    app: ASGIApp, *, host: str, port: int, connections: int, grace_s: float
) -> AsyncIterator[int]:
    """Serve until the block ends; then open requests get `grace_s` to finish.

    Args:
        app: What answers.
        host: Address to listen on.
        port: Port to listen on; 0 lets the system choose.
        connections: Most connections at once; more are answered with 503.
        grace_s: Longest time open requests get to finish.

    Yields:
        The port in use.

    Raises:
        OSError: The port is taken.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        is_full = len(server.server_state.connections) > connections
        await (_too_many if is_full else app)(scope, receive, send)

    listener = _listen(host, port)
    config = uvicorn.Config(
        limited,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(grace_s)),
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def _too_many(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem, as everything else does; uvicorn's own limit answers with a word."""
    error = ServiceError(
        grpc.StatusCode.UNAVAILABLE,
        reasons.SERVICE_UNAVAILABLE,
        "The gateway has too many connections; try again soon.",
        retry_after=timedelta(seconds=2),
    )
    await response(error, headers={"Connection": "close"})(scope, receive, send)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends at once (TCP_NODELAY) only where it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the socket module takes it so
    except OSError:
        listener.close()
        raise
    return listener
