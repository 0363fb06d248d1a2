"""Asks the model services which weights they score with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap.v1 import audio_service_pb2, emotion_pb2, face_service_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emotionmap_gateway.backends import Backends

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class ModelsInUse:
    """Weights, and the detectors that the face service has, the default first."""

    face: emotion_pb2.ModelInfo
    voice: emotion_pb2.ModelInfo
    detectors: Sequence[int]


class Models:
    """The models behind this gateway."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    async def get(self) -> ModelsInUse:
        """Return the weights in use now.

        Raises:
            grpc.aio.AioRpcError: A model service is away.
        """
        face, voice = await asyncio.gather(
            self._backends.face.GetFaceModel(
                face_service_pb2.GetFaceModelRequest(), timeout=TIMEOUT_S
            ),
            self._backends.audio.GetVoiceModel(
                audio_service_pb2.GetVoiceModelRequest(), timeout=TIMEOUT_S
            ),
        )
        return ModelsInUse(face.model, voice.model, list(face.detectors))
