"""FaceService over gRPC: checks and decodes, hands on, encodes. No pictures are worked on here."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
from emotionmap.v1 import emotion_pb2, face_service_pb2, face_service_pb2_grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_face import reasons
from emotionmap_face.emotions import EMOTIONS
from emotionmap_face.glance import Glances
from emotionmap_face.hindsight import Hindsight
from emotionmap_face.in_order import in_order
from emotionmap_face.manifest import flat_metrics
from emotionmap_face.stream import BATCHES_IN_FLIGHT, FaceStream, GrayFrame
from emotionmap_face.track import FaceTracker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from concurrent.futures import Executor

    from emotionmap.v1.media_service_pb2 import Frame, FrameBatch
    from emotionmap_runtime.batching import MicroBatcher
    from numpy.typing import NDArray

    from emotionmap_face.detect import FaceDetector
    from emotionmap_face.manifest import Manifest
    from emotionmap_face.pace import Pace
    from emotionmap_face.stream import FaceFinder, ScoredFace, ScoredFrame

Context = Any  # grpc.aio.ServicerContext is generic in the stubs alone

MAX_FRAME_BYTES = 2 * 1024 * 1024
MAX_BATCH_FRAMES, MAX_BATCH_BYTES = 32, 3 * 1024 * 1024
SMALLEST_FACE_PX, LARGEST_FACE_PX = 20, 1000
MAX_NAME_CHARS = 128
SEGMENT_ID = re.compile(r"[a-z0-9/-]{1,128}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model, and what scores the crops of all streams that chose it."""

    manifest: Manifest
    scorer: MicroBatcher[NDArray[np.float32], NDArray[np.float32]]


class FaceServicer(face_service_pb2_grpc.FaceServiceServicer):
    """Serves models.

    Args:
        models: What streams may choose from, the default first; at least one.
        detectors: Detectors by their `FaceDetector` number, the default first.
        threads: Where faces are searched for.
        pace: How often frames are searched for faces.
    """

    def __init__(
        self,
        models: Sequence[ServedModel],
        *,
        detectors: Mapping[int, FaceDetector],
        threads: Executor,
        pace: Pace,
    ) -> None:
        self._models = {served.manifest.name: served for served in models}
        self._detectors = detectors
        self._threads = threads
        self._pace = pace

    async def AnalyzeFrames(
        self,
        request_iterator: AsyncIterator[face_service_pb2.AnalyzeFramesRequest],
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[face_service_pb2.AnalyzeFramesResponse]:
        config = await _first_config(request_iterator)
        served = self._model(config.model)
        stream = self._open(config, served)
        yield face_service_pb2.AnalyzeFramesResponse(model=_to_model_info(served.manifest))
        tasks = stream.start_each(_batches(request_iterator))
        frames = faces = 0
        async for batch in in_order(tasks, depth=BATCHES_IN_FLIGHT):
            frames += len(batch)
            faces += sum(len(scored.faces) for scored in batch)
            answer = face_service_pb2.FrameFacesBatch(frames=map(_to_proto, batch))
            yield face_service_pb2.AnalyzeFramesResponse(frames=answer)
        counts = {"segment_id": config.segment_id, "frames": frames, "faces": faces}
        log.info("frames analysed", extra=counts)

    async def GetFaceModel(
        self,
        request: face_service_pb2.GetFaceModelRequest,  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> face_service_pb2.GetFaceModelResponse:
        infos = [_to_model_info(served.manifest) for served in self._models.values()]
        return face_service_pb2.GetFaceModelResponse(
            model=infos[0],
            models=infos,
            detectors=[face_service_pb2.FaceDetector.Name(n) for n in self._detectors],
        )

    def _open(
        self, config: face_service_pb2.AnalyzeFramesConfig, served: ServedModel
    ) -> FaceStream:
        if not SEGMENT_ID.fullmatch(config.segment_id):
            raise _invalid("segment_id", "must be 1-128 characters of [a-z0-9/-]")
        min_face_px = config.min_face_px or SMALLEST_FACE_PX
        if not SMALLEST_FACE_PX <= min_face_px <= LARGEST_FACE_PX:
            raise _invalid("min_face_px", f"must be {SMALLEST_FACE_PX}-{LARGEST_FACE_PX}")
        if config.detector not in face_service_pb2.FaceDetector.values():
            raise _invalid("detector", "is unknown")
        detector = self._detector(config.detector)
        finder: FaceFinder
        if config.unrelated_frames:
            finder = Glances(detector, min_face_px=min_face_px)
        else:
            tracker = FaceTracker(detector, min_face_px=min_face_px, pace=self._pace)
            finder = Hindsight(tracker)
        return FaceStream(finder, scorer=served.scorer, threads=self._threads)

    def _model(self, name: str) -> ServedModel:
        """Return the model that a stream names; the default if it names none."""
        if not name:
            return next(iter(self._models.values()))
        if len(name) > MAX_NAME_CHARS:
            raise _invalid("model", f"must be at most {MAX_NAME_CHARS} characters")
        if name not in self._models:
            raise ServiceError(
                grpc.StatusCode.UNIMPLEMENTED,
                reasons.MODEL_UNAVAILABLE,
                f"This server has no face model {name!r}; it has {', '.join(self._models)}.",
                metadata={"model": name},
            )
        return self._models[name]

    def _detector(self, number: int) -> FaceDetector:
        if number == face_service_pb2.FACE_DETECTOR_UNSPECIFIED:
            return next(iter(self._detectors.values()))
        if number not in self._detectors:
            name = face_service_pb2.FaceDetector.Name(number)
            raise ServiceError(
                grpc.StatusCode.UNIMPLEMENTED,
                reasons.DETECTOR_UNAVAILABLE,
                f"The detector {name.rpartition('_')[2].lower()} is not installed on this server.",
                metadata={"detector": name},
            )
        return self._detectors[number]


async def _first_config(
    requests: AsyncIterator[face_service_pb2.AnalyzeFramesRequest],
) -> face_service_pb2.AnalyzeFramesConfig:
    first = await anext(aiter(requests), None)
    if first is None or first.WhichOneof("payload") != "config":
        raise _config_missing()
    return first.config


async def _batches(
    requests: AsyncIterator[face_service_pb2.AnalyzeFramesRequest],
) -> AsyncIterator[Sequence[GrayFrame]]:
    before_ns: int | None = None
    async for request in requests:
        if request.WhichOneof("payload") != "frames":
            raise _config_missing()
        batch = _to_batch(request.frames)
        for frame in batch:
            _check_order(before_ns, frame.time_ns)
            before_ns = frame.time_ns
        yield batch


def _to_batch(message: FrameBatch) -> Sequence[GrayFrame]:
    batch = [_to_gray(frame) for frame in message.frames]
    size = sum(frame.pixels.size for frame in batch)
    if not 0 < len(batch) <= MAX_BATCH_FRAMES or size > MAX_BATCH_BYTES:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.FRAME_INVALID,
            f"A batch has {len(message.frames)} frames of {size} bytes;"
            f" 1 to {MAX_BATCH_FRAMES} of {MAX_BATCH_BYTES} go.",
            metadata={"frames": str(len(message.frames)), "bytes": str(size)},
        )
    return batch


def _check_order(before_ns: int | None, time_ns: int) -> None:
    if before_ns is not None and time_ns <= before_ns:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.FRAME_OUT_OF_ORDER,
            f"A frame at {time_ns} ns follows one at {before_ns} ns.",
            metadata={"time_ns": str(time_ns), "before_ns": str(before_ns)},
        )


