"""The work on highlights ends when it should, and leaves nothing that no one would delete."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace

import grpc
import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.storage.analysis_rows import NewAnalysis
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.export_store import ExportStore
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.work.highlights import HighlightsJob
from emotionmap_gateway.work.job_metrics import JobMetrics
from emotionmap_gateway.work.retries import Patience
from emotionmap_runtime.errors import ServiceError
from prometheus_client import CollectorRegistry

SOON_S = 5
"""Far below what a watcher sleeps here."""


class EndlessMedia:
    """Gives a few bytes of a cut, and no end unless it may."""

    def __init__(self) -> None:
        self.cutting, self.may_end = asyncio.Event(), asyncio.Event()

    def CutHighlights(self, request, **_):
        return self

    async def __aiter__(self):
        yield media_service_pb2.CutHighlightsResponse(chunk=b"mp4")
        self.cutting.set()
        await self.may_end.wait()

    def cancel(self) -> None:
        pass


class LateObjects(LocalObjects):
    """Has written an object, and does not yet say so."""

    def __init__(self, root) -> None:
        super().__init__(root)
        self.written = asyncio.Event()

    def writer(self, key):
        writer = super().writer(key)
        commit = writer.commit

        async def commit_late():
            await commit()
            self.written.set()
            await asyncio.Future()

        writer.commit = commit_late
        return writer


class AwayObjects(LocalObjects):
    async def delete(self, key):
        raise ServiceError(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", "It is away.")


@pytest.fixture
def make(tmp_path):
    """Gives the job of one export, and what it works with."""

    @asynccontextmanager
    async def parts(objects_type=LocalObjects):
        changes, objects = Changes(look_again_s=600), objects_type(tmp_path / "objects")
        media = EndlessMedia()
        new = NewAnalysis("a", "clip.mp4", 1, "0" * 64, pb.AnalysisOptions(), PROBE)
        async with opening(f"sqlite:///{tmp_path}/db") as database:
            store = ExportStore(database, changes)
            await AnalysisStore(database, changes).insert(new, None)
            job = HighlightsJob(
                store=store,
                objects=objects,
                backends=SimpleNamespace(media=media),
                changes=changes,
                patience=Patience(absence_s=1, attempts=1),
                timeout_s=1,
                metrics=JobMetrics.create(CollectorRegistry()),
            )
            export_id = await store.insert("a", media_service_pb2.CutHighlightsRequest(), None)
            yield SimpleNamespace(job=job, id=export_id, store=store, objects=objects, media=media)
        objects.close()

    return parts


PROBE = media_service_pb2.ProbeMediaResponse()


def files(objects):
    return [path for path in objects.root.rglob("*") if path.is_file()]


async def stop(task):
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_cut_that_is_stopped_in_good_order_was_not_in_vain(make):
    async with make() as parts:
        task = asyncio.create_task(parts.job.run(parts.id, None))
        await parts.media.cutting.wait()
        await stop(task)
        assert (await parts.store.get(parts.id)).fruitless_starts == 0
        assert not files(parts.objects)


async def test_a_file_that_was_just_written_goes_with_the_cut_that_is_stopped(make):
    async with make(LateObjects) as parts:
        parts.media.may_end.set()
        task = asyncio.create_task(parts.job.run(parts.id, None))
        await parts.objects.written.wait()
        assert files(parts.objects)
        await stop(task)
        assert not files(parts.objects)


async def test_a_cut_whose_store_is_away_is_stopped_in_good_order_as_well(make):
    """Ended by an error it would not be resumed."""
    async with make(AwayObjects) as parts:
        task = asyncio.create_task(parts.job.run(parts.id, None))
        await parts.media.cutting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await parts.store.get(parts.id)).fruitless_starts == 0


async def test_a_cancelled_cut_is_unwanted_at_once(make):
    async with make() as parts:
        task = asyncio.create_task(parts.job.run(parts.id, None))
        unwanted = asyncio.create_task(parts.job.until_unwanted(parts.id))
        await parts.media.cutting.wait()
        assert await parts.store.finish(parts.id, pb.JOB_STATE_CANCELLED)
        await asyncio.wait_for(unwanted, SOON_S)
        await stop(task)
        record = await parts.store.get(parts.id)
    assert (record.export.state, record.export.size_bytes) == (pb.JOB_STATE_CANCELLED, 0)


async def test_a_cut_that_another_process_has_taken_over_is_unwanted(make):
    async with make() as parts:
        task = asyncio.create_task(parts.job.run(parts.id, None))
        await parts.media.cutting.wait()
        unwanted = asyncio.create_task(parts.job.until_unwanted(parts.id))
        await asyncio.sleep(0)
        newer = await parts.store.start(parts.id)
        await asyncio.wait_for(unwanted, SOON_S)
        await stop(task)
        assert (newer.run, (await parts.store.get(parts.id)).run) == (2, 2)


async def test_what_an_older_run_cut_is_not_kept(make):
    async with make() as parts:
        task = asyncio.create_task(parts.job.run(parts.id, None))
        await parts.media.cutting.wait()
        await parts.store.start(parts.id)
        parts.media.may_end.set()
        await task
        export = (await parts.store.get(parts.id)).export
        assert (export.state, files(parts.objects)) == (pb.JOB_STATE_RUNNING, [])
