"""Puts the gateway together, and ends it in order: database, jobs, HTTP and gRPC in one loop."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap.v1 import analysis_service_pb2_grpc
from emotionmap_runtime.server import serving
from emotionmap_runtime.telemetry import Metrics

from emotionmap_gateway.analyses import Analyses
from emotionmap_gateway.corrections import Corrections
from emotionmap_gateway.edit_lists import EditLists
from emotionmap_gateway.exports import Exports
from emotionmap_gateway.foundation import lay_foundation
from emotionmap_gateway.http.app import create_app
from emotionmap_gateway.http.dependencies import Parts
from emotionmap_gateway.http.http_server import serving_http
from emotionmap_gateway.intake import IntakeParts
from emotionmap_gateway.models import Models
from emotionmap_gateway.monitoring import Monitoring
from emotionmap_gateway.people import People
from emotionmap_gateway.readiness import Readiness
from emotionmap_gateway.servicer import SERVICE, AnalysisServicer
from emotionmap_gateway.sharing import sharing
from emotionmap_gateway.thumbnails import Thumbnails
from emotionmap_gateway.upload_pace import UploadLimits
from emotionmap_gateway.work import jobs as durable_jobs
from emotionmap_gateway.work.analysis_job import AnalysisJob, Pace
from emotionmap_gateway.work.growth import Planner
from emotionmap_gateway.work.highlights import HighlightsJob
from emotionmap_gateway.work.job_metrics import JobMetrics
from emotionmap_gateway.work.jobs import Jobs, Kind
from emotionmap_gateway.work.kinds import ANALYSIS_JOBS, EARLY_JOBS, EXPORT_JOBS
from emotionmap_gateway.work.orphans import Orphans
from emotionmap_gateway.work.retries import Patience
from emotionmap_gateway.work.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from grpc.aio import Server

    from emotionmap_gateway.foundation import Foundation
    from emotionmap_gateway.settings import Settings

DRAIN_SHARE = 0.5
"""Share of the grace that running segments get; open requests get the rest."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a running gateway listens."""

    http: int
    grpc: int


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
        base = await lay_foundation(settings, stack)
        jobs = await stack.enter_async_context(
            _running_jobs(base, JobMetrics.create(metrics.registry))
        )
        upkeep = _upkeep(base, jobs)
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
                stopping=base.stopping,
                grace_s=settings.grace_s * (1 - DRAIN_SHARE),
            )
        )
        http_port = await stack.enter_async_context(
            serving_http(
                create_app(parts, web_dir=settings.web_dir, allowed_origins=settings.origins()),
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
            base.uploads.stop()
            base.changes.ring_all()
            await jobs.drain(settings.grace_s * DRAIN_SHARE)


def _running_jobs(base: Foundation, metrics: JobMetrics) -> AbstractAsyncContextManager[Jobs]:
    settings = base.settings
    patience = Patience(settings.segment_patience_s, settings.segment_attempts)
    analysis = AnalysisJob(
        store=base.store,
        objects=base.objects,
        backends=base.backends,
        timelines=base.timelines,
        changes=base.changes,
        pace=Pace(settings.segment_timeout_s, patience),
        turns=base.turns,
        metrics=metrics,
        arrivals=base.arrivals,
        planner=Planner(
            growth=base.growth,
            backends=base.backends,
            patience=patience,
            timeout_s=settings.probe_timeout_s,
        ),
    )
    highlights = HighlightsJob(
        store=base.exports,
        objects=base.objects,
        backends=base.backends,
        changes=base.changes,
        patience=patience,
        timeout_s=settings.export_timeout_s,
        metrics=metrics,
    )
    kinds = [
        Kind(ANALYSIS_JOBS, settings.analyses_in_flight, analysis.run, analysis.until_unwanted),
        Kind(
            EARLY_JOBS,
            max(1, settings.early_analyses_in_flight),
            analysis.run,
            analysis.until_unwanted,
        ),
        Kind(EXPORT_JOBS, settings.exports_in_flight, highlights.run, highlights.until_unwanted),
    ]
    jobs = durable_jobs.running(
        kinds,
        database_url=settings.jobs_url(),
        executor_id=settings.executor_id,
        is_shared=not settings.is_embedded,
        threads=base.threads,
    )
    return jobs if settings.is_embedded else sharing(jobs, settings, base.database)


def _upkeep(base: Foundation, jobs: Jobs) -> Upkeep:
    orphans = Orphans(base.store, base.objects)
    others = [] if base.settings.is_embedded else [orphans.sweep]
    return Upkeep(
        store=base.store,
        exports=base.exports,
        objects=base.objects,
        jobs=jobs,
        chores=[base.uploads.sweep, *others],
    )


def _analyses(base: Foundation, jobs: Jobs, models: Models) -> Analyses:
    settings = base.settings
    intake = IntakeParts(
        store=base.store,
        objects=base.objects,
        backends=base.backends,
        models=models,
        jobs=jobs,
        turns=base.turns,
        max_media_bytes=settings.max_media_bytes,
        probe_timeout_s=settings.probe_timeout_s,
    )
    return Analyses(
        intake=intake,
        store=base.store,
        exports=base.exports,
        objects=base.objects,
        timelines=base.timelines,
        jobs=jobs,
        changes=base.changes,
        stopping=base.stopping,
        uploads=base.uploads,
        growth=base.growth,
        early_at_once=settings.early_analyses_in_flight,
    )


def _put_together(
    base: Foundation, jobs: Jobs, metrics: Metrics
) -> tuple[Parts, Callable[[Server], None]]:
    settings = base.settings
    models = Models(base.backends)
    analyses = _analyses(base, jobs, models)
    parts = Parts(
        analyses=analyses,
        exports=Exports(
            analyses=analyses, store=base.exports, jobs=jobs, merged=base.people.merged
        ),
        corrections=Corrections(analyses=analyses, store=base.corrections),
        people=People(analyses=analyses, store=base.people),
        edit_lists=EditLists(analyses=analyses, people=base.people),
        models=models,
        objects=base.objects,
        readiness=Readiness(base.backends, base.stopping),
        thumbnails=Thumbnails(base.backends, timeout_s=settings.probe_timeout_s),
        monitoring=Monitoring(metrics, base.store),
        upload_limits=UploadLimits(
            settings.upload_idle_s, settings.upload_window_s, settings.upload_min_bytes
        ),
        uploads=base.uploads,
    )
    servicer = AnalysisServicer(
        analyses=analyses,
        exports=parts.exports,
        corrections=parts.corrections,
        people=parts.people,
        edit_lists=parts.edit_lists,
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
