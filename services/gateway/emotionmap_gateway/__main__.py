"""Runs the gateway; `--check` prints the effective settings and exits."""

from __future__ import annotations

import asyncio
import sys

from emotionmap_runtime.server import until_signalled
from emotionmap_runtime.telemetry import configure

from emotionmap_gateway.gateway import running
from emotionmap_gateway.settings import Settings


async def serve(settings: Settings) -> None:
    """Serve until a signal comes."""
    async with running(settings) as ports:
        print(f"EmotionMap gateway: HTTP port {ports.http}, gRPC port {ports.grpc}", flush=True)  # noqa: T201
        await until_signalled()


def main() -> None:
    """Run the command."""
    settings = Settings()
    if "--check" in sys.argv[1:]:
        print(settings.model_dump_json(indent=2))  # noqa: T201
        return
    configure("gateway", level=settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
