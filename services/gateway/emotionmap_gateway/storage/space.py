"""Says so when there is no room left, whether for files or for rows."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

RETRY_AFTER = timedelta(seconds=30)
"""About how soon somebody may have made room."""

_DISK_FULL = "53100"
"""As PostgreSQL says it."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def told_when_full() -> Iterator[None]:
    """Raise `STORAGE_FULL` in place of what the disk or the database says.

    Raises:
        ServiceError: RESOURCE_EXHAUSTED `STORAGE_FULL` with a time to retry after.
    """
    try:
        yield
    except (OSError, sa.exc.OperationalError) as error:
        if not _is_full(error):
            raise
        raise ServiceError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            reasons.STORAGE_FULL,
            "There is no room left to store anything.",
            retry_after=RETRY_AFTER,
        ) from error


def _is_full(error: OSError | sa.exc.OperationalError) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if getattr(error.orig, "sqlstate", None) == _DISK_FULL:
        return True
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
