"""A video can be watched while it is uploaded: what is to come is waited for, not left out."""

from __future__ import annotations

import threading
import time

import httpx
import pytest
from emotionmap_gateway.http import arriving

from tests.contract.gateway_http.test_early import THIRD, begun
from tests.contract.gateway_system import VIDEO
from tests.contract.tus_client import Tus

THERE = THIRD + 10
TOTAL = len(VIDEO)


@pytest.fixture
def tus(system):
    yield Tus(system.http)
    system.script.index_bytes = 0


def test_the_rest_is_sent_as_it_comes(system, tus):
    path, analysis = begun(system, tus)
    got = bytearray()
    ask = {"Range": "bytes=10-"}
    with system.http.stream("GET", f"{analysis}/media", headers=ask) as answer:
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes 10-{TOTAL - 1}/{TOTAL}"
        assert "etag" not in answer.headers
        blocks = answer.iter_raw()
        while len(got) < THERE - 10:
            got += next(blocks)
        assert bytes(got) == VIDEO[10:THERE]
        rest = threading.Thread(target=send, args=(system, path))
        rest.start()
        got += b"".join(blocks)
        rest.join()
    assert bytes(got) == VIDEO[10:]


def send(system, path):
    with httpx.Client(base_url=system.http.base_url) as http:
        Tus(http).patch(path, VIDEO[THERE:], THERE)


def test_what_will_be_there_can_be_asked_for(system, tus):
    path, analysis = begun(system, tus)
    head = system.http.head(f"{analysis}/media")
    assert (head.headers["content-length"], head.headers["accept-ranges"]) == (str(TOTAL), "bytes")
    there = system.http.get(f"{analysis}/media", headers={"Range": f"bytes=0-{THERE - 1}"})
    assert there.content == VIDEO[:THERE]
    beyond = system.http.get(f"{analysis}/media", headers={"Range": f"bytes={TOTAL}-"})
    assert beyond.status_code == 416
    tus.patch(path, VIDEO[THERE:], THERE)
    assert system.wait(analysis)["state"] == "SUCCEEDED"
    whole = system.http.get(f"{analysis}/media")
    assert (whole.content, "etag" in whole.headers) == (VIDEO, True)


def test_an_upload_that_ends_for_good_ends_the_answer(system, tus):
    _, analysis = begun(system, tus)
    with system.http.stream("GET", f"{analysis}/media") as answer:
        blocks = answer.iter_raw()
        got = next(blocks)
        assert system.http.delete(analysis).status_code == 204
        assert VIDEO.startswith(got + b"".join(blocks))


def test_what_lies_further_behind_is_waited_for_while_bytes_come(system, tus, monkeypatch):
    monkeypatch.setattr(arriving, "QUIET_S", 1.0)
    path, analysis = begun(system, tus, 1000)
    got = []

    def ask():
        with httpx.Client(base_url=system.http.base_url, timeout=30) as http:
            ask_for = {"Range": f"bytes={TOTAL - 5}-"}
            got.append(http.get(f"{analysis}/media", headers=ask_for).content)

    asking = threading.Thread(target=ask)
    asking.start()
    for at in range(1000, TOTAL, 4000):
        time.sleep(0.5)
        tus.patch(path, VIDEO[at : at + 4000], at)
    asking.join()
    assert got == [VIDEO[-5:]]


def test_what_does_not_come_is_not_waited_for_for_ever(system, tus, monkeypatch):
    monkeypatch.setattr(arriving, "QUIET_S", 0.2)
    _, analysis = begun(system, tus)
    assert system.http.get(f"{analysis}/media").content == VIDEO[:THERE]
