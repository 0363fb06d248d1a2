"""Two gateways on one PostgreSQL and one S3 store, restarted in turn under load, lose nothing.

EMOTIONMAP_SOAK=1: ten rounds.
"""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Anywhere, Script
from tests.contract.gateway_system import wait_for
from tests.contract.tus_client import BYTES_TYPE, VERSION
from tests.postgres_server import postgres_server
from tests.s3_server import s3_server

pytestmark = pytest.mark.faults

ROUNDS = 10 if os.environ.get("EMOTIONMAP_SOAK") else 1
SEGMENTS = 4
SEGMENT_TAKES_S = 0.05
GRACE_S = 4
STOPPED_WITHIN_S = 30.0
ANSWERED_WITHIN_S = 20.0
SIZE, PIECE = 200_000, 10_000
"""An upload takes a second at least, so that each restart cuts one."""
AGAIN = {409, 423, 502, 503}
"""What a client tries again after: it is elsewhere than it thought, or not here."""


class Gateways:
    """Two gateways as an ingress has them: a request goes to one that answers."""

    def __init__(self, start):
        self._start, self._stacks, self._processes = start, {}, {}
        self.urls = {}
        self.client = httpx.Client(timeout=20, trust_env=False)

    def run(self, name):
        stack = self._stacks[name] = ExitStack()
        self._processes[name], http = stack.enter_context(self._start(name))
        self.urls[name] = str(http.base_url).rstrip("/")

    def end(self, name):
        """Stop one as Kubernetes does; return how long it took.

        Raises:
            AssertionError: It did not end well.
        """
        process = self._processes[name]
        start_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPPED_WITHIN_S) == 0
        took_s = time.monotonic() - start_s
        del self.urls[name]
        self._stacks.pop(name).close()
        return took_s

    def close(self):
        self.client.close()
        for stack in self._stacks.values():
            stack.close()

    def ask(self, method, path, *, first="", **kwargs):
        """Ask one, by preference that which is named, until there is an answer."""
        until_s = time.monotonic() + ANSWERED_WITHIN_S
        while time.monotonic() < until_s:
            for name in sorted(self.urls, key=lambda each: each != first):
                try:
                    url = self.urls[name]
                    answer = self.client.request(method, url + path, **kwargs)
                except (KeyError, httpx.TransportError):
                    continue
                if answer.status_code not in {502, 503}:
                    return answer
            time.sleep(0.05)
        raise AssertionError(f"no gateway answers {method} {path}")


@pytest.fixture
def gateways(tmp_path):
    script = Script(Anywhere(), duration_s=3 * SEGMENTS, tickets=threading.Semaphore(0))
    with (
        postgres_server() as new_database,
        s3_server() as store_url,
        fake_services(script) as fakes,
    ):
        url, ended = new_database("rolled"), threading.Event()

        def start(name):
            return gateway_process(
                fakes, tmp_path / name, database_url=url, object_store_url=store_url,
                executor_id=name, lease_s=5, grace_s=GRACE_S, max_media_bytes=10 * SIZE,
                segments_in_flight=8,
            )  # fmt: skip

        def let_segments_go():
            while not ended.wait(SEGMENT_TAKES_S):
                script.tickets.release()

        both = Gateways(start)
        thread = threading.Thread(target=let_segments_go)
        thread.start()
        try:
            both.run("a")
            both.run("b")
            yield both
        finally:
            both.close()
            ended.set()
            thread.join()


@dataclass
class Load:
    """What clients do while the gateways are restarted.

    Attributes:
        gateways: Which they ask.
        sent: SHA-256 of the video of each analysis that was accepted, by its path.
        cut: Chunks that broke off, or came to one that was about to stop.
    """

    gateways: Gateways
    ended: threading.Event = field(default_factory=threading.Event)
    sent: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    def post(self, first):
        """Send small videos whole, one after the other."""
        number = 0
        while not self.ended.wait(0.2):
            number += 1
            data = os.urandom(2_000)
            key = {"Idempotency-Key": f"{first} {number}"}
            self._accept(data, first, files={"file": ("clip.mp4", data)}, headers=key)

    def upload(self, first):
        """Send larger ones in pieces, slowly, going on where each is whenever it is cut."""
        while not self.ended.is_set():
            data = os.urandom(SIZE)
            head = VERSION | {"Upload-Length": str(SIZE)}
            created = self.gateways.ask("POST", "/v1/uploads", first=first, headers=head)
            assert created.status_code == 201, created.text
            path = created.headers["location"]
            while (offset := self._offset(path, first)) < SIZE:
                self._send(path, data, offset, first)
            self._accept(data, first, json={"upload": path.rpartition("/")[2]})

    def _accept(self, data, first, **kwargs):
        answer = self.gateways.ask("POST", "/v1/analyses", first=first, **kwargs)
        assert answer.status_code == 202, answer.text
        self.sent[answer.headers["location"]] = hashlib.sha256(data).hexdigest()

    def _offset(self, path, first):
        while (answer := self.gateways.ask("HEAD", path, first=first, headers=VERSION)).is_error:
            assert answer.status_code in AGAIN
        return int(answer.headers["upload-offset"])

    def _send(self, path, data, offset, first):
        """Send the rest to one gateway; whatever becomes of it, its offset tells."""
        head = VERSION | {"Content-Type": BYTES_TYPE, "Upload-Offset": str(offset)}
        url = self.gateways.urls.get(first) or next(iter(self.gateways.urls.values()))
        try:
            answer = self.gateways.client.patch(
                url + path, headers=head, content=slowly(data[offset:])
            )
        except httpx.TransportError:
            self.cut += 1
            return
        assert answer.is_success or answer.status_code in AGAIN, answer.text
        self.cut += not answer.is_success


def slowly(data):
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]
        time.sleep(0.05)


@contextmanager
def load_on(gateways):
    """Send videos to both, until the block ends."""
    load = Load(gateways)
    with ThreadPoolExecutor(4) as threads:
        clients = [threads.submit(what, name) for what in (load.post, load.upload) for name in "ab"]
        try:
            yield load
        finally:
            load.ended.set()
    for client in clients:
        client.result()


def at_work(gateways):
    """Return how many analyses have begun and not ended."""
    listed = gateways.ask("GET", "/v1/analyses?limit=100").json()["analyses"]
    return sum(analysis["state"] == "RUNNING" for analysis in listed)


def check(gateways, path, digest):
    """Check that an analysis was done once and whole, of the bytes that were sent."""
    until_s = time.monotonic() + 60
    while (now := gateways.ask("GET", path).json())["state"] in {"QUEUED", "RUNNING"}:
        assert time.monotonic() < until_s, now
        time.sleep(0.05)
    assert now["state"] == "SUCCEEDED", now
    assert gateways.ask("GET", f"{path}/events").text.count("event: intervals") == SEGMENTS
    assert len(gateways.ask("GET", f"{path}/timeline").json()["intervals"]) == 3 * SEGMENTS
    media = gateways.ask("GET", f"{path}/media").content
    assert hashlib.sha256(media).hexdigest() == digest


def test_restarting_gateways_in_turn_loses_no_job_and_no_upload(gateways):
    stops_s = []
    with load_on(gateways) as load:
        for name in "ab" * ROUNDS:
            wait_for(lambda: at_work(gateways) > 1)
            stops_s.append(gateways.end(name))
            gateways.run(name)
    assert load.cut >= ROUNDS, "no upload was cut by a gateway that was stopped"
    assert len(load.sent) >= 10 * ROUNDS
    for path, digest in load.sent.items():
        check(gateways, path, digest)
    assert max(stops_s) <= STOPPED_WITHIN_S
