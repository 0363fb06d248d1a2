"""What is waited for of a video that is still being uploaded, and what ends the waiting."""

from __future__ import annotations

import asyncio

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import media_service_pb2
from emotionmap_gateway.storage.analysis_rows import NewAnalysis
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.growth_rows import UNKNOWN, GrowthRows
from emotionmap_gateway.storage.upload_rows import Upload, UploadRows
from emotionmap_gateway.upload_refusals import not_found
from emotionmap_gateway.work.arrival import LEAST_MORE, Arrival
from emotionmap_runtime.errors import ServiceError

TOTAL = 10 * LEAST_MORE


async def is_done(task):
    for _ in range(3):
        await asyncio.sleep(0)
    return task.done()


async def test_who_waits_goes_on_when_enough_is_there():
    arrival = Arrival(TOTAL)
    tasks = [asyncio.ensure_future(arrival.until(wanted)) for wanted in (100, 200, TOTAL)]
    for there, done in ((99, 0), (100, 1), (TOTAL, 2)):
        arrival.grow(there)
        assert sum([await is_done(task) for task in tasks]) == done
    arrival.complete()  # not before: the last byte may be there and yet be discarded
    assert await is_done(tasks[2])
    assert arrival.growing is None


async def test_another_try_waits_for_a_good_deal_more():
    arrival = Arrival(TOTAL)
    arrival.grow(100)
    task = asyncio.ensure_future(arrival.until_more(100))
    arrival.grow(99 + LEAST_MORE)
    assert not await is_done(task)
    arrival.grow(100 + LEAST_MORE)
    assert await is_done(task)


async def test_what_never_comes_is_told_to_all():
    arrival = Arrival(TOTAL)
    tasks = [asyncio.ensure_future(arrival.until(wanted)) for wanted in (100, TOTAL)]
    await is_done(tasks[0])
    arrival.fail(not_found())
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(error, ServiceError)
    arrival.grow(100)
    await arrival.until(100)


def new(analysis_id, sha256):
    probe = media_service_pb2.ProbeMediaResponse()
    return NewAnalysis(analysis_id, "a", 9, sha256, pb.AnalysisOptions(), probe)


@pytest.mark.parametrize("first", [UNKNOWN, "abc"])
async def test_an_upload_becomes_one_analysis_whoever_comes_first(tmp_path, first):
    second = "abc" if first == UNKNOWN else UNKNOWN
    async with opening(f"sqlite:///{tmp_path}/db") as database:
        store, rows = AnalysisStore(database, Changes()), UploadRows(database)
        await rows.insert(Upload("u", 9, "a", "", 10**18))
        assert await store.insert(new("1", first), None, upload_id="u") == "1"
        assert await store.insert(new("2", second), None, upload_id="u") == "1"
        assert (await rows.find("u") is None) == (first != UNKNOWN)
        assert await rows.of_analysis("1") == "u"
        growth = GrowthRows(database, Changes())
        assert await growth.count() == (first == UNKNOWN)
        await growth.settle("1", "abc")
        assert await growth.count() == 0
