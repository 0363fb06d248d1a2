"""Starts the media server, or with --check shows its settings."""

from __future__ import annotations

import asyncio
import sys

import av.logging
from emotionmap_runtime import telemetry, tracing
from emotionmap_runtime.server import until_signalled

from emotionmap_media.service import running
from emotionmap_media.settings import Settings


async def _serve(settings: Settings) -> None:
    metrics = telemetry.Metrics.create()
    with metrics.serve(host=settings.host, port=settings.metrics_port):
        async with running(settings, metrics=metrics):
            await until_signalled()


def main() -> None:
    """Serve; with `--check` print the settings and end."""
    settings = Settings()
    if "--check" in sys.argv[1:]:
        print(settings.model_dump_json(indent=2))  # noqa: T201 - what --check is for
        return
    telemetry.configure("media", level=settings.log_level)
    # Any other level lets decoder threads wait for the GIL while its holder waits for them.
    av.logging.set_level(None)
    with tracing.exporting("media"):
        asyncio.run(_serve(settings))


if __name__ == "__main__":
    main()
