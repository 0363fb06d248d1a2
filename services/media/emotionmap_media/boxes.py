"""Reads and writes the boxes that an MP4 is made of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def boxes(body: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and contents of boxes that follow each other."""
    at = 0
    while len(body) - at >= 8:  # noqa: PLR2004 - QuickTime ends lists with four zero bytes
        size, kind = struct.unpack_from(">I4s", body, at)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", body, at + 8)[0], 16
        if size == 0:
            return
        yield kind, body[at + header : at + size]
        at += size


def to_box(kind: bytes, body: bytes | memoryview) -> bytes:
    """Return a box of some contents."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def u32(body: memoryview, at: int) -> int:
    """Return the number at a place."""
    return int(struct.unpack_from(">I", body, at)[0])
