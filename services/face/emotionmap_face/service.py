"""Wires the face service together around its models: threads, batches, servicer, server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import cv2
from emotionmap.v1 import face_service_pb2, face_service_pb2_grpc
from emotionmap_runtime.batching import batching
from emotionmap_runtime.server import serving

from emotionmap_face.deepface_detector import DeepFaceDetector, is_installed
from emotionmap_face.haar import HaarDetector
from emotionmap_face.servicer import FaceServicer, ServedModel
from emotionmap_face.stream import FACES_IN_FLIGHT, score_crops
from emotionmap_face.yunet import YuNetDetector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    import grpc
    import numpy as np
    from emotionmap_runtime.batching import MicroBatcher
    from emotionmap_runtime.telemetry import Metrics
    from numpy.typing import NDArray

    from emotionmap_face.deepface_detector import Backend
    from emotionmap_face.detect import FaceDetector
    from emotionmap_face.model import EmotionModel
    from emotionmap_face.settings import Settings

SERVICE = face_service_pb2.DESCRIPTOR.services_by_name["FaceService"].full_name


def available_detectors(
    yunet_weights: Path | None, *, deepface: Backend = "opencv"
) -> dict[int, FaceDetector]:
    """Return the detectors that can be used, by their number in the proto, the default first.

    Args:
        yunet_weights: Where YuNet's weights lie, if they are installed.
        deepface: Which of DeepFace's detectors to offer, if DeepFace is installed.

    Raises:
        WeightsError: YuNet's weights are not the ones that are known, or DeepFace's are missing.
    """
    detectors: dict[int, FaceDetector] = {face_service_pb2.FACE_DETECTOR_HAAR: HaarDetector()}
    if yunet_weights is not None:
        detectors[face_service_pb2.FACE_DETECTOR_YUNET] = YuNetDetector(yunet_weights)
    if is_installed():
        detectors[face_service_pb2.FACE_DETECTOR_DEEPFACE] = DeepFaceDetector(deepface)
    return detectors


@asynccontextmanager
async def running(
    *models: EmotionModel,
    detectors: Mapping[int, FaceDetector],
    settings: Settings,
    metrics: Metrics,
) -> AsyncIterator[int]:
    """Serve loaded and warm models, the default first, until the block ends; gives the port."""
    cv2.setNumThreads(1)  # streams run side by side instead
    with ThreadPoolExecutor(settings.detect_threads, thread_name_prefix="detect") as threads:
        async with AsyncExitStack() as stack:
            served = [
                ServedModel(
                    model.manifest,
                    await stack.enter_async_context(_scoring(model, settings, metrics)),
                )
                for model in models
            ]
            servicer = FaceServicer(
                served,
                detectors=detectors,
                threads=threads,
                pace=settings.pace(),
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
                # As many as the model's queue holds the faces of: none is refused half-way.
                limits={f"/{SERVICE}/AnalyzeFrames": settings.max_queue // FACES_IN_FLIGHT},
            ) as port:
                metrics.model_loaded.set(1)
                yield port


def _scoring(
    model: EmotionModel, settings: Settings, metrics: Metrics
) -> AbstractAsyncContextManager[MicroBatcher[NDArray[np.float32], NDArray[np.float32]]]:
    return batching(
        partial(score_crops, model),
        max_batch=settings.max_batch,
        max_wait_s=settings.max_wait_ms / 1000,
        max_queue=settings.max_queue,
        metrics=metrics,
    )
