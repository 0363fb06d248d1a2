"""Runs the fusion service; `--check` prints the effective settings and exits."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

from emotionmap.v1 import fusion_service_pb2, fusion_service_pb2_grpc
from emotionmap_runtime import telemetry, tracing
from emotionmap_runtime.server import serving, until_signalled
from pydantic import ValidationError

from emotionmap_fusion.calibration import Calibration, CalibrationError, read_calibration
from emotionmap_fusion.servicer import FusionServicer
from emotionmap_fusion.settings import Settings

SERVICE = fusion_service_pb2.DESCRIPTOR.services_by_name["FusionService"].full_name


async def serve(settings: Settings, calibration: Calibration) -> None:
    """Serve until signalled."""
    servicer = FusionServicer(reliability=calibration.strategy())
    metrics = telemetry.Metrics.create()
    with metrics.serve(host=settings.host, port=settings.metrics_port):
        async with serving(
            partial(fusion_service_pb2_grpc.add_FusionServiceServicer_to_server, servicer),
            port=settings.port,
            host=settings.host,
            services=[SERVICE],
            metrics=metrics,
            grace_s=settings.grace_s,
        ):
            await until_signalled()


def main() -> None:
    """Run."""
    try:
        settings = Settings()
        calibration = read_calibration(settings.calibration)
    except (ValidationError, CalibrationError) as error:
        sys.exit(f"emotionmap_fusion: {error}")
    if "--check" in sys.argv[1:]:
        print(settings.model_dump_json(indent=2))  # noqa: T201 - what --check is for
        return
    telemetry.configure("fusion", level=settings.log_level)
    with tracing.exporting("fusion"):
        asyncio.run(serve(settings, calibration))


if __name__ == "__main__":
    main()
