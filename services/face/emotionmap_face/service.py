"""Wires the face service together around a model: threads, batches, servicer, server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import cv2
from emotionmap.v1 import face_service_pb2, face_service_pb2_grpc
from emotionmap_runtime.batching import batching
from emotionmap_runtime.server import serving

from emotionmap_face.detect import HaarDetector
from emotionmap_face.servicer import FaceServicer
from emotionmap_face.stream import score_crops
from emotionmap_face.yunet import YuNetDetector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    import grpc
    from emotionmap_runtime.telemetry import Metrics

    from emotionmap_face.detect import FaceDetector
    from emotionmap_face.model import EmotionModel
    from emotionmap_face.settings import Settings

SERVICE = face_service_pb2.DESCRIPTOR.services_by_name["FaceService"].full_name


def available_detectors(yunet_weights: Path | None) -> dict[int, FaceDetector]:
    """Return the detectors that can be used, by their number in the proto, the default first.

    Raises:
        WeightsError: YuNet's weights are not the ones that are known.
    """
    detectors: dict[int, FaceDetector] = {face_service_pb2.FACE_DETECTOR_HAAR: HaarDetector()}
    if yunet_weights is not None:
        detectors[face_service_pb2.FACE_DETECTOR_YUNET] = YuNetDetector(yunet_weights)
    return detectors


@asynccontextmanager
async def running(
    model: EmotionModel,
    *,
    detectors: Mapping[int, FaceDetector],
    settings: Settings,
    metrics: Metrics,
) -> AsyncIterator[int]:
    """Serve a loaded and warm model until the block ends; gives the port in use."""
    cv2.setNumThreads(1)  # streams run side by side instead
    with ThreadPoolExecutor(settings.detect_threads, thread_name_prefix="detect") as threads:
        async with batching(
            partial(score_crops, model),
            max_batch=settings.max_batch,
            max_wait_s=settings.max_wait_ms / 1000,
            max_queue=settings.max_queue,
            metrics=metrics,
        ) as scorer:
            servicer = FaceServicer(
                model.manifest,
                detectors=detectors,
                scorer=scorer,
                threads=threads,
                scan_every_ms=settings.scan_every_ms,
            )

            def add(server: grpc.aio.Server) -> None:
                face_service_pb2_grpc.add_FaceServiceServicer_to_server(  # type: ignore[no-untyped-call]
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
