"""Puts the gateway together, and ends it in order: database, jobs, HTTP and gRPC in one loop."""

from __future__ import annotations

import asyncio
import fcntl
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap.v1 import analysis_service_pb2_grpc
from emotionmap_runtime.server import serving
from emotionmap_runtime.telemetry import Metrics

from emotionmap_gateway.analyses import Analyses
from emotionmap_gateway.backends import connecting
from emotionmap_gateway.exports import EXPORT_JOBS, Exports
from emotionmap_gateway.http.app import create_app
from emotionmap_gateway.http.dependencies import Parts
from emotionmap_gateway.http.http_server import serving_http
from emotionmap_gateway.http.upload_pace import UploadLimits
from emotionmap_gateway.intake import ANALYSIS_JOBS, IntakeParts
from emotionmap_gateway.models import Models
from emotionmap_gateway.monitoring import Monitoring
from emotionmap_gateway.readiness import Readiness
from emotionmap_gateway.servicer import SERVICE, AnalysisServicer
from emotionmap_gateway.storage.analysis_store import AnalysisStore
from emotionmap_gateway.storage.changes import Changes
from emotionmap_gateway.storage.database import opening
from emotionmap_gateway.storage.export_store import ExportStore
from emotionmap_gateway.storage.objects import LocalObjects
from emotionmap_gateway.thumbnails import Thumbnails
from emotionmap_gateway.work import jobs as durable_jobs
from emotionmap_gateway.work.analysis_job import AnalysisJob, Pace
from emotionmap_gateway.work.highlights import HighlightsJob
from emotionmap_gateway.work.jobs import Jobs, Kind
from emotionmap_gateway.work.retries import Patience
from emotionmap_gateway.work.timelines import Timelines
from emotionmap_gateway.work.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from grpc.aio import Server

    from emotionmap_gateway.backends import Backends
    from emotionmap_gateway.settings import Settings

DRAIN_SHARE = 0.5
"""Share of the grace that running segments get; open requests get the rest."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a running gateway listens."""

    http: int
    grpc: int


@dataclass(frozen=True, slots=True)
class _Foundation:
    """What everything else stands on."""

    settings: Settings
    backends: Backends
    objects: LocalObjects
    store: AnalysisStore
    exports: ExportStore
    changes: Changes
    timelines: Timelines
    threads: ThreadPoolExecutor
    stopping: asyncio.Event


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Ports]:
    """Run the gateway until the block ends, then let it finish what is short.

    Yields:
        The ports in use.

    Raises:
        OSError: The data folder is in use by another gateway, or a port is taken.
    """
    metrics = Metrics.create()
    async with AsyncExitStack() as stack:
        base = await _lay_foundation(settings, stack)
        jobs = await stack.enter_async_context(_running_jobs(base))
        upkeep = Upkeep(store=base.store, exports=base.exports, objects=base.objects, jobs=jobs)
        if settings.is_embedded:
            await base.objects.discard_incoming()
            await upkeep.sweep()
        parts, add_servicers = _put_together(base, jobs, metrics)
        grpc_port = await stack.enter_async_context(
            serving(
                add_servicers,
                host=settings.host,
                port=settings.grpc_port,
                services=[SERVICE],
                metrics=metrics,
                grace_s=settings.grace_s * (1 - DRAIN_SHARE),
            )
        )
        http_port = await stack.enter_async_context(
            serving_http(
                create_app(parts, web_dir=settings.web_dir),
                host=settings.host,
                port=settings.http_port,
                connections=settings.connections,
                grace_s=settings.grace_s * (1 - DRAIN_SHARE),
            )
        )
        await stack.enter_async_context(_background(upkeep))
        try:
            yield Ports(http=http_port, grpc=grpc_port)
        finally:
            base.stopping.set()
            await jobs.drain(settings.grace_s * DRAIN_SHARE)


async def _lay_foundation(settings: Settings, stack: AsyncExitStack) -> _Foundation:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.is_embedded:
        stack.enter_context(_locked(settings.data_dir / "lock"))
    objects = LocalObjects(settings.data_dir / "objects")
    stack.callback(objects.close)
    threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="gateway")
    stack.callback(threads.shutdown)
    database = await stack.enter_async_context(opening(settings.main_url()))
    backends = await stack.enter_async_context(connecting(settings))
    changes = Changes()
    store = AnalysisStore(database, changes)
    timelines = Timelines(
        store=store,
        objects=objects,
        backends=backends,
        threads=threads,
        timeout_s=settings.summary_timeout_s,
    )
    return _Foundation(
        settings=settings,
        backends=backends,
        objects=objects,
        store=store,
        exports=ExportStore(database, changes),
        changes=changes,
        timelines=timelines,
        threads=threads,
        stopping=asyncio.Event(),
    )


def _running_jobs(base: _Foundation) -> AbstractAsyncContextManager[Jobs]:
    settings = base.settings
    patience = Patience(settings.segment_patience_s, settings.segment_attempts)
    analysis = AnalysisJob(
        store=base.store,
        objects=base.objects,
        backends=base.backends,
        timelines=base.timelines,
        changes=base.changes,
        pace=Pace(settings.segments_in_flight, settings.segment_timeout_s, patience),
    )
    highlights = HighlightsJob(
        store=base.exports,
        objects=base.objects,
        backends=base.backends,
        changes=base.changes,
        patience=patience,
        timeout_s=settings.export_timeout_s,
    )
    kinds = [
        Kind(ANALYSIS_JOBS, settings.analyses_in_flight, analysis.run, analysis.until_unwanted),
        Kind(EXPORT_JOBS, settings.exports_in_flight, highlights.run, highlights.until_unwanted),
    ]
    return durable_jobs.running(
        kinds,
        database_url=settings.jobs_url(),
        executor_id=settings.executor_id,
        threads=base.threads,
    )


def _put_together(
    base: _Foundation, jobs: Jobs, metrics: Metrics
) -> tuple[Parts, Callable[[Server], None]]:
    settings = base.settings
    models = Models(base.backends)
    intake = IntakeParts(
        store=base.store,
        objects=base.objects,
        backends=base.backends,
        models=models,
        jobs=jobs,
        max_media_bytes=settings.max_media_bytes,
        probe_timeout_s=settings.probe_timeout_s,
    )
    analyses = Analyses(
        intake=intake,
        store=base.store,
        exports=base.exports,
        objects=base.objects,
        timelines=base.timelines,
        jobs=jobs,
        changes=base.changes,
        stopping=base.stopping,
    )
    parts = Parts(
        analyses=analyses,
        exports=Exports(analyses=analyses, store=base.exports, jobs=jobs),
        models=models,
        objects=base.objects,
        readiness=Readiness(base.backends, base.stopping),
        thumbnails=Thumbnails(base.backends, timeout_s=settings.probe_timeout_s),
        monitoring=Monitoring(metrics, base.store),
        upload_limits=UploadLimits(
            settings.upload_idle_s, settings.upload_window_s, settings.upload_min_bytes
        ),
    )
    servicer = AnalysisServicer(
        analyses=analyses,
        exports=parts.exports,
        models=parts.models,
        objects=base.objects,
        upload_limits=parts.upload_limits,
    )

    def add_servicers(server: Server) -> None:
        analysis_service_pb2_grpc.add_AnalysisServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]

    return parts, add_servicers


@asynccontextmanager
async def _background(upkeep: Upkeep) -> AsyncIterator[None]:
    task = asyncio.create_task(upkeep.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file so that no second gateway works on the same folder.

    Raises:
        OSError: Another one holds it.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another gateway works on {path.parent}"
            raise OSError(error.errno, message) from None
        yield
