"""What a gateway asks of a shared PostgreSQL: counted, as `docs/capacity.md` reckons with it."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import psycopg
import pytest
from emotionmap_gateway.storage.hearing import SURE_LOOK_AGAIN_S

from tests.capacity import cluster
from tests.contract.gateway_fakes import fake_services
from tests.contract.gateway_process import gateway_process
from tests.contract.gateway_script import Anywhere, Script
from tests.contract.gateway_system import VIDEO, wait_for
from tests.postgres_server import postgres_server
from tests.s3_server import s3_server

FEW, MANY = 2, 22
"""Segments of two analyses: what the difference costs is what segments cost."""
HELD_S = 6.0
WATCHERS = 10
TRANSACTIONS_PER_LOOK = 4
"""The analysis and its events, each with a ping before it."""
FILES = {"file": ("clip.mp4", VIDEO)}


@dataclass(frozen=True)
class Counts:
    """What a database has been asked since it was made.

    Attributes:
        transactions: All of them, also the pings of connections before they are used.
        writes: Those that changed something.
        seconds: How long the gateway ran.
    """

    transactions: int
    writes: int
    seconds: float

    def __sub__(self, other):
        return Counts(
            self.transactions - other.transactions,
            self.writes - other.writes,
            self.seconds - other.seconds,
        )


@pytest.fixture(scope="module")
def stores():
    with postgres_server() as new_database, s3_server() as store_url:
        yield new_database, store_url


@pytest.fixture
def counted(stores, tmp_path):
    """Give what lets a gateway do an analysis, then wait, and counts what that asked for."""

    def counted(*, segments=FEW, held_s=0.0, watchers=0):
        new_database, store_url = stores
        url = new_database(f"counted{time.monotonic_ns()}")
        script = Script(Anywhere(), duration_s=3 * segments)
        before = looked_up(url)
        with fake_services(script) as services, gateway_process(
            services, tmp_path, database_url=url, object_store_url=store_url, segments_in_flight=8
        ) as (process, http), ThreadPoolExecutor(WATCHERS) as threads:  # fmt: skip
            start_s = time.monotonic()
            path = http.post("/v1/analyses", files=FILES).headers["location"]
            for _ in range(watchers):
                threads.submit(http.get, f"{path}/events")
            time.sleep(held_s)
            script.gate.set()
            wait_for(lambda: script.count("SummarizeTimeline"))
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            seconds = time.monotonic() - start_s
        # A connection tells what it did when it ends.
        wait_for(lambda: connections(url) == 1)
        return replace(looked_up(url), seconds=seconds) - before

    return counted


def looked_up(url):
    with psycopg.connect(url, autocommit=True) as database:
        [found] = database.execute(
            "SELECT xact_commit + xact_rollback, pg_current_xact_id()::text::bigint"
            " FROM pg_stat_database WHERE datname = current_database()"
        )
    return Counts(*found, seconds=0.0)


def connections(url):
    with psycopg.connect(url, autocommit=True) as database:
        [[count]] = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
    return count


def test_transactions_are_as_many_as_the_capacity_is_reckoned_with(counted):
    few, held, many = counted(), counted(held_s=HELD_S), counted(segments=MANY)
    watched = counted(segments=MANY, watchers=WATCHERS)
    waiting, more, looks = held - few, many - few, watched - many
    idle = waiting.transactions / waiting.seconds
    each = (more.transactions - idle * more.seconds) / (MANY - FEW)
    seen = (looks.transactions - idle * looks.seconds) / (WATCHERS * MANY)
    assert idle == pytest.approx(cluster.TRANSACTIONS_IDLE_PER_S, rel=0.4)
    assert each == pytest.approx(cluster.TRANSACTIONS_PER_SEGMENT, rel=0.3)
    assert more.writes / (MANY - FEW) == pytest.approx(cluster.WRITES_PER_SEGMENT, rel=0.3)
    assert 0 < seen < 1.5 * cluster.TRANSACTIONS_PER_WATCHED_SEGMENT


def test_one_who_waits_for_news_looks_as_seldom_as_is_reckoned_with():
    looks_per_s = 1 / SURE_LOOK_AGAIN_S
    assert TRANSACTIONS_PER_LOOK * looks_per_s == pytest.approx(
        cluster.TRANSACTIONS_PER_WAITING_S, rel=0.15
    )
