"""Ports of this machine: which are free, and whether one can be listened on."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from typing import Final

from emotionmap_cli.failures import Failure

LOOPBACK: Final = "127.0.0.1"
PORT_PATIENCE_S: Final = 1.0
"""How long a wanted port may still be held by what has just been stopped."""
POLL_S: Final = 0.1


def free_ports(count: int) -> list[int]:
    """Return so many different free ports of the loopback address."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for opened in sockets:
            opened.bind((LOOPBACK, 0))
        return [int(opened.getsockname()[1]) for opened in sockets]


def check_free(host: str, port: int) -> None:
    """Return if a port, or with 0 any port, can be listened on.

    Raises:
        Failure: It is taken, or the address is not one of this machine.
    """
    what = f"Port {port} of {host}" if port else f"The address {host}"
    deadline_s = time.monotonic() + PORT_PATIENCE_S
    while (error := _binding_error(host, port)) is not None:
        if time.monotonic() > deadline_s:
            raise Failure(f"{what} cannot be used: {error.strerror}.") from error
        time.sleep(POLL_S)


def _binding_error(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None
