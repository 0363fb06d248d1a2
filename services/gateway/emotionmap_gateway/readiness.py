"""Tells whether this gateway can do its work: it is not draining, and the services are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from emotionmap_gateway.backends import Backends

SERVING = "SERVING"
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class State:
    """The state of each service, and whether all is well."""

    services: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether every service is serving."""
        return all(state == SERVING for state in self.services.values())


class Readiness:
    """Looks at this gateway and at the services behind it."""

    def __init__(self, backends: Backends, stopping: asyncio.Event) -> None:
        self._backends = backends
        self._stopping = stopping

    async def check(self) -> State:
        """Return how things are now."""
        own = "DRAINING" if self._stopping.is_set() else SERVING
        return State({GATEWAY: own, **await self._backends.health()})
