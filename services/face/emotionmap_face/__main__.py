"""Starts the face service: `python -m emotionmap_face [--check]`."""

from __future__ import annotations

import asyncio
import sys

from emotionmap_runtime import telemetry
from emotionmap_runtime.server import until_signalled
from pydantic import ValidationError

from emotionmap_face.manifest import WeightsError, read_weights
from emotionmap_face.onnx_model import OnnxEmotionModel, load_model
from emotionmap_face.service import available_detectors, running
from emotionmap_face.settings import Settings


async def _serve(settings: Settings, model: OnnxEmotionModel) -> None:
    metrics = telemetry.Metrics.create()
    detectors = available_detectors(settings.yunet_weights())
    with metrics.serve(host=settings.host, port=settings.metrics_port):
        async with running(model, detectors=detectors, settings=settings, metrics=metrics):
            await until_signalled()


def main() -> None:
    """Load the model and serve; with `--check` print the settings, load the model and end."""
    try:
        settings = Settings()
        telemetry.configure("face", level=settings.log_level)
        if is_check := "--check" in sys.argv[1:]:
            print(settings.model_dump_json(indent=2))  # noqa: T201 - what was asked for
        model = load_model(read_weights(settings.weights_dir()), threads=settings.threads)
        available_detectors(settings.yunet_weights())
    except (ValidationError, WeightsError) as error:
        sys.exit(f"emotionmap_face: {error}")
    if not is_check:
        asyncio.run(_serve(settings, model))


if __name__ == "__main__":
    main()
