"""Of two who send one upload the later wins, at once, and nobody else notices."""

from __future__ import annotations

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.contract.gateway_http.test_tus_refusals import patch_head, stored
from tests.contract.gateway_system import gateway_system, wait_for
from tests.contract.tus_client import Tus

DATA = os.urandom(2_000_000)
SENT = 900_000


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """A gateway that would wait long for a sender that is silent."""
    with gateway_system(tmp_path_factory.mktemp("data"), upload_idle_s=60) as system:
        yield system


@pytest.fixture
def tus(patient):
    return Tus(patient.http)


@contextmanager
def silent_sender(system, path, headers=b""):
    """Send a part of a chunk and then nothing, as if the network were gone."""
    with socket.create_connection(("127.0.0.1", system.http_port), timeout=10) as client:
        head = patch_head(path, len(DATA)).removesuffix(b"\r\n") + headers + b"\r\n"
        client.sendall(head + DATA[:SENT])
        wait_for(lambda: stored(system, path))  # a block is on the disk: the request runs
        yield client


def test_who_asks_where_to_go_on_ends_the_one_before(patient, tus):
    path = tus.created(len(DATA))
    with silent_sender(patient, path):
        start_s = time.monotonic()
        offset = tus.offset(path)
        assert time.monotonic() - start_s < 1
        assert offset == len(stored(patient, path)) <= SENT
        assert tus.patch(path, DATA[offset:], offset).status_code == 204
    assert stored(patient, path) == DATA


def test_who_sends_later_ends_the_one_before(patient, tus):
    path = tus.created(len(DATA))
    with silent_sender(patient, path) as client:
        start_s = time.monotonic()
        answer = tus.patch(path, DATA[SENT:], SENT)
        assert time.monotonic() - start_s < 1
        old = client.recv(1000)
    assert answer.status_code in (204, 409)  # 409: the last bytes had not come through yet
    assert old.startswith(b"HTTP/1.1 400")
    offset = tus.offset(path)
    tus.patch(path, DATA[offset:], offset)
    assert stored(patient, path) == DATA


def test_what_was_sent_with_a_checksum_is_kept_whole_or_not_at_all(patient, tus):
    path = tus.created(len(DATA))
    header = b"Upload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=\r\n"
    with silent_sender(patient, path, header):
        assert tus.offset(path) == 0
        assert stored(patient, path) == b""


def test_a_chunk_that_is_refused_anyway_ends_nobody(patient, tus):
    path = tus.created(len(DATA))
    with silent_sender(patient, path) as client:
        assert tus.patch(path, b"x", 0).status_code == 409
        assert tus.patch(path, DATA, 1).status_code in (409, 413)
        client.sendall(DATA[SENT:])
        assert client.recv(1000).startswith(b"HTTP/1.1 204")
    assert stored(patient, path) == DATA


def test_giving_up_ends_the_sender(patient, tus):
    path = tus.created(len(DATA))
    with silent_sender(patient, path):
        assert tus.delete(path).status_code == 204
    assert stored(patient, path) is None


def test_many_at_once_leave_the_bytes_as_they_were(patient, tus):
    path = tus.created(len(DATA))
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: tus.patch(path, DATA).status_code, range(8)))
    assert set(answers) <= {204, 400, 409, 423}
    offset = tus.offset(path)
    tus.patch(path, DATA[offset:], offset)
    assert stored(patient, path) == DATA


def test_nobody_else_waits_for_two_who_quarrel(patient, tus):
    path = tus.created(len(DATA))
    waits, over = [], threading.Event()

    def watch():
        with httpx.Client(base_url=patient.http.base_url) as http:
            while not over.is_set():
                start_s = time.monotonic()
                http.get("/livez")
                waits.append(time.monotonic() - start_s)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with silent_sender(patient, path), silent_sender(patient, tus.created(len(DATA))):
        for _ in range(5):
            tus.patch(path, DATA[SENT:], tus.offset(path))
    over.set()
    watcher.join()
    assert len(waits) > 5
    assert sorted(waits)[len(waits) * 9 // 10] < 0.25  # and not the half minute of others
