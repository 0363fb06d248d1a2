"""Asks the model services what may be chosen: weights, and ways to find faces."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import audio_service_pb2, emotion_pb2, face_service_pb2
from emotionmap_runtime.channel import call_metadata
from emotionmap_runtime.errors import from_rpc_error

from emotionmap_gateway.documents.options import DETECTOR_WORDS, check_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emotionmap.v1 import analysis_service_pb2 as pb

    from emotionmap_gateway.backends import Backends

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Weights of faces and of voices, and numbers of detectors; of each the default first."""

    face: Sequence[emotion_pb2.ModelInfo]
    voice: Sequence[emotion_pb2.ModelInfo]
    detectors: Sequence[face_service_pb2.FaceDetector]


class Models:
    """The models behind this gateway."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    async def get(self) -> Choice:
        """Return what may be chosen now.

        Raises:
            grpc.aio.AioRpcError: A model service is away.
        """
        face, voice = await asyncio.gather(self._face(), self._voice())
        return Choice(_all(face), _all(voice), list(face.detectors))

    async def check(self, options: pb.AnalysisOptions) -> None:
        """Refuse models and detectors that the services do not have.

        A service is asked only if something else than its default is wanted of it.

        Raises:
            ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID` naming what there is; UNAVAILABLE
                `SERVICE_UNAVAILABLE`: a service that must be asked is away.
        """
        try:
            if options.face_model or options.detector != face_service_pb2.FACE_DETECTOR_HAAR:
                face = await self._face()
                words = [DETECTOR_WORDS[code] for code in face.detectors if code in DETECTOR_WORDS]
                check_name("detector", DETECTOR_WORDS[options.detector], words)
                _check_model("face_model", options.face_model, face)
            if options.voice_model:
                _check_model("voice_model", options.voice_model, await self._voice())
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error

    async def _face(self) -> face_service_pb2.GetFaceModelResponse:
        request = face_service_pb2.GetFaceModelRequest()
        answer: face_service_pb2.GetFaceModelResponse = await self._backends.face.GetFaceModel(
            request, timeout=TIMEOUT_S, metadata=call_metadata()
        )
        return answer

    async def _voice(self) -> audio_service_pb2.GetVoiceModelResponse:
        request = audio_service_pb2.GetVoiceModelRequest()
        answer: audio_service_pb2.GetVoiceModelResponse = await self._backends.audio.GetVoiceModel(
            request, timeout=TIMEOUT_S, metadata=call_metadata()
        )
        return answer


def _all(
    answer: face_service_pb2.GetFaceModelResponse | audio_service_pb2.GetVoiceModelResponse,
) -> list[emotion_pb2.ModelInfo]:
    """Return all models; a server that knows of no choice names only the one it has."""
    return list(answer.models) or [answer.model]


def _check_model(
    key: str,
    name: str,
    answer: face_service_pb2.GetFaceModelResponse | audio_service_pb2.GetVoiceModelResponse,
) -> None:
    if name:
        check_name(key, name, [model.name for model in _all(answer)])
