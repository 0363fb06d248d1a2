"""Starts the face service: `python -m emotionmap_face [--check]`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from emotionmap_runtime import telemetry, tracing
from emotionmap_runtime.server import until_signalled
from pydantic import ValidationError

from emotionmap_face.catalogue import find_models
from emotionmap_face.execution import ProviderError
from emotionmap_face.manifest import WeightsError
from emotionmap_face.onnx_model import OnnxEmotionModel, load_models
from emotionmap_face.service import available_detectors, running
from emotionmap_face.settings import Settings

if TYPE_CHECKING:
    from emotionmap_face.detect import FaceDetector


async def _serve(
    settings: Settings, models: list[OnnxEmotionModel], detectors: dict[int, FaceDetector]
) -> None:
    metrics = telemetry.Metrics.create()
    with metrics.serve(host=settings.host, port=settings.metrics_port):
        async with running(*models, detectors=detectors, settings=settings, metrics=metrics):
            await until_signalled()


def main() -> None:
    """Load the models and serve; with `--check` print the settings, load the models and end."""
    try:
        settings = Settings()
        telemetry.configure("face", level=settings.log_level)
        if is_check := "--check" in sys.argv[1:]:
            print(settings.model_dump_json(indent=2))  # noqa: T201 - what was asked for
        folders = find_models(
            named=settings.model_dir, roots=settings.model_roots(), default=settings.model
        )
        models = load_models(folders, threads=settings.threads, device=settings.device())
        detectors = available_detectors(
            settings.yunet_weights(), deepface=settings.deepface_detector
        )
    except (ValidationError, WeightsError, ProviderError) as error:
        sys.exit(f"emotionmap_face: {error}")
    if not is_check:
        with tracing.exporting("face"):
            asyncio.run(_serve(settings, models, detectors))


if __name__ == "__main__":
    main()
