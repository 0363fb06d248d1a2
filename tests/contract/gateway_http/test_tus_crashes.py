"""A gateway that is killed while bytes come has lost nothing that it said it has."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_http.test_tus_refusals import patch_head
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Script
from tests.contract.tus_client import Tus, checksum

SIZE = 2_500_000
UPLOADS = 7
"""At once: each kill hits each of them somewhere else."""

KILLS = 3


@dataclass
class Sent:
    """An upload that is cut off by the kill."""

    path: str
    data: bytes
    cut: int
    """Bytes that were sent before the kill."""
    has_checksum: bool


@pytest.fixture
def services(tmp_path):
    script = Script(tmp_path / "objects")
    script.gate.set()
    with fake_services(script) as running:
        yield running


def send_parts(stack, http, uploads):
    """Send each up to its cut, and leave the connections open."""
    for sent in uploads:
        address = (http.base_url.host, http.base_url.port)
        client = stack.enter_context(socket.create_connection(address, timeout=10))
        field = f"Upload-Checksum: {checksum(sent.data)}\r\n\r\n" if sent.has_checksum else "\r\n"
        head = patch_head(sent.path, SIZE).removesuffix(b"\r\n") + field.encode()
        client.sendall(head + sent.data[: sent.cut])


def stored(data_dir, sent):
    return (data_dir / "objects/.uploads" / sent.path.rpartition("/")[2]).read_bytes()


def resume(tus, sent):
    """Go on until done; return where the first go began."""
    first = offset = tus.offset(sent.path)
    while offset < SIZE:
        piece = sent.data[offset : offset + 1_000_000]
        offset = int(tus.patch(sent.path, piece, offset).headers["upload-offset"])
    return first


def media_digest(tus, sent):
    """Make an analysis of an upload; return the SHA-256 of its bytes."""
    body = {"upload": sent.path.rpartition("/")[2]}
    answer = tus.http.post("/v1/analyses", json=body)
    assert answer.status_code == 202, answer.text
    media = tus.http.get(f"{answer.headers['location']}/media").content
    return hashlib.sha256(media).hexdigest()


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_byte_an_upload_goes_on_and_ends_whole(services, tmp_path, seed):
    chance = random.Random(seed)
    with ExitStack() as stack, gateway_process(services, tmp_path) as (process, http):
        uploads = [
            Sent(Tus(http).created(SIZE), os.urandom(SIZE), chance.randrange(1, SIZE), number == 0)
            for number in range(UPLOADS)
        ]
        send_parts(stack, http, uploads)
        time.sleep(chance.random() * 0.1)
        process.kill()
        process.wait(20)
    on_disk = [stored(tmp_path, sent) for sent in uploads]
    with gateway_process(services, tmp_path) as (_, http):
        starts = [resume(Tus(http), sent) for sent in uploads]
        digests = [media_digest(Tus(http), sent) for sent in uploads]
    for sent, start, found in zip(uploads, starts, on_disk, strict=True):
        assert start == (0 if sent.has_checksum else len(found)) <= sent.cut
        assert found == sent.data[: len(found)]
    assert digests == [hashlib.sha256(sent.data).hexdigest() for sent in uploads]


def test_stopped_it_keeps_every_byte_that_came(services, tmp_path):
    with ExitStack() as stack, gateway_process(services, tmp_path, grace_s=8) as (process, http):
        sent = Sent(Tus(http).created(SIZE), os.urandom(SIZE), 1_234_567, has_checksum=False)
        send_parts(stack, http, [sent])
        time.sleep(0.5)
        start_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - start_s < 10
    assert stored(tmp_path, sent) == sent.data[: sent.cut]
    with gateway_process(services, tmp_path) as (_, http):
        assert resume(Tus(http), sent) == sent.cut
        assert media_digest(Tus(http), sent) == hashlib.sha256(sent.data).hexdigest()
