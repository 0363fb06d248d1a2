"""Connections on which no request comes are closed, and no others."""

from __future__ import annotations

import asyncio

import pytest
from emotionmap_gateway.http.http_server import serving_http
from starlette.responses import PlainTextResponse

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
HEAD_S = 0.2


async def _echo(scope, receive, send):
    body = b""
    while len(body) < 4:
        body += (await receive())["body"]
    await PlainTextResponse(body)(scope, receive, send)


@pytest.fixture
async def connection(monkeypatch):
    monkeypatch.setattr("emotionmap_gateway.http.http_server.HEAD_S", HEAD_S)
    async with serving_http(_echo, host="127.0.0.1", port=0, connections=9, grace_s=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield reader, writer
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHost: a\r\n", b"G"])
async def test_a_head_that_does_not_end_is_cut_off(connection, sent, is_first):
    reader, writer = connection
    if not is_first:
        writer.write(REQUEST + b"full")
        await reader.readuntil(b"full")
    writer.write(sent)
    async with asyncio.timeout(20 * HEAD_S):
        assert await reader.read() == b""


async def test_a_connection_that_sends_nothing_is_closed(connection):
    reader, _ = connection
    async with asyncio.timeout(20 * HEAD_S):
        assert await reader.read() == b""


async def test_one_connection_too_many_is_told_so():
    async with serving_http(_echo, host="127.0.0.1", port=0, connections=1, grace_s=1) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        reader, second = await asyncio.open_connection("127.0.0.1", port)
        second.write(REQUEST + b"full")
        answer = (await reader.read()).decode()  # to the end: it is closed
        first.close()
        second.close()
    assert answer.startswith("HTTP/1.1 503")
    assert "application/problem+json" in answer
    assert '"reason":"SERVICE_UNAVAILABLE"' in answer
    assert "retry-after:" in answer.lower()


async def test_a_body_may_take_longer_than_a_head(connection):
    reader, writer = connection
    writer.write(REQUEST + b"ha")
    await asyncio.sleep(2 * HEAD_S)
    writer.write(b"lf")
    async with asyncio.timeout(20 * HEAD_S):
        assert (await reader.readuntil(b"half")).startswith(b"HTTP/1.1 200")
