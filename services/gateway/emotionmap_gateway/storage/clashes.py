"""What can go wrong with a transaction because of others, or of the way to the database.

Only PostgreSQL has such. Transactions that clash are done again; a database that is away is told.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

import grpc
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

TRIES: Final = 5

_CLASHES: Final = frozenset(
    {
        "23505",  # of two who insert the same key the second finds it at its next try
        "23503",  # what was referred to is gone; so the next try says
        "40001",  # serialization failure
        "40P01",  # deadlock
        "25P03",  # this process hung so long that the database ended the connection
    }
)


_OF_SQLITE: Final = "-"


def repeated(transaction: Callable[[], Result]) -> Result:
    """Return what a transaction gave, tried again while it clashes, at most `TRIES` times."""
    for _ in range(TRIES - 1):
        try:
            return transaction()
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _CLASHES:
                raise
    return transaction()


@contextmanager
def told_when_away() -> Iterator[None]:
    """Raise that the database does not answer, in place of what the driver says.

    Raises:
        ServiceError: UNAVAILABLE `SERVICE_UNAVAILABLE` with a time to retry after.
    """
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        if not _is_away(getattr(error.orig, "sqlstate", _OF_SQLITE)):
            raise
        raise ServiceError(
            grpc.StatusCode.UNAVAILABLE,
            reasons.SERVICE_UNAVAILABLE,
            "The database does not answer; try again soon.",
            retry_after=timedelta(seconds=2),
        ) from error


def _is_away(state: str | None) -> bool:
    """Tell whether an SQLSTATE says that there is no database; None means not connected."""
    if state is None:
        return True
    # Connection lost; server ends or starts; too many clients.
    return state.startswith(("08", "57P")) or state == "53300"
