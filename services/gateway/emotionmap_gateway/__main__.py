"""Runs the gateway; `--check` prints the effective settings and exits."""

from __future__ import annotations

import asyncio
import logging
import sys

from emotionmap_runtime.server import until_signalled
from emotionmap_runtime.telemetry import configure
from emotionmap_runtime.tracing import exporting

from emotionmap_gateway.gateway import running
from emotionmap_gateway.settings import Settings

log = logging.getLogger("emotionmap_gateway")


async def serve(settings: Settings) -> None:
    """Serve until a signal comes."""
    async with running(settings) as ports:
        log.info("listening", extra={"http_port": ports.http, "grpc_port": ports.grpc})
        await until_signalled()


def main() -> None:
    """Run the command."""
    settings = Settings()
    if "--check" in sys.argv[1:]:
        print(settings.model_dump_json(indent=2))  # noqa: T201
        return
    configure("gateway", level=settings.log_level)
    with exporting("gateway"):
        asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
