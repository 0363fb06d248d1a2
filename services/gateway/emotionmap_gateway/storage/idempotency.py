"""Lets a client repeat a request without repeating its effect (the Idempotency-Key header)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import sqlalchemy as sa
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.storage.tables import IDEMPOTENCY_KEYS

if TYPE_CHECKING:
    from google.protobuf.message import Message

_KEY = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A key, and what tells one request from another under it."""

    key: str
    fingerprint: str


def idempotency_of(key: str | None, *parts: str | Message) -> Idempotency | None:
    """Return the key of a request, None if it has none.

    Args:
        key: As the client sent it; None or empty if it sent none.
        parts: What the request asks for.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`: the key is malformed.
    """
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.OPTIONS_INVALID,
            "An idempotency key is 1 to 255 printable ASCII characters.",
            metadata={"key": "idempotency_key"},
        )
    digest = hashlib.sha256()
    for part in parts:
        data = (
            part.encode() if isinstance(part, str) else part.SerializeToString(deterministic=True)
        )
        digest.update(len(data).to_bytes(8, "big") + data)
    return Idempotency(key, digest.hexdigest())


def find_earlier(
    connection: sa.Connection, scope: str, idempotency: Idempotency
) -> sa.Row[Any] | None:
    """Return the row of an earlier request with the same key, None if there was none.

    Raises:
        ServiceError: ALREADY_EXISTS `IDEMPOTENCY_KEY_REUSED`: it asked for something else.
    """
    row = connection.execute(
        sa.select(IDEMPOTENCY_KEYS).where(
            IDEMPOTENCY_KEYS.c.scope == scope, IDEMPOTENCY_KEYS.c.key == idempotency.key
        )
    ).one_or_none()
    if row is not None and row.fingerprint != idempotency.fingerprint:
        raise ServiceError(
            grpc.StatusCode.ALREADY_EXISTS,
            reasons.IDEMPOTENCY_KEY_REUSED,
            "This idempotency key was used for another request.",
        )
    return row


def remember(
    connection: sa.Connection,
    scope: str,
    idempotency: Idempotency,
    *,
    analysis_id: str,
    export_id: str | None = None,
) -> None:
    """Keep what a request made; it is forgotten with the analysis or export."""
    connection.execute(
        sa.insert(IDEMPOTENCY_KEYS).values(
            scope=scope,
            key=idempotency.key,
            fingerprint=idempotency.fingerprint,
            analysis_id=analysis_id,
            export_id=export_id,
        )
    )
