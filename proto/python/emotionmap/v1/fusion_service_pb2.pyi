import datetime

from emotionmap.v1 import audio_service_pb2 as _audio_service_pb2
from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from emotionmap.v1 import face_service_pb2 as _face_service_pb2
from emotionmap.v1 import timeline_pb2 as _timeline_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FusionStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FUSION_STRATEGY_UNSPECIFIED: _ClassVar[FusionStrategy]
    FUSION_STRATEGY_WEIGHTED_MEAN: _ClassVar[FusionStrategy]
    FUSION_STRATEGY_RELIABILITY: _ClassVar[FusionStrategy]
FUSION_STRATEGY_UNSPECIFIED: FusionStrategy
FUSION_STRATEGY_WEIGHTED_MEAN: FusionStrategy
FUSION_STRATEGY_RELIABILITY: FusionStrategy

class FuseTimelineRequest(_message.Message):
    __slots__ = ("config", "speech", "frames")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    config: FuseTimelineConfig
    speech: _audio_service_pb2.SpeechInterval
    frames: _face_service_pb2.FrameFacesBatch
    def __init__(self, config: _Optional[_Union[FuseTimelineConfig, _Mapping]] = ..., speech: _Optional[_Union[_audio_service_pb2.SpeechInterval, _Mapping]] = ..., frames: _Optional[_Union[_face_service_pb2.FrameFacesBatch, _Mapping]] = ...) -> None: ...

class FuseTimelineConfig(_message.Message):
    __slots__ = ("segment_id", "range", "interval", "options", "face_emotions", "voice_emotions", "expects_faces", "expects_speech")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    FACE_EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    VOICE_EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    EXPECTS_FACES_FIELD_NUMBER: _ClassVar[int]
    EXPECTS_SPEECH_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    range: _emotion_pb2.TimeRange
    interval: _duration_pb2.Duration
    options: FusionOptions
    face_emotions: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Emotion]
    voice_emotions: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Emotion]
    expects_faces: bool
    expects_speech: bool
    def __init__(self, segment_id: _Optional[str] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., options: _Optional[_Union[FusionOptions, _Mapping]] = ..., face_emotions: _Optional[_Iterable[_Union[_emotion_pb2.Emotion, str]]] = ..., voice_emotions: _Optional[_Iterable[_Union[_emotion_pb2.Emotion, str]]] = ..., expects_faces: _Optional[bool] = ..., expects_speech: _Optional[bool] = ...) -> None: ...

class FusionOptions(_message.Message):
    __slots__ = ("face_weight", "voice_weight", "confidence_floor", "min_face_share", "min_speech", "strategy", "smoothing", "hysteresis")
    FACE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    VOICE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FLOOR_FIELD_NUMBER: _ClassVar[int]
    MIN_FACE_SHARE_FIELD_NUMBER: _ClassVar[int]
    MIN_SPEECH_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    SMOOTHING_FIELD_NUMBER: _ClassVar[int]
    HYSTERESIS_FIELD_NUMBER: _ClassVar[int]
    face_weight: float
    voice_weight: float
    confidence_floor: float
    min_face_share: float
    min_speech: float
    strategy: FusionStrategy
    smoothing: float
    hysteresis: float
    def __init__(self, face_weight: _Optional[float] = ..., voice_weight: _Optional[float] = ..., confidence_floor: _Optional[float] = ..., min_face_share: _Optional[float] = ..., min_speech: _Optional[float] = ..., strategy: _Optional[_Union[FusionStrategy, str]] = ..., smoothing: _Optional[float] = ..., hysteresis: _Optional[float] = ...) -> None: ...

class FuseTimelineResponse(_message.Message):
    __slots__ = ("interval",)
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    interval: _timeline_pb2.Interval
    def __init__(self, interval: _Optional[_Union[_timeline_pb2.Interval, _Mapping]] = ...) -> None: ...

class SummarizeTimelineRequest(_message.Message):
    __slots__ = ("config", "interval")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    config: SummarizeTimelineConfig
    interval: _timeline_pb2.Interval
    def __init__(self, config: _Optional[_Union[SummarizeTimelineConfig, _Mapping]] = ..., interval: _Optional[_Union[_timeline_pb2.Interval, _Mapping]] = ...) -> None: ...

class SummarizeTimelineConfig(_message.Message):
    __slots__ = ("segments", "options")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.TimeRange]
    options: FusionOptions
    def __init__(self, segments: _Optional[_Iterable[_Union[_emotion_pb2.TimeRange, _Mapping]]] = ..., options: _Optional[_Union[FusionOptions, _Mapping]] = ...) -> None: ...

class SummarizeTimelineResponse(_message.Message):
    __slots__ = ("analytics", "people", "smoothed")
    ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    SMOOTHED_FIELD_NUMBER: _ClassVar[int]
    analytics: _timeline_pb2.Analytics
    people: _containers.RepeatedCompositeFieldContainer[_timeline_pb2.Person]
    smoothed: _containers.RepeatedCompositeFieldContainer[SmoothedDecision]
    def __init__(self, analytics: _Optional[_Union[_timeline_pb2.Analytics, _Mapping]] = ..., people: _Optional[_Iterable[_Union[_timeline_pb2.Person, _Mapping]]] = ..., smoothed: _Optional[_Iterable[_Union[SmoothedDecision, _Mapping]]] = ...) -> None: ...

class SmoothedDecision(_message.Message):
    __slots__ = ("emotion", "confidence", "scores")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    emotion: _emotion_pb2.Emotion
    confidence: float
    scores: _emotion_pb2.EmotionDistribution
    def __init__(self, emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., confidence: _Optional[float] = ..., scores: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ...) -> None: ...