def _to_gray(frame: Frame) -> GrayFrame:
    gray = frame.gray  # each look at the field copies it
    width, height, size = frame.width_px, frame.height_px, len(gray)
    if width < 1 or height < 1 or width * height != size or size > MAX_FRAME_BYTES:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.FRAME_INVALID,
            f"A frame of {width} x {height} px has {size} bytes; at most {MAX_FRAME_BYTES} go.",
            metadata={"width_px": str(width), "height_px": str(height), "bytes": str(size)},
        )
    pixels = np.frombuffer(gray, np.uint8).reshape(height, width)
    return GrayFrame(pixels, frame.time_offset.ToNanoseconds())


def _config_missing() -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.CONFIG_MISSING,
        "The first message must carry `config`, and every later one `frames`.",
    )


def _invalid(field: str, what: str) -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.CONFIG_INVALID,
        f"`{field}` {what}.",
        metadata={"field": field},
    )


def _to_model_info(manifest: Manifest) -> emotion_pb2.ModelInfo:
    return emotion_pb2.ModelInfo(
        name=manifest.name,
        version=manifest.version,
        sha256=manifest.sha256,
        licence=manifest.licence,
        source=manifest.source,
        emotions=[f"EMOTION_{w.upper()}" for w in EMOTIONS if w in manifest.labels],
        metrics=flat_metrics(manifest.metrics),
    )


def _to_proto(scored: ScoredFrame) -> face_service_pb2.FrameFaces:
    answer = face_service_pb2.FrameFaces(
        faces=[_to_face(face, scored.width_px, scored.height_px) for face in scored.faces],
        rejected=scored.rejected,
    )
    answer.time_offset.FromNanoseconds(scored.time_ns)
    return answer


def _to_face(face: ScoredFace, width: int, height: int) -> face_service_pb2.Face:
    box = face.sighting.box
    return face_service_pb2.Face(
        box=emotion_pb2.BoundingBox(
            left=box.left / width,
            top=box.top / height,
            right=box.right / width,
            bottom=box.bottom / height,
        ),
        emotions=emotion_pb2.EmotionDistribution(probabilities=face.emotions.tolist()),
        track=face.sighting.track,
        quality=face.sighting.quality,
    )
