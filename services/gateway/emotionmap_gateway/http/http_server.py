"""Runs uvicorn inside a running loop, without its signal handling."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp

MAX_HEAD_BYTES = 32 * 1024
"""Longest request line and headers."""

KEEP_ALIVE_S = 15
BACKLOG = 512

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """A server that leaves signals to who started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


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
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=connections,
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
