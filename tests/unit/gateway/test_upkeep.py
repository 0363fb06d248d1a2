"""What a crash left half done is put right."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, media_service_pb2
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.analysis_rows import NewAnalysis, Segment
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.export_store import ExportStore
from emotionmap_gateway.storage.growth_rows import UNKNOWN
from emotionmap_gateway.storage.local_objects import LocalObjects
from emotionmap_gateway.storage.objects import write_all
from emotionmap_gateway.work.upkeep import Upkeep
from google.protobuf.duration_pb2 import Duration


def _range(start_s, end_s):
    return emotion_pb2.TimeRange(
        start_offset=Duration(seconds=start_s), end_offset=Duration(seconds=end_s)
    )


class FakeJobs:
    """Jobs that are known, and whether they have ended."""

    def __init__(self, **ended: bool) -> None:
        self.ended = ended
        self.submitted: list[tuple[str, str]] = []

    async def has_ended(self, job_id: str) -> bool | None:
        return self.ended.get(job_id)

    async def submit(self, kind: str, job_id: str) -> None:
        self.submitted.append((kind, job_id))


def new(analysis_id: str) -> NewAnalysis:
    return NewAnalysis(
        id=analysis_id,
        title="clip.mp4",
        size_bytes=1,
        sha256="0" * 64,
        options=pb.AnalysisOptions(),
        probe=media_service_pb2.ProbeMediaResponse(segments=[_range(0, 3), _range(3, 6)]),
    )


@pytest.fixture
def make(tmp_path):
    """Gives a store with these analyses, and its upkeep with these jobs."""

    @asynccontextmanager
    async def parts(*ids: str, jobs: FakeJobs | None = None):
        changes, objects = Changes(), LocalObjects(tmp_path / "objects")
        async with opening(f"sqlite:///{tmp_path}/db") as database:
            store, exports = AnalysisStore(database, changes), ExportStore(database, changes)
            for analysis_id in ids:
                await store.insert(new(analysis_id), None)
            upkeep = Upkeep(store=store, exports=exports, objects=objects, jobs=jobs or FakeJobs())
            yield SimpleNamespace(
                store=store, exports=exports, objects=objects, upkeep=upkeep, changes=changes
            )
        objects.close()

    return parts


async def test_what_was_never_queued_is_queued(make):
    jobs = FakeJobs()
    async with make("a", jobs=jobs) as parts:
        export_id = await parts.exports.insert("a", media_service_pb2.CutHighlightsRequest(), None)
        await parts.upkeep.settle()
    assert jobs.submitted == [("analyses", "a"), ("exports", export_id)]


async def test_what_was_begun_early_is_queued_where_it_may_wait(make):
    """In the queue of the others it would hold a place until all of its bytes have come."""
    jobs = FakeJobs()
    async with make(jobs=jobs) as parts:
        await parts.store.insert(replace(new("early"), sha256=UNKNOWN), None)
        await parts.store.insert(new("whole"), None)
        await parts.upkeep.settle()
    assert jobs.submitted == [("early-analyses", "early"), ("analyses", "whole")]


async def test_what_ended_without_a_word_has_failed(make):
    async with make("a", jobs=FakeJobs(a=True)) as parts:
        await parts.upkeep.settle()
        analysis = (await parts.store.get("a")).analysis
    assert (analysis.state, analysis.failure.reason) == (pb.JOB_STATE_FAILED, "INTERNAL")


async def test_what_runs_is_left_alone(make):
    jobs = FakeJobs(a=False)
    async with make("a", jobs=jobs) as parts:
        await parts.upkeep.settle()
        analysis = (await parts.store.get("a")).analysis
    assert (analysis.state, jobs.submitted) == (pb.JOB_STATE_QUEUED, [])


async def test_bytes_of_no_analysis_are_deleted(make):
    async with make("a") as parts:
        for analysis_id in ("a", "b"):
            await write_all(parts.objects, keys.media(analysis_id), b"video")
        await parts.upkeep.sweep()
        assert await parts.objects.list_folders(keys.ROOT) == ["a"]


SEGMENT = Segment(0, truncated=False, read_until_ns=1, face_model=None, voice_model=None, run=0)


async def test_a_segment_counts_once(make):
    async with make("a") as parts:
        assert await parts.store.add_segment("a", SEGMENT)
        assert await parts.store.add_segment("a", SEGMENT)
        events = await parts.store.events("a", after=0)
        assert (await parts.store.get("a")).analysis.progress == 0.5
    assert [event.segment for event in events] == [None, 0, None]


async def test_a_final_state_stays(make):
    async with make("a") as parts:
        await parts.store.finish("a", pb.JOB_STATE_CANCELLED)
        await parts.store.finish("a", pb.JOB_STATE_SUCCEEDED)
        assert not await parts.store.add_segment("a", SEGMENT)
        assert await parts.store.start("a") is None
        assert (await parts.store.get("a")).analysis.state == pb.JOB_STATE_CANCELLED


async def test_work_on_what_is_gone_is_refused(make):
    async with make() as parts:
        assert not await parts.store.add_segment("a", SEGMENT)
        assert await parts.store.finish("a", pb.JOB_STATE_SUCCEEDED) is None
        assert await parts.exports.start("a") is None
