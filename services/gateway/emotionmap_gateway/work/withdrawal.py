"""Notices that work is no longer wanted: what it is for was stopped or deleted, maybe elsewhere."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

import grpc
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emotionmap_gateway.storage.changes import Changes

log = logging.getLogger(__name__)


class _Finishable(Protocol):
    @property
    def is_final(self) -> bool: ...

    @property
    def run(self) -> int: ...


async def until_final(
    get: Callable[[str], Awaitable[_Finishable]],
    key: str,
    changes: Changes,
    *,
    run: Callable[[], int | None] = lambda: None,
) -> None:
    """Return once what `get` gives for `key` is finished, or there is nothing any more.

    Also once it is run anew, so that `run`, the number of the run that asks, is not the newest.
    """
    with changes.listening(key) as bell:
        while True:
            try:
                record = await get(key)
                if record.is_final or (run() or record.run) < record.run:
                    return
            except ServiceError as error:
                if error.code is grpc.StatusCode.NOT_FOUND:
                    return
                log.warning("database does not answer", extra={"reason": error.reason})
            except sa.exc.SQLAlchemyError:
                log.warning("database does not answer", exc_info=True)
            await bell.rung()
