"""What the fakes behind the gateway do, and the small messages that they and tests speak of."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap.v1 import emotion_pb2, media_service_pb2, timeline_pb2
from emotionmap_runtime.errors import ServiceError
from google.protobuf.duration_pb2 import Duration

if TYPE_CHECKING:
    from pathlib import Path

JPEG = b"\xff\xd8fake\xff\xd9"
HIGHLIGHTS = b"mp4 " * 1000
FACE_MODEL = emotion_pb2.ModelInfo(
    name="fake-face", version="1", sha256="a" * 64, licence="CC0", emotions=range(1, 8)
)
VOICE_MODEL = emotion_pb2.ModelInfo(
    name="fake-voice", version="2", sha256="b" * 64, licence="CC0", metrics={"accuracy": 0.5}
)
OTHER_FACE_MODEL = emotion_pb2.ModelInfo(name="other-face", version="3", sha256="c" * 64)
OTHER_VOICE_MODEL = emotion_pb2.ModelInfo(name="other-voice", version="4", sha256="d" * 64)
MOODS = (emotion_pb2.EMOTION_HAPPY, emotion_pb2.EMOTION_SADNESS, emotion_pb2.EMOTION_UNSPECIFIED)


class Anywhere:
    """Stands for the folder of the objects: the fakes need not know that there is none."""

    def __truediv__(self, _key: str) -> Anywhere:
        return self

    def is_file(self) -> bool:
        return True


@dataclass
class Script:
    """What the fakes do. Changed by tests, read by the servers' threads."""

    objects: Path | Anywhere
    duration_s: int = 9
    segment_s: int = 3
    has_video: bool = True
    has_audio: bool = True
    truncated_at_s: float | None = None
    people: int = 1
    errors: dict[str, Exception] = field(default_factory=dict)  # method -> raised each time
    failures: dict[str, list[Exception]] = field(default_factory=dict)  # method -> raised once each
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # method, metadata
    gate: threading.Event = field(default_factory=threading.Event)  # holds segments after the first
    hold_all: bool = False  # holds the first segment, too
    tickets: threading.Semaphore | None = None  # if set, each lets one held segment go
    index_bytes: int = 0  # of a growing video: what must be there before anything is told
    grows: bool = False  # a growing video tells of those segments alone whose bytes are there
    decodes: list[Any] = field(default_factory=list)  # what segments were asked for
    removed: set[str] = field(default_factory=set)  # names of models that are no longer there
    configs: list[Any] = field(default_factory=list)  # what each call was asked for
    active: int = 0
    most_active: int = 0
    cuts: int = 0  # that are being made

    def enter(self, method: str, context: Any) -> None:
        self.calls.append((method, dict(context.invocation_metadata())))
        if self.failures.get(method):
            raise self.failures[method].pop(0)
        if method in self.errors:
            raise self.errors[method]

    def holds(self, start_s: float) -> bool:
        """Tell whether a segment must wait."""
        if self.gate.is_set():
            return False
        if self.tickets is not None:
            return not self.tickets.acquire(blocking=False)
        return self.hold_all or start_s > 0

    def segment_ends(self, request: Any, count: int) -> list[int]:
        """Return how many bytes of a growing video each segment needs; they are equally long."""
        if not request.HasField("growing"):
            return []
        growing = request.growing
        if growing.readable_bytes < self.index_bytes:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION, "MEDIA_INCOMPLETE", "Bytes are to come."
            )
        return [growing.total_bytes * (number + 1) // count for number in range(count)]

    def planned(self, request: Any) -> Any:
        """Return the answer about a video: segments of equal length in time and in bytes."""
        step, end = self.segment_s, self.duration_s
        spans = [span(start, min(start + step, end)) for start in range(0, end, step)]
        ends = self.segment_ends(request, len(spans))
        answer = media_service_pb2.ProbeMediaResponse(info=self.info())
        if self.grows and request.HasField("so_far"):
            known = request.so_far.segments
            sure = len(spans) - sum(each > request.growing.readable_bytes for each in ends)
            answer.info.open_ended = bool(ends)
            answer.info.duration.CopyFrom(spans[sure - 1].end_offset)
            answer.grows = bool(ends) or known > 0
            spans, ends = spans[known:sure], ends[known:sure]
        answer.segments.extend(spans)
        answer.segment_end_bytes.extend(ends)
        return answer

    def left(self, *models: emotion_pb2.ModelInfo) -> list[emotion_pb2.ModelInfo]:
        """Return those that are still there."""
        return [model for model in models if model.name not in self.removed]

    def chosen(self, config: Any, *models: emotion_pb2.ModelInfo) -> emotion_pb2.ModelInfo:
        """Return the one that a call names, the first if it names none."""
        self.configs.append(config)
        for model in self.left(*models):
            if config.model in ("", model.name):
                return model
        raise ServiceError(
            grpc.StatusCode.UNIMPLEMENTED, "MODEL_UNAVAILABLE", f"There is no {config.model}."
        )

    def count(self, method: str) -> int:
        return sum(called == method for called, _ in self.calls)

    def info(self) -> timeline_pb2.MediaInfo:
        info = timeline_pb2.MediaInfo(
            duration=Duration(seconds=self.duration_s),
            has_video=self.has_video,
            has_audio=self.has_audio,
            container="mov,mp4,m4a,3gp,3g2,mj2",
            audio_codec="aac" if self.has_audio else "",
        )
        if self.has_video:
            info.frame_rate.numerator, info.frame_rate.denominator = 25, 1
            info.width_px, info.height_px, info.video_codec = 640, 360, "h264"
        return info


def span(start_s: float, end_s: float) -> emotion_pb2.TimeRange:
    piece = emotion_pb2.TimeRange()
    piece.start_offset.FromNanoseconds(round(start_s * 1e9))
    piece.end_offset.FromNanoseconds(round(end_s * 1e9))
    return piece


def seconds(offset: Duration) -> float:
    return offset.seconds + offset.nanos / 1e9


def one_hot(emotion: int) -> emotion_pb2.EmotionDistribution:
    return emotion_pb2.EmotionDistribution(
        probabilities=[float(number == emotion) for number in range(1, 8)]
    )
