"""A face service with fakes behind it, and what its tests send and read."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager

import grpc
import numpy as np
from emotionmap.v1 import face_service_pb2 as pb
from emotionmap.v1 import face_service_pb2_grpc, media_service_pb2
from emotionmap_face.detect import Box, Detection
from emotionmap_face.manifest import Manifest
from emotionmap_face.service import running
from emotionmap_face.settings import Settings
from emotionmap_runtime.telemetry import Metrics

from tests.contract.fake_models import ANGRY, HAPPY, FailingModel, GatedModel, manifest_fields

MANIFEST = Manifest.model_validate(
    manifest_fields("face", labels=["Happy", "Anger"], metric="accuracy")
)
SIDE_PX, SPACING_PX = 24, 30
TEXTURE = np.random.default_rng(0).integers(0, 256, (64, 128), np.uint8)


class FakeDetector:
    """Finds the same faces in every frame, side by side, as far as they fit."""

    def __init__(self, faces: int = 1) -> None:
        edges = [SPACING_PX * i for i in range(faces)]
        self._found = [Detection(Box(x, 0, x + SIDE_PX, SIDE_PX), 0.9) for x in edges]

    def scan(self, gray, *, min_face_px, is_thorough):
        return [d for d in self._found if d.box.right <= gray.shape[1]]

    def follow(self, gray, box):
        return Detection(box, 0.9)

    def confirms(self, gray, detection):
        return True


class LateDetector(FakeDetector):
    """Sees nobody in its first searches of whole frames."""

    def __init__(self, *, unseen: int) -> None:
        super().__init__()
        self._unseen = unseen

    def scan(self, gray, *, min_face_px, is_thorough):
        self._unseen -= 1
        return [] if self._unseen >= 0 else super().scan(gray, min_face_px=0, is_thorough=True)


class SlowDetector(FakeDetector):
    """Finds nobody, and ends its first search only when it may."""

    def __init__(self) -> None:
        super().__init__(0)
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self.scans = 0

    def scan(self, gray, *, min_face_px, is_thorough):
        self.scans += 1
        self.has_begun.set()
        self.may_end.wait()
        return []


class FakeModel(GatedModel):
    """Finds everybody happy."""

    manifest, emotions = MANIFEST, HAPPY


class OtherModel(GatedModel):
    """Finds everybody angry."""

    manifest, emotions = MANIFEST.model_copy(update={"name": "other"}), ANGRY


class BrokenModel(FailingModel):
    manifest = MANIFEST


@asynccontextmanager
async def serving(*models, faces=1, detector=None, metrics=None, **settings):
    detectors = {pb.FACE_DETECTOR_HAAR: detector or FakeDetector(faces)}
    async with (
        running(
            *(models or [FakeModel()]),
            detectors=detectors,
            settings=Settings(port=0, grace_s=0, **settings),
            metrics=metrics or Metrics.create(),
        ) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield channel


def config(segment_id="a/0", **fields):
    return pb.AnalyzeFramesRequest(config=pb.AnalyzeFramesConfig(segment_id=segment_id, **fields))


def picture(number, *, width_px=128, height_px=64, gray=None):
    message = media_service_pb2.Frame(
        width_px=width_px, height_px=height_px, gray=TEXTURE.tobytes() if gray is None else gray
    )
    message.time_offset.FromMilliseconds(number * 100)
    return message


def ticking(number):
    """Return the pixels of a frame in which something changes, so that it is not left alone."""
    pixels = TEXTURE.copy()
    pixels[52:, 112:] = number * 37 % 256
    return pixels.tobytes()


def batch(*pictures):
    return pb.AnalyzeFramesRequest(frames=media_service_pb2.FrameBatch(frames=pictures))


def frame(number, **fields):
    return batch(picture(number, **fields))


def batches(count):
    """Return frames as the gateway sends them: eight at a time."""
    return [batch(*map(picture, range(start, start + 8))) for start in range(0, 8 * count, 8)]


def times_ms(answer):
    return [frame.time_offset.ToMilliseconds() for frame in answer.frames.frames]


async def answers(channel, requests):
    """Send everything, and return every answer."""

    async def stream():
        for request in requests:
            yield request

    call = face_service_pb2_grpc.FaceServiceStub(channel).AnalyzeFrames(stream())
    return [answer async for answer in call]
