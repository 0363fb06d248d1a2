"""Runs a model on batches gathered from many callers, on one thread, off the event loop."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

import grpc

from emotionmap_runtime.errors import QUEUE_FULL, ServiceError
from emotionmap_runtime.telemetry import BACKEND, CANCELED, REJECTED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from emotionmap_runtime.telemetry import Metrics

Item = TypeVar("Item")
Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Item, Result]):
    item: Item
    future: asyncio.Future[Result]
    since_s: float


class MicroBatcher(Generic[Item, Result]):
    """Gathers items of many callers into batches for one model on one device.

    Args:
        run: Scores a batch: n items in, n results out, in order. Called on the model's thread.
        max_batch: Most items in a batch.
        max_wait_s: Longest time the first item of a batch waits for company.
        max_queue: Most items that wait; beyond it, callers are refused rather than delayed.
        metrics: Where queue depth, batch sizes and times are counted.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        max_batch: int,
        max_wait_s: float,
        max_queue: int,
        metrics: Metrics,
    ) -> None:
        self._run = run
        self._max_batch = max_batch
        self._max_wait_s = max_wait_s
        self._metrics = metrics
        self._queue: queue.Queue[_Entry[Item, Result] | None] = queue.Queue(max_queue)
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)
        self._has_ended = False

    async def submit(self, item: Item) -> Result:
        """Score one item together with whatever else is waiting.

        Raises:
            ServiceError: RESOURCE_EXHAUSTED `QUEUE_FULL` with a time to retry after; UNAVAILABLE
                `SERVICE_UNAVAILABLE` once it has ended.
        """
        if self._has_ended:
            raise ServiceError(
                grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", "This server is being stopped."
            )
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Entry(item, future, time.monotonic()))
        except queue.Full:
            self._metrics.inference_failures.labels(REJECTED).inc()
            raise ServiceError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                QUEUE_FULL,
                "The model has too much to do; try again soon.",
                retry_after=timedelta(seconds=1),
            ) from None
        # Not `set`: the batchers of several models count into one metric.
        self._metrics.queue_depth.inc()
        return await future

    def start(self) -> None:
        """Start the model's thread."""
        self._thread.start()

    async def stop(self) -> None:
        """Finish what waits, then end the thread."""
        # On the callers' loop: so nothing can come behind the mark, to wait there for ever.
        self._has_ended = True
        await asyncio.to_thread(self._queue.put, None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while batch := self._next_batch():
            wanted = [entry for entry in batch if not entry.future.cancelled()]
            if len(wanted) < len(batch):
                gone = len(batch) - len(wanted)
                self._metrics.inference_failures.labels(CANCELED).inc(gone)
            if wanted:
                self._score(wanted)

    def _next_batch(self) -> list[_Entry[Item, Result]]:
        """Return the next batch; empty once stopped."""
        first = self._queue.get()
        if first is None:
            return []
        batch = [first]
        deadline_s = time.monotonic() + self._max_wait_s
        while len(batch) < self._max_batch:
            try:
                entry = self._queue.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                break
            if entry is None:
                self._queue.put(None)  # seen again once this batch is done
                break
            batch.append(entry)
        self._metrics.queue_depth.dec(len(batch))
        return batch

    def _score(self, batch: Sequence[_Entry[Item, Result]]) -> None:
        start_s = time.monotonic()
        for entry in batch:
            self._metrics.queue_seconds.observe(start_s - entry.since_s)
        try:
            results = self._run([entry.item for entry in batch])
            outcomes = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - handed to the callers, who decide
            self._metrics.inference_failures.labels(BACKEND).inc(len(batch))
            _hand_back([(entry.future, None, error) for entry in batch])
            return
        self._metrics.inference_successes.inc(len(batch))
        self._metrics.batch_size.observe(len(batch))
        self._metrics.inference_seconds.observe(time.monotonic() - start_s)
        _hand_back([(entry.future, result, None) for entry, result in outcomes])


def _hand_back(
    outcomes: Sequence[tuple[asyncio.Future[Result], Result | None, Exception | None]],
) -> None:
    """Give each caller its result or error; a batch wakes an event loop once."""

    def settle(loop: asyncio.AbstractEventLoop) -> None:
        for future, result, error in outcomes:
            if future.get_loop() is not loop or future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

    for loop in {future.get_loop() for future, _, _ in outcomes}:
        try:
            loop.call_soon_threadsafe(settle, loop)
        except RuntimeError:
            log.debug("callers are gone")  # their event loop is closed


@asynccontextmanager
async def batching(
    run: Callable[[Sequence[Item]], Sequence[Result]],
    *,
    max_batch: int,
    max_wait_s: float,
    max_queue: int,
    metrics: Metrics,
) -> AsyncIterator[MicroBatcher[Item, Result]]:
    """Give a running `MicroBatcher`, whose arguments these are; its thread ends with the block."""
    batcher = MicroBatcher(
        run, max_batch=max_batch, max_wait_s=max_wait_s, max_queue=max_queue, metrics=metrics
    )
    batcher.start()
    try:
        yield batcher
    finally:
        await batcher.stop()
