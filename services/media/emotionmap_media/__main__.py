"""Starts the media server, or with --check shows its settings."""

from __future__ import annotations

import asyncio
import sys

import av.logging
from emotionmap.v1 import media_service_pb2, media_service_pb2_grpc
from emotionmap_runtime import telemetry
from emotionmap_runtime.server import serving, until_signalled

from emotionmap_media.servicer import MediaServicer
from emotionmap_media.settings import Settings
from emotionmap_media.workers import working

NAME = media_service_pb2.DESCRIPTOR.services_by_name["MediaService"].full_name


async def serve(settings: Settings) -> None:
    """Serve until a signal."""
    metrics = telemetry.Metrics.create()
    with (
        metrics.serve(host=settings.host, port=settings.metrics_port),
        working(settings.workers) as workers,
        working(settings.quick_workers) as quick_workers,
    ):
        servicer = MediaServicer(settings, workers, quick_workers)
        async with serving(
            lambda server: media_service_pb2_grpc.add_MediaServiceServicer_to_server(  # type: ignore[no-untyped-call]
                servicer, server
            ),
            host=settings.host,
            port=settings.port,
            services=[NAME],
            metrics=metrics,
            grace_s=settings.grace_s,
        ):
            await until_signalled()


def main() -> None:
    """Run."""
    settings = Settings()
    if "--check" in sys.argv[1:]:
        print(settings.model_dump_json(indent=2))  # noqa: T201 - what --check is for
        return
    telemetry.configure("media", level=settings.log_level)
    # Any other level lets decoder threads wait for the GIL while its holder waits for them.
    av.logging.set_level(None)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
