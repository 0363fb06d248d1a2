"""Jobs wait for their turn in order, survive the process, and cost nothing while there are none."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from emotionmap_gateway.work.jobs import Kind, running


class Work:
    """Does jobs once they are allowed to; `jobs` names them in the order in which they began."""

    def __init__(self):
        self.jobs = []
        self.done = []
        self.at_work = self.most_at_work = 0
        self.gate = asyncio.Event()

    async def run(self, job_id, steps):
        self.jobs.append(job_id)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await steps.next("one").run(self._step)
            self.done.append(job_id)
        finally:
            self.at_work -= 1

    async def _step(self):
        await self.gate.wait()
        return ""

    async def until_unwanted(self, _job_id):
        await asyncio.Future()

    async def until(self, look):
        async with asyncio.timeout(20):
            while not look():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def jobs_of(work, folder, *, in_flight=2):
    kind = Kind("work", in_flight, work.run, work.until_unwanted)
    url = f"sqlite:///{folder / 'jobs.sqlite3'}"
    with ThreadPoolExecutor(1) as threads:
        async with running([kind], database_url=url, executor_id="test", threads=threads) as jobs:
            yield jobs


async def test_so_many_run_at_once_in_the_order_they_came(tmp_path):
    work, names = Work(), [f"job-{number}" for number in range(5)]
    async with jobs_of(work, tmp_path) as jobs:
        for name in names:
            await jobs.submit("work", name)
        await work.until(lambda: len(work.jobs) == 2)
        assert work.jobs == names[:2]
        work.gate.set()
        await work.until(lambda: len(work.done) == 5)
    assert (work.jobs, work.most_at_work) == (names, 2)


async def test_a_job_is_done_once_however_often_it_is_submitted(tmp_path):
    work = Work()
    work.gate.set()
    async with jobs_of(work, tmp_path) as jobs:
        assert await jobs.has_ended("a") is None
        await asyncio.gather(*(jobs.submit("work", "a") for _ in range(3)))
        await work.until(lambda: work.done)
        await jobs.submit("work", "a")
        while not await jobs.has_ended("a"):
            await asyncio.sleep(0.01)
    assert work.done == ["a"]


async def test_a_job_that_waits_can_be_forgotten_at_once(tmp_path):
    work = Work()
    async with jobs_of(work, tmp_path, in_flight=1) as jobs:
        for name in ("a", "b", "c"):
            await jobs.submit("work", name)
        async with asyncio.timeout(3):
            await jobs.forget("b")
        assert await jobs.has_ended("b") is None
        work.gate.set()
        await work.until(lambda: len(work.done) == 2)
    assert work.jobs == ["a", "c"]


async def test_a_submission_that_is_given_up_still_starts_its_job(tmp_path):
    work = Work()
    work.gate.set()
    async with jobs_of(work, tmp_path) as jobs:
        submitting = asyncio.create_task(jobs.submit("work", "a"))
        await asyncio.sleep(0)
        submitting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submitting
        await work.until(lambda: work.done)


async def first_life(folder):
    """Submit three jobs of which one begins, then end in good order."""
    work = Work()
    async with jobs_of(work, folder, in_flight=1) as jobs:
        for name in ("a", "b", "c"):
            await jobs.submit("work", name)
        await work.until(lambda: work.jobs)
    assert work.jobs == ["a"]


def test_what_ran_and_what_waited_goes_on_in_the_next_life(tmp_path):
    # Each life has a loop of its own, as a process has: DBOS leaves its threads to the loop.
    asyncio.run(first_life(tmp_path))

    async def second_life():
        work = Work()
        work.gate.set()
        async with jobs_of(work, tmp_path, in_flight=1):
            await work.until(lambda: len(work.done) == 3)
        return work

    work = asyncio.run(second_life())
    assert work.done == ["a", "b", "c"]
    assert work.most_at_work == 1


def test_nothing_polls_once_all_that_was_left_is_resumed(tmp_path):
    asyncio.run(first_life(tmp_path))

    async def second_life():
        work = Work()
        async with jobs_of(work, tmp_path) as jobs:
            assert pollers()
            await work.until(lambda: len(work.jobs) == 2)
            await work.until(lambda: not pollers())
            work.gate.set()
            await jobs.submit("work", "d")
            await work.until(lambda: len(work.done) == 4)
        return work.done

    assert sorted(asyncio.run(second_life())) == ["a", "b", "c", "d"]


def pollers():
    """Return the threads of DBOS that look into its database again and again."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if "queue" in name or name == "dbos-background-jobs"]
