"""A name server that can change its mind: as the DNS of a cluster, where replicas come and go."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ADDRESS, INTERNET = 1, 1
"""Type and class of the only records (RFC 1035)."""
HEADER_BYTES, QUESTION_TAIL_BYTES = 12, 5
ANSWERED = 0x8580
"""Flags: a response, authoritative, recursion available, no error."""
TO_QUESTION = 0xC00C
"""Compressed name: that of the question."""


class NameServer(asyncio.DatagramProtocol):
    """Answers every question for IPv4 addresses with the same ones, which nobody may keep.

    Attributes:
        addresses: What is answered.
        asked: How often it was asked.
    """

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.asked = 0

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        (number,) = struct.unpack_from("!H", data)
        end = HEADER_BYTES
        while data[end]:
            end += 1 + data[end]
        (kind,) = struct.unpack_from("!H", data, end + 1)
        self.asked += kind == ADDRESS
        found = self.addresses if kind == ADDRESS else []
        header = struct.pack("!6H", number, ANSWERED, 1, len(found), 0, 0)
        question = data[HEADER_BYTES : end + QUESTION_TAIL_BYTES]
        answers = (
            struct.pack("!3HIH", TO_QUESTION, ADDRESS, INTERNET, 0, 4) + socket.inet_aton(each)
            for each in found
        )
        self._transport.sendto(b"".join((header, question, *answers)), addr)


@asynccontextmanager
async def naming() -> AsyncIterator[tuple[NameServer, int]]:
    """Give a name server on loopback, and its port."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    try:
        yield server, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
