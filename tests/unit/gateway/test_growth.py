"""A plan that grows: what is added to it; whoever goes on with it asks for the same steps."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.documents.plans import extended
from emotionmap_gateway.storage.analysis_rows import NewAnalysis
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.growth_rows import UNKNOWN, GrowthRows
from emotionmap_gateway.work.growth import Plan

from tests.contract.gateway_script import span

TOTAL = 1000


def plan(*borders_s, ends=(), is_open=True):
    """Return a plan with borders at these times, seconds."""
    spans = [span(*pair) for pair in pairwise(borders_s)]
    made = media_service_pb2.ProbeMediaResponse(segments=spans, segment_end_bytes=ends, grows=True)
    made.info.open_ended = is_open
    made.info.duration.FromSeconds(borders_s[-1])
    return made


def test_what_is_known_stays_and_what_follows_is_added():
    known = plan(0, 2, 6, ends=(100, 300))
    whole = extended(known, plan(6, 14, ends=(250,)), size_bytes=TOTAL)
    assert whole.segments[:2] == known.segments
    assert [one.end_offset.seconds for one in whole.segments] == [2, 6, 14]
    assert list(whole.segment_end_bytes) == [100, 300, 300]
    assert (whole.info.duration.seconds, whole.info.open_ended, whole.grows) == (14, True, True)


def test_the_bytes_of_the_last_segments_are_assumed_to_lie_evenly():
    known = plan(0, 2, 6, ends=(100, 400))
    whole = extended(known, plan(6, 14, 18, is_open=False), size_bytes=TOTAL)
    assert list(whole.segment_end_bytes) == [100, 400, 800, TOTAL]
    assert (whole.info.open_ended, whole.grows) == (False, True)


@asynccontextmanager
async def stored(tmp_path):
    """Give the plans of a database with one analysis that grows, in its first run."""
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        store, growth = AnalysisStore(database, Changes()), GrowthRows(database, Changes())
        first = plan(0, 2, ends=(100,))
        new = NewAnalysis("1", "a", TOTAL, UNKNOWN, pb.AnalysisOptions(), first)
        await store.insert(new, None)
        yield store, growth, await store.start("1")


async def test_each_segment_is_added_once_by_the_run_that_counts(tmp_path):
    async with stored(tmp_path) as (store, growth, record):
        more = plan(2, 6, ends=(300,))
        for _ in range(2):
            grown = await growth.extend("1", more, after=1, run=record.run)
            assert len(grown.probe.segments) == 2
        assert await growth.extend("1", more, after=2, run=record.run - 1) is None
        last = await growth.extend("1", plan(6, 9, is_open=False), after=2, run=record.run)
        assert last.analysis.media.duration.seconds == 9
        late = await growth.extend("1", more, after=3, run=record.run)
        assert len(late.probe.segments) == 3
        assert (await store.backlog()).segments == 3
        await store.finish("1", pb.JOB_STATE_CANCELLED)
        assert await growth.extend("1", more, after=3, run=record.run) is None


class Kept:
    """Steps that keep what they came to, as those of jobs do."""

    def __init__(self):
        self.results, self.names = {}, []

    def next(self, name):
        self.names.append(name)
        return KeptStep(self.results, name)


class KeptStep:
    def __init__(self, results, name):
        self.results, self.name = results, name

    async def run(self, work, *args):
        if self.name not in self.results:
            self.results[self.name] = await work(*args)
        return self.results[self.name]


class Growing:
    """Stands for the planner: each look finds one more of these plans, from the first on."""

    def __init__(self, record, plans):
        self.record, self.plans = record, plans

    async def more(self, record, _arrival):
        assert record.probe.segments == self.record.probe.segments
        whole = extended(record.probe, self.plans.pop(0), size_bytes=TOTAL)
        record.probe.CopyFrom(whole)
        return record


class Everything:
    """Stands for an arrival of which everything asked for is there."""

    readable_bytes = TOTAL

    async def until(self, _wanted_bytes):
        await asyncio.sleep(0)


async def rounds_of(record, plans, kept):
    plan_ = Plan(record, Growing(record, plans))
    kept.names.clear()
    following = asyncio.ensure_future(plan_.follow(Everything()))
    found = [planned async for planned in plan_.rounds(kept)]
    await following
    assert plan_.is_complete
    return found


LATER = [plan(2, 6), plan(6, 14), plan(14, 18, is_open=False)]


@pytest.mark.parametrize("known", range(4))
async def test_who_goes_on_asks_for_the_same_steps(tmp_path, known):
    """Some rounds were kept; all is planned by now."""
    async with stored(tmp_path) as (_, _, record):
        first = Kept()
        assert await rounds_of(record, list(LATER), first) == [1, 2, 3, 4]
        kept = Kept()
        kept.results = {f"plan-{n}": first.results[f"plan-{n}"] for n in range(known)}
        found = await rounds_of(record, [], kept)
    expected = [*range(1, known + 1), 4] if known < 4 else [1, 2, 3, 4]
    assert found == expected
    assert kept.names == [f"plan-{number}" for number in range(len(expected))]


async def test_a_plan_that_does_not_grow_has_one_round_and_no_steps(tmp_path):
    async with stored(tmp_path) as (_, _, record):
        record.probe.grows = record.probe.info.open_ended = False
        kept = Kept()
        assert await rounds_of(record, [], kept) == [1]
    assert kept.names == []
