"""Passes TCP connections on, and breaks some of them as a network would."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass


@dataclass
class Cuts:
    """How many connections are broken, and after how many bytes from the client."""

    left: int
    after_bytes: int
    made: int = 0

    def cuts(self, sent_bytes: int) -> bool:
        if not self.left or sent_bytes < self.after_bytes:
            return False
        self.left -= 1
        self.made += 1
        return True


@asynccontextmanager
async def cutting_proxy(target_port: int, cuts: Cuts):
    """Give the port of a proxy in front of another."""
    running: set[asyncio.Task] = set()

    async def serve(reader, writer):
        running.add(asyncio.current_task())
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target_port)
            back = asyncio.create_task(_pass_on(far_reader, writer))
            await _pass_on(reader, far_writer, cuts)
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
            for one in (far_writer, writer):
                one.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _pass_on(reader, writer, cuts: Cuts | None = None) -> None:
    sent_bytes = 0
    while data := await reader.read(16_384):
        sent_bytes += len(data)
        if cuts is not None and cuts.cuts(sent_bytes):
            return
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
