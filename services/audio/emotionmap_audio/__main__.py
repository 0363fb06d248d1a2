"""Starts the audio service: `python -m emotionmap_audio [--check]`."""

from __future__ import annotations

import asyncio
import sys

from emotionmap_runtime import telemetry, tracing
from emotionmap_runtime.server import until_signalled
from pydantic import ValidationError

from emotionmap_audio.catalogue import find_models
from emotionmap_audio.execution import ProviderError
from emotionmap_audio.manifest import WeightsError
from emotionmap_audio.onnx_model import OnnxEmotionModel, load_models
from emotionmap_audio.service import running
from emotionmap_audio.settings import Settings
from emotionmap_audio.silero_model import SileroDetector


async def _serve(settings: Settings, models: list[OnnxEmotionModel]) -> None:
    metrics = telemetry.Metrics.create()
    with metrics.serve(host=settings.host, port=settings.metrics_port):
        async with running(
            *models, make_detector=SileroDetector, settings=settings, metrics=metrics
        ):
            await until_signalled()


def main() -> None:
    """Load the models and serve; with `--check` print the settings, load the models and end."""
    try:
        settings = Settings()
        telemetry.configure("audio", level=settings.log_level)
        if is_check := "--check" in sys.argv[1:]:
            print(settings.model_dump_json(indent=2))  # noqa: T201 - what was asked for
        folders = find_models(
            named=settings.model_dir, roots=settings.model_roots(), default=settings.model
        )
        models = load_models(folders, threads=settings.threads, device=settings.device())
    except (ValidationError, WeightsError, ProviderError) as error:
        sys.exit(f"emotionmap_audio: {error}")
    if not is_check:
        with tracing.exporting("audio"):
            asyncio.run(_serve(settings, models))


if __name__ == "__main__":
    main()
