"""Wires the media service together: threads, servicer, server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import cv2
from emotionmap.v1 import media_service_pb2, media_service_pb2_grpc
from emotionmap_runtime.server import serving

from emotionmap_media.scratch import scratch_folder
from emotionmap_media.servicer import MediaServicer
from emotionmap_media.workers import working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc
    from emotionmap_runtime.telemetry import Metrics

    from emotionmap_media.settings import Settings

SERVICE = media_service_pb2.DESCRIPTOR.services_by_name["MediaService"].full_name


@asynccontextmanager
async def running(settings: Settings, *, metrics: Metrics) -> AsyncIterator[int]:
    """Serve until the block ends; gives the port in use."""
    cv2.setNumThreads(1)  # segments run side by side instead; its threads wait by spinning
    with (
        scratch_folder() as scratch,
        working(settings.workers) as workers,
        working(settings.quick_workers) as quick_workers,
    ):
        servicer = MediaServicer(settings, workers, quick_workers, scratch)

        def add(server: grpc.aio.Server) -> None:
            media_service_pb2_grpc.add_MediaServiceServicer_to_server(  # type: ignore[no-untyped-call]
                servicer, server
            )

        async with serving(
            add,
            port=settings.port,
            host=settings.host,
            services=[SERVICE],
            metrics=metrics,
            grace_s=settings.grace_s,
        ) as port:
            yield port
