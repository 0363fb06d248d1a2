"""What is refused writes nothing; what is announced is not gone beyond."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing

import pytest

from tests.contract.gateway_system import MAX_BYTES, gateway_system, wait_for
from tests.contract.tus_client import BYTES_TYPE, Tus, checksum

START = b"01234"
LENGTH = 10


@pytest.fixture
def tus(system):
    return Tus(system.http)


def stored(system, path):
    """Bytes of an upload on the disk; None if there are none."""
    file = system.data_dir / "objects/.uploads" / path.rpartition("/")[2]
    return file.read_bytes() if file.exists() else None


def expire(system, path):
    with closing(sqlite3.connect(system.data_dir / "emotionmap.sqlite3", timeout=10)) as database:
        change = "UPDATE uploads SET expires_us = 1 WHERE id = ?"
        database.execute(change, (path.rpartition("/")[2],))
        database.commit()


REFUSED = {
    "no version": (412, 5, b"x", {"tus_resumable": None}),
    "another version": (412, 5, b"x", {"tus_resumable": "0.2.2"}),
    "another type": (415, 5, b"x", {"content_type": "application/octet-stream"}),
    "no type": (415, 5, b"x", {"content_type": None}),
    "one byte early": (409, 4, b"x", {}),
    "one byte late": (409, 6, b"x", {}),
    "from the start": (409, 0, b"x", {}),
    "no offset": (400, None, b"x", {"upload_offset": None}),
    "negative offset": (400, -5, b"x", {}),
    "offset that is no number": (400, "5.0", b"x", {}),
    "too long": (413, 5, b"x" * 6, {}),
    "too long, unannounced": (413, 5, "stream", {}),
    "bytes that do not fit": (460, 5, b"x", {"upload_checksum": checksum(b"y")}),
    "unknown algorithm": (400, 5, b"x", {"upload_checksum": "crc32 AAAA"}),
    "malformed checksum": (400, 5, b"x", {"upload_checksum": "sha1 AAAA"}),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_chunk_writes_nothing(system, tus, kind):
    status, offset, content, headers = REFUSED[kind]
    path = tus.created(LENGTH)
    tus.patch(path, START)
    content = iter([b"xxx"] * 4) if content == "stream" else content
    assert tus.patch(path, content, offset, **headers).status_code == status
    assert stored(system, path) == START
    assert tus.offset(path) == len(START)


def test_nothing_follows_the_last_byte(system, tus):
    path = tus.created(len(START))
    tus.patch(path, START)
    assert tus.patch(path, b"x", len(START)).status_code == 413
    assert tus.patch(path, b"x", 0).status_code == 409
    assert stored(system, path) == START


@pytest.mark.parametrize("kind", ["unknown", "deleted", "expired"])
def test_an_upload_that_is_no_more_takes_nothing(system, tus, kind):
    path = tus.created(LENGTH)
    tus.patch(path, START)
    if kind == "deleted":
        tus.delete(path)
    elif kind == "expired":
        expire(system, path)
    target = "/v1/uploads/..%5c..%5cetc" if kind == "unknown" else path
    statuses = {tus.patch(target, b"x", 5).status_code, tus.head(target).status_code}
    assert statuses == {410 if kind == "expired" else 404}
    assert stored(system, path) == (None if kind == "deleted" else START)


@pytest.mark.parametrize("extra", [0, 1])
def test_the_largest_video_fits_and_not_a_byte_more(system, tus, extra):
    answer = tus.post(MAX_BYTES + extra)
    assert answer.status_code == (413 if extra else 201)
    if not extra:
        path = answer.headers["location"]
        assert tus.patch(path, bytes(MAX_BYTES)).headers["upload-offset"] == str(MAX_BYTES)


def test_a_long_body_is_refused_before_it_is_sent(system, tus):
    path = tus.created(LENGTH)
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        f"Content-Type: {BYTES_TYPE}\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=5) as client:
        client.sendall(head.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Prefix": "//evil.example"},
        {"X-Original-URL": "https://evil.example/v1/uploads"},
        {"Origin": "https://evil.example"},
    ],
)
def test_no_header_leads_a_client_elsewhere(tus, headers):
    location = tus.post(1, **headers).headers["location"]
    assert location.startswith("/v1/uploads/")
    assert "evil" not in location


def test_a_sender_that_stalls_is_ended_and_what_it_sent_is_kept(system, tus):
    path = tus.created(MAX_BYTES)
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=10) as client:
        client.sendall(patch_head(path, MAX_BYTES) + bytes(100_000))
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert tus.offset(path) == 100_000


def test_a_sender_that_trickles_is_ended(tmp_path):
    limits = {"upload_idle_s": 5, "upload_window_s": 0.3, "upload_min_bytes": 1000}
    with gateway_system(tmp_path, **limits) as slow:
        path = Tus(slow.http).created(1000)
        with socket.create_connection(("127.0.0.1", slow.http_port), timeout=10) as client:
            client.sendall(patch_head(path, 1000))
            client.settimeout(0.05)
            answer = wait_for(lambda: trickle(client), 10)
        assert answer.startswith(b"HTTP/1.1 408")


def trickle(client):
    client.sendall(b"x")
    try:
        return client.recv(100)
    except TimeoutError:
        return b""


def patch_head(path, length):
    return (
        f"PATCH {path} HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        f"Content-Type: {BYTES_TYPE}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()
