"""Wires the audio service together around its models: threads, batches, servicer, server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from emotionmap.v1 import audio_service_pb2, audio_service_pb2_grpc
from emotionmap_runtime.batching import batching
from emotionmap_runtime.server import serving

from emotionmap_audio.servicer import AudioServicer, ServedModel
from emotionmap_audio.stream import INTERVALS_IN_FLIGHT, score_waves

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    import grpc
    import numpy as np
    from emotionmap_runtime.batching import MicroBatcher
    from emotionmap_runtime.telemetry import Metrics
    from numpy.typing import NDArray

    from emotionmap_audio.model import EmotionModel, SpeechDetector
    from emotionmap_audio.settings import Settings

SERVICE = audio_service_pb2.DESCRIPTOR.services_by_name["AudioService"].full_name


@asynccontextmanager
async def running(
    *models: EmotionModel,
    make_detector: Callable[[], SpeechDetector],
    settings: Settings,
    metrics: Metrics,
) -> AsyncIterator[int]:
    """Serve loaded and warm models, the default first, until the block ends; gives the port."""
    with ThreadPoolExecutor(settings.speech_threads, thread_name_prefix="speech") as threads:
        async with AsyncExitStack() as stack:
            served = [
                ServedModel(
                    model.manifest,
                    await stack.enter_async_context(_scoring(model, settings, metrics)),
                )
                for model in models
            ]
            servicer = AudioServicer(served, make_detector=make_detector, threads=threads)

            def add(server: grpc.aio.Server) -> None:
                audio_service_pb2_grpc.add_AudioServiceServicer_to_server(  # type: ignore[no-untyped-call]
                    servicer, server
                )

            async with serving(
                add,
                port=settings.port,
                host=settings.host,
                services=[SERVICE],
                metrics=metrics,
                grace_s=settings.grace_s,
                # As many as the model's queue holds the sound of: none is refused half-way.
                limits={f"/{SERVICE}/AnalyzeSpeech": settings.max_queue // INTERVALS_IN_FLIGHT},
            ) as port:
                metrics.model_loaded.set(1)
                yield port


def _scoring(
    model: EmotionModel, settings: Settings, metrics: Metrics
) -> AbstractAsyncContextManager[MicroBatcher[NDArray[np.float32], NDArray[np.float32]]]:
    return batching(
        partial(score_waves, model),
        max_batch=settings.max_batch,
        max_wait_s=settings.max_wait_ms / 1000,
        max_queue=settings.max_queue,
        metrics=metrics,
    )
