"""Finds text in a column whatever the case, beyond ASCII too.

SQLite's own LIKE and lower() know no letters but ASCII's. Each connection therefore gets a function
that folds case as Unicode has it, and composes letters: names of files from macOS come with their
accents apart. PostgreSQL does both itself, by the rules of the database's collation.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

FUNCTION: Final = "emotionmap_folded"


def folded(text: str) -> str:
    """Return text so that what differs only in case, width or composition is the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def install(connection: Any) -> None:
    """Give a connection of SQLite the function."""
    connection.create_function(FUNCTION, 1, folded, deterministic=True)


def contains(column: ColumnElement[str], text: str, *, dialect: str) -> ColumnElement[bool]:
    """Return the condition that a column contains a text, whatever the case.

    No character of the text has a meaning of its own.

    Args:
        column: Where to look.
        text: What for.
        dialect: Name of the database's dialect.
    """
    if dialect == "sqlite":
        return sa.func.instr(getattr(sa.func, FUNCTION)(column), folded(text)) > 0
    # PostgreSQL holds no zero byte, so no title has one.
    plain = unicodedata.normalize("NFC", text).replace("\0", "\ufffd")
    found: ColumnElement[bool] = (
        sa.func.strpos(sa.func.lower(sa.func.normalize(column)), sa.func.lower(plain)) > 0
    )
    return found
