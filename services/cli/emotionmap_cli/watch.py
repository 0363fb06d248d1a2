"""Notices services that live but do not answer any more; those that die, supervision.py notices."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PERIOD_S: Final = 5.0
TIMEOUT_S: Final = 5.0
HUNG_CHECKS: Final = 12
"""Checks in a row that a service must miss, a minute: one that is only busy answers now and then.

Counted, not timed: a machine that sleeps, or a command that is stopped, makes nothing hang.
"""


@contextmanager
def watching(base_url: str, end: Callable[[str], None]) -> Iterator[None]:
    """Watch over the services until the block ends.

    Args:
        base_url: Where the gateway answers; it asks the others.
        end: Ends a service by its name, so that it is started again.
    """
    stopping = threading.Event()
    thread = threading.Thread(target=_watch, args=(base_url, end, stopping), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _watch(base_url: str, end: Callable[[str], None], stopping: threading.Event) -> None:
    missed: dict[str, int] = {}
    with httpx.Client(base_url=base_url, timeout=TIMEOUT_S, trust_env=False) as client:
        while not stopping.wait(PERIOD_S):
            missed = {name: missed.get(name, 0) + 1 for name in _silent(client)}
            for name in [name for name, checks in missed.items() if checks >= HUNG_CHECKS]:
                end(name)
                missed[name] = 0


def _silent(client: httpx.Client) -> list[str]:
    """Return the services that do not answer now."""
    try:
        response = client.get("/readyz")
    except httpx.TransportError:
        return ["gateway"]
    if response.is_success:
        return []
    try:
        services = response.json()["services"]
    except (ValueError, KeyError):
        return []  # it has too many connections, and so answers
    return [name for name, state in services.items() if state == "UNREACHABLE"]
