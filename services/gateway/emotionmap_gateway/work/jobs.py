"""Makes jobs durable with DBOS: one workflow per job, resumed after a crash.

DBOS is one per process, keeps a registry per process, and stores what workflows take and return
for good; so workflows take one id, steps return "" or a failure, and both registry and instance
live as long as `running`.

A job is a workflow from the moment it is submitted, and waits here for its turn: DBOS's queues are
polled, which costs more than all else that an idle gateway does. DBOS resumes jobs through a
queue of its own, so its pollers run until that is done, and are stopped then; of gateways that
share a database they go on, as each may have to take over the jobs of another; see leases.py.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig, SetWorkflowID, StepReservation
from dbos._error import DBOSWorkflowConflictIDError

from emotionmap_gateway.storage.database import IDLE_TRANSACTION_S
from emotionmap_gateway.work.steps import UnwantedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from emotionmap_gateway.work.steps import Step, Steps

APPLICATION_VERSION = "1"
"""Raised when the steps of a job change: jobs of another version are left to its processes."""

SETTLE_S = 1.0
"""How often is looked, after the start, whether everything that was left has been resumed."""
RECOVERIES = 1000
"""More than enough: jobs count for themselves how often they were started in vain."""
ABANDON_S = 5.0
"""What a cancelled job may take to let go; the process ends, or a lease is lost, in any case."""

ENDED_STATES = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    `run` does the work and is cancelled when `until_unwanted` returns; both take the id. At most
    `in_flight` jobs are at work at once, in the order in which they came.
    """

    name: str
    in_flight: int
    run: Callable[[str, Steps], Awaitable[None]]
    until_unwanted: Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class _Running:
    """The jobs of this process, and whether it is about to stop."""

    tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)  # those of them whose turn has not come
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
        self._starts: set[asyncio.Task[None]] = set()

    def register(self, kind: Kind) -> None:
        """Make a kind of job known; before DBOS is launched, as it resumes jobs at once."""
        slots = asyncio.Semaphore(kind.in_flight)

        async def workflow(job_id: str) -> None:
            await self._take_turn(kind, slots, job_id)

        decorate = DBOS.workflow(name=kind.name, max_recovery_attempts=RECOVERIES)
        self._workflows[kind.name] = decorate(workflow)

    async def submit(self, kind: str, job_id: str) -> None:
        """Start a job, which then waits for its turn. Nothing happens if it was started before."""
        # In a context of its own: what is known of this request is not of the job.
        start = asyncio.create_task(self._start(kind, job_id), context=Context())
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)
        # Not given up if the caller leaves: a job that is kept but was not begun would lie still.
        await asyncio.shield(start)

    async def has_ended(self, job_id: str) -> bool | None:
        """Tell whether a job has ended, however it did; None if it was never queued."""
        status = await DBOS.get_workflow_status_async(job_id)
        return None if status is None else status.status in ENDED_STATES

    async def forget(self, job_id: str) -> None:
        """Stop a job of this process and remove what is kept of it."""
        task = self._running.tasks.get(job_id)
        if task is not None:
            # It sees by itself that it is unwanted; only a job that waits or is stuck is cancelled.
            patience_s = 0 if job_id in self._running.waiting else 5
            _, pending = await asyncio.wait({task}, timeout=patience_s)
            for stuck in pending:
                stuck.cancel()
        await DBOS.delete_workflow_async(job_id)

    async def abandon(self) -> None:
        """Stop working on all jobs without a word: another process has taken them over, or may."""
        tasks = list(self._running.tasks.values())
        for task in tasks:
            task.cancel()
        if not tasks:
            return
        _, stuck = await asyncio.wait(tasks, timeout=ABANDON_S)
        if stuck:
            log.warning("jobs did not end when cancelled", extra={"jobs": len(stuck)})

    async def drain(self, timeout_s: float) -> None:
        """Start no more steps, give running ones time, then leave the rest for the next start."""
        self._running.draining = True
        if self._running.steps:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._running.idle.wait()
        await self.abandon()

    async def _start(self, kind: str, job_id: str) -> None:
        with SetWorkflowID(job_id):
            await DBOS.start_workflow_async(self._workflows[kind], job_id)

    async def _take_turn(self, kind: Kind, slots: asyncio.Semaphore, job_id: str) -> None:
        """Run a job when its turn has come; cancelled before, it stays pending."""
        running, task = self._running, asyncio.current_task()
        assert task is not None
        running.tasks[job_id] = task
        running.waiting.add(job_id)
        try:
            async with slots:
                running.waiting.discard(job_id)
                await self._work(kind, job_id)
        finally:
            running.waiting.discard(job_id)
            running.tasks.pop(job_id, None)

    async def _work(self, kind: Kind, job_id: str) -> None:
        """Run a job until it ends or is unwanted."""
        if self._running.draining:
            raise asyncio.CancelledError
        work = asyncio.ensure_future(kind.run(job_id, _DurableSteps(self._running)))
        unwanted = asyncio.ensure_future(kind.until_unwanted(job_id))
        try:
            await asyncio.wait({work, unwanted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Cancelled from outside it stays pending and is resumed; unwanted it just ends.
            for part in (work, unwanted):
                part.cancel()
            await asyncio.gather(work, unwanted, return_exceptions=True)
        for part in (unwanted, work):
            if not part.cancelled():
                part.result()  # or its error, which DBOS logs


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
        except DBOSWorkflowConflictIDError:
            raise UnwantedError from None
        finally:
            self._running.count(-1)


@asynccontextmanager
async def running(
    kinds: Sequence[Kind],
    *,
    database_url: str,
    executor_id: str,
    threads: Executor,
    is_shared: bool = False,
) -> AsyncIterator[Jobs]:
    """Give the jobs of this process; those that an earlier process left are resumed at once.

    Args:
        kinds: What jobs there are.
        database_url: SQLAlchemy URL of a database of DBOS's own.
        executor_id: Name of this process among its replicas: it resumes the jobs of that name.
        threads: Where DBOS, which blocks while it stops, is stopped.
        is_shared: Whether there may be replicas.
    """
    # A handler of its own keeps DBOS from adding one that writes plain text.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    state = _Running()
    jobs = Jobs(state)
    dbos = DBOS(config=_config(database_url, executor_id))
    settling: asyncio.Task[None] | None = None
    try:
        for kind in kinds:
            jobs.register(kind)
        # On this loop's own thread: that is how DBOS learns where to run workflows.
        DBOS.launch()
        if not is_shared:
            settling = asyncio.create_task(_stop_polling(dbos, state, executor_id))
        yield jobs
    finally:
        if settling is not None:
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)
        await jobs.drain(timeout_s=0)
        stop = partial(DBOS.destroy, destroy_registry=True)
        await asyncio.get_running_loop().run_in_executor(threads, stop)


async def _stop_polling(dbos: DBOS, running: _Running, executor_id: str) -> None:
    """Stop DBOS's pollers once all jobs that were left for this process have been resumed."""
    while True:
        await asyncio.sleep(SETTLE_S)
        try:
            if not await _has_left_jobs(running, executor_id):
                break
        except Exception:  # of the database; the next look may work
            log.warning("jobs cannot be listed", exc_info=True)
    # Queues, schedules, delays and timeouts of workflows: none of them is used here any more.
    for event in (*dbos.background_thread_stop_events, dbos._background_jobs_stop_event):  # noqa: SLF001 - no setting does it
        event.set()


async def _has_left_jobs(running: _Running, executor_id: str) -> bool:
    """Tell whether there are jobs that this process should work on and does not know of."""
    found = await DBOS.list_workflows_async(
        status=["PENDING", "ENQUEUED"],
        app_version=APPLICATION_VERSION,
        load_input=False,
        load_output=False,
    )
    return any(
        # What is queued, by a process of this name that was killed as it resumed, has no owner.
        one.status == "ENQUEUED"
        or (one.executor_id == executor_id and one.workflow_id not in running.tasks)
        for one in found
    )


def _config(database_url: str, executor_id: str) -> DBOSConfig:
    return {
        "name": "emotionmap-gateway",
        "system_database_url": database_url,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id,
        "enable_otlp": False,
        "log_level": "ERROR",
        "max_executor_threads": 16,
        "sys_db_idle_transaction_timeout_sec": IDLE_TRANSACTION_S,
    }
