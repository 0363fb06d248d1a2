"""Makes jobs durable with DBOS: one workflow per job, resumed after a crash. Knows no other module.

DBOS is one per process, keeps a registry per process, and stores what workflows take and return
for good; so workflows take one id, steps return "" or a failure, and both registry and instance
live as long as `running`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig, SetWorkflowID, StepReservation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from emotionmap_gateway.work.steps import Step, Steps

APPLICATION_VERSION = "1"
"""Raised when the steps of a job change: jobs of another version are left to its processes."""

QUEUE_POLL_S = 0.5
"""Half of what a job waits at most; each poll costs about 3 ms."""
RECOVERIES = 1000
"""More than enough: jobs count for themselves how often they were started in vain."""

ENDED_STATES = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    `run` does the work and is cancelled when `until_unwanted` returns; both take the id.
    """

    name: str
    in_flight: int
    run: Callable[[str, Steps], Awaitable[None]]
    until_unwanted: Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class _Running:
    """The jobs of this process, and whether it is about to stop."""

    tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    steps: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    draining: bool = False

    def count(self, change: int) -> None:
        """Note that a step began (+1) or ended (-1)."""
        self.steps += change
        if self.steps:
            self.idle.clear()
        else:
            self.idle.set()


class Jobs:
    """Starts jobs, forgets them, lets them end."""

    def __init__(self, running: _Running) -> None:
        self._running = running
        self._workflows: dict[str, Callable[[str], Any]] = {}

    def register(self, kind: Kind) -> None:
        """Make a kind of job known; before DBOS is launched, as it resumes jobs at once."""

        async def workflow(job_id: str) -> None:
            await self._work(kind, job_id)

        decorate = DBOS.workflow(name=kind.name, max_recovery_attempts=RECOVERIES)
        self._workflows[kind.name] = decorate(workflow)

    async def submit(self, kind: str, job_id: str) -> None:
        """Queue a job. Nothing happens if it was queued before."""
        with SetWorkflowID(job_id):
            await DBOS.enqueue_workflow_async(kind, self._workflows[kind], job_id)

    async def has_ended(self, job_id: str) -> bool | None:
        """Tell whether a job has ended, however it did; None if it was never queued."""
        status = await DBOS.get_workflow_status_async(job_id)
        return None if status is None else status.status in ENDED_STATES

    async def forget(self, job_id: str) -> None:
        """Stop a job of this process and remove what is kept of it."""
        task = self._running.tasks.get(job_id)
        if task is not None:
            # It sees by itself that it is unwanted; only a job that is stuck is cancelled.
            _, pending = await asyncio.wait({task}, timeout=5)
            for stuck in pending:
                stuck.cancel()
        await DBOS.delete_workflow_async(job_id)

    async def drain(self, timeout_s: float) -> None:
        """Start no more steps, give running ones time, then leave the rest for the next start."""
        self._running.draining = True
        if self._running.steps:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._running.idle.wait()
        tasks = list(self._running.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, kind: Kind, job_id: str) -> None:
        """Run a job until it ends or is unwanted."""
        if self._running.draining:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None
        self._running.tasks[job_id] = task
        work = asyncio.ensure_future(kind.run(job_id, _DurableSteps(self._running)))
        unwanted = asyncio.ensure_future(kind.until_unwanted(job_id))
        try:
            await asyncio.wait({work, unwanted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Cancelled from outside it stays pending and is resumed; unwanted it just ends.
            for part in (work, unwanted):
                part.cancel()
            await asyncio.gather(work, unwanted, return_exceptions=True)
            self._running.tasks.pop(job_id, None)
        if not work.cancelled():
            work.result()


class _DurableSteps:
    """Steps of one run of a workflow; their numbers are drawn in the order of `next`."""

    def __init__(self, running: _Running) -> None:
        self._running = running

    def next(self, name: str) -> Step:
        return _DurableStep(name, DBOS.reserve_step(), self._running)


class _DurableStep:
    def __init__(self, name: str, reservation: StepReservation, running: _Running) -> None:
        self._name = name
        self._reservation = reservation
        self._running = running

    async def run(self, work: Callable[..., Awaitable[str]], *args: Any) -> str:
        if self._running.draining:
            await asyncio.Future()  # until the job is cancelled
        self._running.count(+1)
        try:

            async def step() -> str:
                return await work(*args)

            return await self._reservation.run_async({"name": self._name}, step)
        finally:
            self._running.count(-1)


@asynccontextmanager
async def running(
    kinds: Sequence[Kind],
    *,
    database_url: str,
    executor_id: str,
    threads: Executor,
) -> AsyncIterator[Jobs]:
    """Give the jobs of this process; those that an earlier process left are resumed at once.

    Args:
        kinds: What jobs there are.
        database_url: SQLAlchemy URL of a database of DBOS's own.
        executor_id: Name of this process among its replicas: it resumes the jobs of that name.
        threads: Where DBOS, which blocks while it stops, is stopped.
    """
    # A handler of its own keeps DBOS from adding one that writes plain text.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    jobs = Jobs(_Running())
    DBOS(config=_config(database_url, executor_id))
    try:
        for kind in kinds:
            jobs.register(kind)
        # On this loop's own thread: that is how DBOS learns where to run workflows.
        DBOS.launch()
        for kind in kinds:
            await DBOS.register_queue_async(
                kind.name, worker_concurrency=kind.in_flight, polling_interval_sec=QUEUE_POLL_S
            )
        yield jobs
    finally:
        await jobs.drain(timeout_s=0)
        stop = partial(DBOS.destroy, destroy_registry=True)
        await asyncio.get_running_loop().run_in_executor(threads, stop)


def _config(database_url: str, executor_id: str) -> DBOSConfig:
    return {
        "name": "emotionmap-gateway",
        "system_database_url": database_url,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id,
        "enable_otlp": False,
        "log_level": "ERROR",
        "max_executor_threads": 16,
    }
