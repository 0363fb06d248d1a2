"""Notices that work is no longer wanted: what it is for was stopped or deleted, maybe elsewhere."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emotionmap_gateway.storage.changes import Changes

POLL_S = 0.5
"""How soon a change made by another process is seen."""

log = logging.getLogger(__name__)


class _Finishable(Protocol):
    @property
    def is_final(self) -> bool: ...


async def until_final(
    get: Callable[[str], Awaitable[_Finishable]], key: str, changes: Changes
) -> None:
    """Return once what `get` gives for `key` is finished, or there is nothing any more."""
    while True:
        try:
            if (await get(key)).is_final:
                return
        except ServiceError:
            return
        except sa.exc.SQLAlchemyError:
            log.warning("database does not answer", exc_info=True)
        await changes.wait(key, timeout_s=POLL_S)
