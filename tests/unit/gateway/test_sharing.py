"""What keeps several gateways on one database from harming each other."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from dbos import DBOS
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.settings import Settings
from emotionmap_gateway.storage import database as databases
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_rows import NewAnalysis, Segment
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.export_store import CutFile, ExportStore
from emotionmap_gateway.storage.hearing import (
    SURE_LOOK_AGAIN_S,
    UNSURE_LOOK_AGAIN_S,
    hearing,
)
from emotionmap_gateway.storage.lease_rows import LeaseRows
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.storage.objects import write_all
from emotionmap_gateway.work.jobs import APPLICATION_VERSION, Kind, running
from emotionmap_gateway.work.leases import Leases
from emotionmap_gateway.work.orphans import PERIOD_S, Orphans
from emotionmap_gateway.work.takeover import has_unfinished, take_over
from emotionmap_media.settings import Settings as MediaSettings
from emotionmap_runtime.errors import ServiceError

from tests.postgres_server import postgres_server


@pytest.fixture(scope="module")
def postgres():
    with postgres_server() as new_database:
        yield lambda name: new_database(name).replace("postgresql", "postgresql+psycopg")


@asynccontextmanager
async def store_with_analysis(tmp_path):
    probe = media_service_pb2.ProbeMediaResponse()
    probe.segments.add().end_offset.FromSeconds(3)
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        store = AnalysisStore(database, Changes())
        new = NewAnalysis("a", "clip", 3, "0" * 64, pb.AnalysisOptions(), probe)
        await store.insert(new, None)
        yield store, database


def segment(run):
    return Segment(0, truncated=False, read_until_ns=1, face_model=None, voice_model=None, run=run)


def test_one_url_is_enough_for_both_databases(monkeypatch):
    monkeypatch.setenv("EMOTIONMAP_GATEWAY_DATABASE_URL", "postgresql://me:secret@host/db")
    monkeypatch.setenv("EMOTIONMAP_OBJECT_STORE_URL", "s3://bucket/folder")
    settings = Settings()
    assert settings.main_url() == settings.jobs_url() == "postgresql+psycopg://me:secret@host/db"
    assert not settings.is_embedded
    assert settings.object_store_url == MediaSettings().object_store_url == "s3://bucket/folder"
    assert "secret" not in settings.model_dump_json()
    assert Settings(database_url=None).is_embedded


async def test_what_a_run_that_was_replaced_writes_is_refused(tmp_path):
    async with store_with_analysis(tmp_path) as (store, _):
        old, new = (await store.start("a")).run, (await store.start("a")).run
        assert not await store.add_segment("a", segment(old))
        assert not await store.add_timeline("a", run=old)
        assert await store.finish("a", pb.JOB_STATE_FAILED, run=old) is None
        assert await store.add_segment("a", segment(new))
        assert await store.add_timeline("a", run=new)
        record = await store.finish("a", pb.JOB_STATE_SUCCEEDED, run=new)
    assert (old, new, record.timeline_run) == (1, 2, 2)
    assert keys.timeline("a", "json", run=old) != keys.timeline("a", "json", run=new)


async def test_so_is_the_file_of_an_export(tmp_path):
    async with store_with_analysis(tmp_path) as (_, database):
        exports = ExportStore(database, Changes())
        export_id = await exports.insert("a", media_service_pb2.CutHighlightsRequest(), None)
        old, new = (await exports.start(export_id)).run, (await exports.start(export_id)).run
        state, file = pb.JOB_STATE_SUCCEEDED, CutFile(3, None)
        assert not await exports.finish(export_id, state, file=file, run=old)
        assert await exports.finish(export_id, state, file=file, run=new)
    assert keys.export("a", export_id, run=old) != keys.export("a", export_id, run=new)


class Gateway:
    """One of two gateways as its leases see it."""

    def __init__(self, database, name, *, length_s=60.0, holder=""):
        self.done = []
        self.left = {"a", "b"}
        self.rows = LeaseRows(database, executor_id=name, holder=holder or name, length_s=length_s)
        self.leases = Leases(
            self.rows,
            executor_id=name,
            length_s=1,
            take_over=self.take_over,
            has_unfinished=self.has_unfinished,
            displaced=lambda: self.done.append("displaced"),
        )

    async def take_over(self, name):
        self.done.append(f"took over {name}")
        return 1

    async def has_unfinished(self, name):
        return name in self.left

    async def abandon(self):
        self.done.append("abandoned")

    async def look(self):
        await self.leases._look(self)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, tmp_path):
    url = f"sqlite:///{tmp_path}/db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")(f"leases{abs(hash(request.node.name))}")
    async with opening(url) as database:
        yield database


async def test_a_lease_that_runs_out_is_taken_over_until_nothing_is_left(database):
    a, b = Gateway(database, "a", length_s=0), Gateway(database, "b")
    await a.leases.acquire()
    await b.leases.acquire()
    await b.look()
    await b.look()
    assert b.done == ["took over a", "took over a"]
    b.left.clear()
    await b.look()
    await b.look()
    assert b.done == ["took over a"] * 3
    await a.look()
    assert a.done[:2] == ["abandoned", "took over a"]


async def test_a_lease_that_is_held_is_left_alone_and_one_that_is_released_is_not(database):
    a, b = Gateway(database, "a"), Gateway(database, "b")
    await a.leases.acquire()
    await b.leases.acquire()
    await b.look()
    assert b.done == []
    await a.leases.release()
    await b.look()
    assert b.done == ["took over a"]


async def test_a_process_that_comes_again_takes_the_place_of_the_one_before(database):
    before, after = Gateway(database, "a"), Gateway(database, "a", holder="new")
    await before.leases.acquire()
    await after.leases.acquire()
    await before.look()
    await after.look()
    assert before.done == ["abandoned", "displaced"]
    assert after.done == []


class Work:
    """Holds its jobs until it is told."""

    def __init__(self):
        self.gate, self.begun, self.ended = asyncio.Event(), [], []

    async def run(self, job_id, steps):
        self.begun.append(job_id)
        await steps.next("one").run(self._step)
        self.ended.append(job_id)

    async def _step(self):
        await self.gate.wait()
        return ""

    async def until_unwanted(self, _job_id):
        await asyncio.Future()


@asynccontextmanager
async def jobs_of(work, url, name):
    kind = Kind("work", 2, work.run, work.until_unwanted)
    with ThreadPoolExecutor(1) as threads:
        async with running(
            [kind], database_url=url, executor_id=name, threads=threads, is_shared=True
        ) as jobs:
            yield jobs


async def until(look):
    async with asyncio.timeout(20):
        while not look():
            await asyncio.sleep(0.01)


async def test_dbos_hands_over_the_jobs_of_another_and_keeps_their_version(postgres):
    """What takeover.py relies on: private to DBOS, so each version must be held to it."""
    url, gone, here = postgres("takeover"), Work(), Work()
    async with jobs_of(gone, url, "gone") as jobs:
        await jobs.submit("work", "job")
        await until(lambda: gone.begun)
    async with jobs_of(here, url, "here"):
        assert DBOS.application_version == APPLICATION_VERSION == "1"
        assert await has_unfinished("gone")
        assert await take_over("gone") == 1
        assert await take_over("gone") == 0
        here.gate.set()
        await until(lambda: here.ended)
        assert not await has_unfinished("gone")
        [found] = await DBOS.list_workflows_async()
        assert (found.executor_id, found.app_version) == ("here", APPLICATION_VERSION)
    assert here.begun == ["job"]


async def test_a_change_is_heard_by_another_process(postgres):
    url = postgres("hearing")
    changes = Changes(look_again_s=0.5)
    async with opening(url) as database, hearing(url, changes, database):
        await until(lambda: changes.look_again_s == SURE_LOOK_AGAIN_S)
        with changes.listening("a") as bell:
            start_s = time.monotonic()
            await database.write(lambda c: c.execute(sa.text("SELECT 1")), told="a")
            await bell.rung()
        assert time.monotonic() - start_s < SURE_LOOK_AGAIN_S / 2


class Mute:
    """A database through a pooler that swallows what is told."""

    def __init__(self):
        self.told = []

    async def write(self, work, *, told=None):
        self.told.append(told)


async def test_one_that_does_not_hear_itself_looks_again_soon(postgres, monkeypatch):
    monkeypatch.setattr("emotionmap_gateway.storage.hearing.ECHO_S", 0.05)
    changes, mute = Changes(look_again_s=0.5), Mute()
    async with hearing(postgres("mute"), changes, mute):
        await until(lambda: mute.told)
        await asyncio.sleep(0.1)
        assert changes.look_again_s == UNSURE_LOOK_AGAIN_S


async def test_a_database_that_is_away_is_told():
    with pytest.raises(ServiceError) as caught:
        async with opening("postgresql+psycopg://x@/x?host=/nowhere"):
            pass
    assert caught.value.reason == "SERVICE_UNAVAILABLE"


async def test_bytes_without_an_analysis_are_deleted_after_an_hour(tmp_path):
    now_s, objects = 0.0, LocalObjects(tmp_path / "objects")
    async with store_with_analysis(tmp_path) as (store, _):
        orphans = Orphans(store, objects, clock=lambda: now_s)
        for analysis_id in ("a", "gone"):
            await write_all(objects, keys.media(analysis_id), b"x")
        for now_s in (0.0, PERIOD_S - 1):  # noqa: B007 - the clock reads it
            await orphans.sweep()
            assert await objects.list_folders(keys.ROOT) == ["a", "gone"]
        now_s = PERIOD_S
        await orphans.sweep()
        assert await objects.list_folders(keys.ROOT) == ["a"]
    objects.close()


async def test_one_that_hangs_in_a_transaction_keeps_nothing_locked(postgres, monkeypatch):
    monkeypatch.setattr(databases, "IDLE_TRANSACTION_S", 0.2)
    url, tries = postgres("hangs"), []
    add = sa.text("UPDATE counter SET value = value + 1")

    def hang(connection):
        connection.execute(add)
        tries.append(len(tries))
        if len(tries) == 1:
            others.submit(lambda: asyncio.run(count())).result(10)  # which waits for this lock

    async def count():
        async with opening(url) as other:
            await other.write(lambda connection: connection.execute(add))

    with ThreadPoolExecutor(1) as others:
        async with opening(url) as database:
            make = sa.text("CREATE TABLE counter AS SELECT 0 AS value")
            await database.write(lambda connection: connection.execute(make))
            await database.write(hang)
            value = sa.text("SELECT value FROM counter")
            found = await database.read(lambda connection: connection.execute(value).scalar_one())
    assert (found, tries) == (2, [0, 1])
