"""Wires the audio service together around a model: threads, batches, servicer, server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from emotionmap.v1 import audio_service_pb2, audio_service_pb2_grpc
from emotionmap_runtime.batching import batching
from emotionmap_runtime.server import serving

from emotionmap_audio.servicer import AudioServicer
from emotionmap_audio.stream import score_waves

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import grpc
    from emotionmap_runtime.telemetry import Metrics

    from emotionmap_audio.model import EmotionModel, SpeechDetector
    from emotionmap_audio.settings import Settings

SERVICE = audio_service_pb2.DESCRIPTOR.services_by_name["AudioService"].full_name


@asynccontextmanager
async def running(
    model: EmotionModel,
    *,
    make_detector: Callable[[], SpeechDetector],
    settings: Settings,
    metrics: Metrics,
) -> AsyncIterator[int]:
    """Serve a loaded and warm model until the block ends; gives the port in use."""
    with ThreadPoolExecutor(settings.speech_threads, thread_name_prefix="speech") as threads:
        async with batching(
            partial(score_waves, model),
            max_batch=settings.max_batch,
            max_wait_s=settings.max_wait_ms / 1000,
            max_queue=settings.max_queue,
            metrics=metrics,
        ) as scorer:
            servicer = AudioServicer(
                model.manifest, make_detector=make_detector, scorer=scorer, threads=threads
            )

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
            ) as port:
                metrics.model_loaded.set(1)
                yield port
