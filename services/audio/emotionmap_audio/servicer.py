"""AudioService over gRPC: checks and decodes, hands on, encodes. No sound is worked on here."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
from emotionmap.v1 import audio_service_pb2, audio_service_pb2_grpc, emotion_pb2
from emotionmap_runtime.errors import ServiceError

from emotionmap_audio import reasons
from emotionmap_audio.emotions import EMOTIONS
from emotionmap_audio.excerpts import NS_PER_S, Segment, SegmentSound
from emotionmap_audio.in_order import in_order
from emotionmap_audio.manifest import flat_metrics
from emotionmap_audio.model import SAMPLE_RATE_HZ
from emotionmap_audio.stream import INTERVALS_IN_FLIGHT, Sound, SpeechStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from concurrent.futures import Executor

    from emotionmap.v1.media_service_pb2 import AudioChunk
    from emotionmap_runtime.batching import MicroBatcher
    from numpy.typing import NDArray

    from emotionmap_audio.manifest import Manifest
    from emotionmap_audio.model import SpeechDetector
    from emotionmap_audio.stream import ScoredInterval

Context = Any  # grpc.aio.ServicerContext is generic in the stubs alone

MAX_CHUNK_BYTES = 1024 * 1024
BYTES_PER_SAMPLE = 2
MAX_NAME_CHARS = 128
SEGMENT_ID = re.compile(r"[a-z0-9/-]{1,128}")
MAX_RANGE_NS = 120 * NS_PER_S
SHORTEST_NS, LONGEST_NS = NS_PER_S // 5, 10 * NS_PER_S
"""Of an interval, and of a context."""
DEFAULT_INTERVAL_NS = NS_PER_S
DEFAULT_CONTEXT_NS = 3 * NS_PER_S
MAX_GAP_NS = NS_PER_S // 1000
"""Chunks that lie further apart than rounding of times explains are not contiguous."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model, and what scores the waves of all streams that chose it."""

    manifest: Manifest
    scorer: MicroBatcher[NDArray[np.float32], NDArray[np.float32]]


class AudioServicer(audio_service_pb2_grpc.AudioServiceServicer):
    """Serves models.

    Args:
        models: What streams may choose from, the default first; at least one.
        make_detector: Gives each stream a speech detector of its own.
        threads: Where speech is looked for.
    """

    def __init__(
        self,
        models: Sequence[ServedModel],
        *,
        make_detector: Callable[[], SpeechDetector],
        threads: Executor,
    ) -> None:
        self._models = {served.manifest.name: served for served in models}
        self._make_detector = make_detector
        self._threads = threads

    async def AnalyzeSpeech(
        self,
        request_iterator: AsyncIterator[audio_service_pb2.AnalyzeSpeechRequest],
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[audio_service_pb2.AnalyzeSpeechResponse]:
        config = await _first_config(request_iterator)
        segment = _to_segment(config)
        served = self._model(config.model)
        yield audio_service_pb2.AnalyzeSpeechResponse(model=_to_model_info(served.manifest))
        sound = SegmentSound(segment, self._make_detector())
        stream = SpeechStream(sound, scorer=served.scorer, threads=self._threads)
        tasks = stream.start_each(_sounds(request_iterator))
        intervals = spoken = 0
        async for scored in in_order(tasks, depth=INTERVALS_IN_FLIGHT - 1):
            intervals, spoken = intervals + 1, spoken + (scored.emotions is not None)
            yield audio_service_pb2.AnalyzeSpeechResponse(interval=_to_proto(scored))
        counts = {"segment_id": config.segment_id, "intervals": intervals, "spoken": spoken}
        log.info("speech analysed", extra=counts)

    async def GetVoiceModel(
        self,
        request: audio_service_pb2.GetVoiceModelRequest,  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> audio_service_pb2.GetVoiceModelResponse:
        infos = [_to_model_info(served.manifest) for served in self._models.values()]
        return audio_service_pb2.GetVoiceModelResponse(model=infos[0], models=infos)

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
                f"This server has no voice model {name!r}; it has {', '.join(self._models)}.",
                metadata={"model": name},
            )
        return self._models[name]


async def _first_config(
    requests: AsyncIterator[audio_service_pb2.AnalyzeSpeechRequest],
) -> audio_service_pb2.AnalyzeSpeechConfig:
    first = await anext(aiter(requests), None)
    if first is None or first.WhichOneof("payload") != "config":
        raise _config_missing()
    return first.config


def _to_segment(config: audio_service_pb2.AnalyzeSpeechConfig) -> Segment:
    start_ns = config.range.start_offset.ToNanoseconds()
    end_ns = config.range.end_offset.ToNanoseconds()
    interval_ns = config.interval.ToNanoseconds() or DEFAULT_INTERVAL_NS
    context_ns = config.context.ToNanoseconds() or max(DEFAULT_CONTEXT_NS, interval_ns)
    if not SEGMENT_ID.fullmatch(config.segment_id):
        raise _invalid("segment_id", "must be 1-128 characters of [a-z0-9/-]")
    if not SHORTEST_NS <= interval_ns <= LONGEST_NS:
        raise _invalid("interval", "must be 0.2-10 s")
    if not interval_ns <= context_ns <= LONGEST_NS:
        raise _invalid("context", "must be at least the interval and at most 10 s")
    if start_ns < 0 or not 0 < end_ns - start_ns <= MAX_RANGE_NS or start_ns % interval_ns:
        raise _invalid("range", "must start at a multiple of the interval and last up to 120 s")
    return Segment(start_ns, end_ns, interval_ns, context_ns)


async def _sounds(
    requests: AsyncIterator[audio_service_pb2.AnalyzeSpeechRequest],
) -> AsyncIterator[Sound]:
    first_ns: int | None = None
    samples = 0
    async for request in requests:
        if request.WhichOneof("payload") != "audio":
            raise _config_missing()
        sound = _to_sound(request.audio)
        first_ns = sound.time_ns if first_ns is None else first_ns
        expected_ns = first_ns + samples * NS_PER_S // SAMPLE_RATE_HZ
        if abs(sound.time_ns - expected_ns) > MAX_GAP_NS:
            raise _audio_invalid(f"sound at {sound.time_ns} ns, where {expected_ns} ns is due")
        samples += len(sound.samples)
        yield sound


def _to_sound(chunk: AudioChunk) -> Sound:
    if len(chunk.pcm) % BYTES_PER_SAMPLE or len(chunk.pcm) > MAX_CHUNK_BYTES:
        raise _audio_invalid(f"{len(chunk.pcm)} bytes, where up to {MAX_CHUNK_BYTES} in pairs go")
    return Sound(chunk.time_offset.ToNanoseconds(), np.frombuffer(chunk.pcm, "<i2"))


def _config_missing() -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.CONFIG_MISSING,
        "The first message must carry `config`, and every later one `audio`.",
    )


def _invalid(field: str, what: str) -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.CONFIG_INVALID,
        f"`{field}` {what}.",
        metadata={"field": field},
    )


def _audio_invalid(found: str) -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.AUDIO_INVALID,
        f"A chunk has {found}.",
        metadata={"found": found},
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


def _to_proto(scored: ScoredInterval) -> audio_service_pb2.SpeechInterval:
    answer = audio_service_pb2.SpeechInterval(speech=scored.excerpt.speech)
    answer.range.start_offset.FromNanoseconds(scored.excerpt.start_ns)
    answer.range.end_offset.FromNanoseconds(scored.excerpt.end_ns)
    if scored.emotions is not None:
        answer.emotions.probabilities.extend(scored.emotions.tolist())
    return answer
