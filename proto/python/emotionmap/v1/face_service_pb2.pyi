import datetime

from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from emotionmap.v1 import media_service_pb2 as _media_service_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FaceDetector(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FACE_DETECTOR_UNSPECIFIED: _ClassVar[FaceDetector]
    FACE_DETECTOR_HAAR: _ClassVar[FaceDetector]
    FACE_DETECTOR_YUNET: _ClassVar[FaceDetector]
    FACE_DETECTOR_DEEPFACE: _ClassVar[FaceDetector]
FACE_DETECTOR_UNSPECIFIED: FaceDetector
FACE_DETECTOR_HAAR: FaceDetector
FACE_DETECTOR_YUNET: FaceDetector
FACE_DETECTOR_DEEPFACE: FaceDetector

class AnalyzeFramesRequest(_message.Message):
    __slots__ = ("config", "frames")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    config: AnalyzeFramesConfig
    frames: _media_service_pb2.FrameBatch
    def __init__(self, config: _Optional[_Union[AnalyzeFramesConfig, _Mapping]] = ..., frames: _Optional[_Union[_media_service_pb2.FrameBatch, _Mapping]] = ...) -> None: ...

class AnalyzeFramesConfig(_message.Message):
    __slots__ = ("segment_id", "detector", "min_face_px", "model", "unrelated_frames")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DETECTOR_FIELD_NUMBER: _ClassVar[int]
    MIN_FACE_PX_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    UNRELATED_FRAMES_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    detector: FaceDetector
    min_face_px: int
    model: str
    unrelated_frames: bool
    def __init__(self, segment_id: _Optional[str] = ..., detector: _Optional[_Union[FaceDetector, str]] = ..., min_face_px: _Optional[int] = ..., model: _Optional[str] = ..., unrelated_frames: _Optional[bool] = ...) -> None: ...

class AnalyzeFramesResponse(_message.Message):
    __slots__ = ("model", "frames")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    model: _emotion_pb2.ModelInfo
    frames: FrameFacesBatch
    def __init__(self, model: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., frames: _Optional[_Union[FrameFacesBatch, _Mapping]] = ...) -> None: ...

class FrameFacesBatch(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[FrameFaces]
    def __init__(self, frames: _Optional[_Iterable[_Union[FrameFaces, _Mapping]]] = ...) -> None: ...

class FrameFaces(_message.Message):
    __slots__ = ("time_offset", "faces", "rejected")
    TIME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    time_offset: _duration_pb2.Duration
    faces: _containers.RepeatedCompositeFieldContainer[Face]
    rejected: int
    def __init__(self, time_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., faces: _Optional[_Iterable[_Union[Face, _Mapping]]] = ..., rejected: _Optional[int] = ...) -> None: ...

class Face(_message.Message):
    __slots__ = ("box", "emotions", "track", "quality")
    BOX_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    box: _emotion_pb2.BoundingBox
    emotions: _emotion_pb2.EmotionDistribution
    track: int
    quality: float
    def __init__(self, box: _Optional[_Union[_emotion_pb2.BoundingBox, _Mapping]] = ..., emotions: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ..., track: _Optional[int] = ..., quality: _Optional[float] = ...) -> None: ...

class GetFaceModelRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetFaceModelResponse(_message.Message):
    __slots__ = ("model", "detectors", "models")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    DETECTORS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    model: _emotion_pb2.ModelInfo
    detectors: _containers.RepeatedScalarFieldContainer[FaceDetector]
    models: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.ModelInfo]
    def __init__(self, model: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., detectors: _Optional[_Iterable[_Union[FaceDetector, str]]] = ..., models: _Optional[_Iterable[_Union[_emotion_pb2.ModelInfo, _Mapping]]] = ...) -> None: ...
