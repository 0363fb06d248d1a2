import datetime

from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from emotionmap.v1 import media_service_pb2 as _media_service_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnalyzeSpeechRequest(_message.Message):
    __slots__ = ("config", "audio")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    config: AnalyzeSpeechConfig
    audio: _media_service_pb2.AudioChunk
    def __init__(self, config: _Optional[_Union[AnalyzeSpeechConfig, _Mapping]] = ..., audio: _Optional[_Union[_media_service_pb2.AudioChunk, _Mapping]] = ...) -> None: ...

class AnalyzeSpeechConfig(_message.Message):
    __slots__ = ("segment_id", "range", "interval", "context", "model")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    range: _emotion_pb2.TimeRange
    interval: _duration_pb2.Duration
    context: _duration_pb2.Duration
    model: str
    def __init__(self, segment_id: _Optional[str] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., context: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., model: _Optional[str] = ...) -> None: ...

class AnalyzeSpeechResponse(_message.Message):
    __slots__ = ("model", "interval")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    model: _emotion_pb2.ModelInfo
    interval: SpeechInterval
    def __init__(self, model: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., interval: _Optional[_Union[SpeechInterval, _Mapping]] = ...) -> None: ...

class SpeechInterval(_message.Message):
    __slots__ = ("range", "speech", "emotions")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    range: _emotion_pb2.TimeRange
    speech: float
    emotions: _emotion_pb2.EmotionDistribution
    def __init__(self, range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., speech: _Optional[float] = ..., emotions: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ...) -> None: ...

class GetVoiceModelRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetVoiceModelResponse(_message.Message):
    __slots__ = ("model", "models")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    model: _emotion_pb2.ModelInfo
    models: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.ModelInfo]
    def __init__(self, model: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_emotion_pb2.ModelInfo, _Mapping]]] = ...) -> None: ...
