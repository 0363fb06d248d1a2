import datetime

from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Interval(_message.Message):
    __slots__ = ("range", "emotion", "confidence", "evidence", "scores", "face", "voice", "tracks")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    range: _emotion_pb2.TimeRange
    emotion: _emotion_pb2.Emotion
    confidence: float
    evidence: _emotion_pb2.Evidence
    scores: _emotion_pb2.EmotionDistribution
    face: FaceEvidence
    voice: VoiceEvidence
    tracks: _containers.RepeatedCompositeFieldContainer[TrackEvidence]
    def __init__(self, range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., confidence: _Optional[float] = ..., evidence: _Optional[_Union[_emotion_pb2.Evidence, str]] = ..., scores: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ..., face: _Optional[_Union[FaceEvidence, _Mapping]] = ..., voice: _Optional[_Union[VoiceEvidence, _Mapping]] = ..., tracks: _Optional[_Iterable[_Union[TrackEvidence, _Mapping]]] = ...) -> None: ...

class FaceEvidence(_message.Message):
    __slots__ = ("frames", "faces", "quality", "scores")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    frames: int
    faces: int
    quality: float
    scores: _emotion_pb2.EmotionDistribution
    def __init__(self, frames: _Optional[int] = ..., faces: _Optional[int] = ..., quality: _Optional[float] = ..., scores: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ...) -> None: ...

class VoiceEvidence(_message.Message):
    __slots__ = ("speech", "scores")
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    speech: float
    scores: _emotion_pb2.EmotionDistribution
    def __init__(self, speech: _Optional[float] = ..., scores: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ...) -> None: ...

class TrackEvidence(_message.Message):
    __slots__ = ("track_id", "frames", "scores", "first_box", "last_box", "best_offset", "best_box")
    TRACK_ID_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    FIRST_BOX_FIELD_NUMBER: _ClassVar[int]
    LAST_BOX_FIELD_NUMBER: _ClassVar[int]
    BEST_OFFSET_FIELD_NUMBER: _ClassVar[int]
    BEST_BOX_FIELD_NUMBER: _ClassVar[int]
    track_id: str
    frames: int
    scores: _emotion_pb2.EmotionDistribution
    first_box: _emotion_pb2.BoundingBox
    last_box: _emotion_pb2.BoundingBox
    best_offset: _duration_pb2.Duration
    best_box: _emotion_pb2.BoundingBox
    def __init__(self, track_id: _Optional[str] = ..., frames: _Optional[int] = ..., scores: _Optional[_Union[_emotion_pb2.EmotionDistribution, _Mapping]] = ..., first_box: _Optional[_Union[_emotion_pb2.BoundingBox, _Mapping]] = ..., last_box: _Optional[_Union[_emotion_pb2.BoundingBox, _Mapping]] = ..., best_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., best_box: _Optional[_Union[_emotion_pb2.BoundingBox, _Mapping]] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("id", "intervals", "thumbnail_offset", "thumbnail_box")
    ID_FIELD_NUMBER: _ClassVar[int]
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_OFFSET_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_BOX_FIELD_NUMBER: _ClassVar[int]
    id: str
    intervals: _containers.RepeatedCompositeFieldContainer[PersonInterval]
    thumbnail_offset: _duration_pb2.Duration
    thumbnail_box: _emotion_pb2.BoundingBox
    def __init__(self, id: _Optional[str] = ..., intervals: _Optional[_Iterable[_Union[PersonInterval, _Mapping]]] = ..., thumbnail_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., thumbnail_box: _Optional[_Union[_emotion_pb2.BoundingBox, _Mapping]] = ...) -> None: ...

class PersonInterval(_message.Message):
    __slots__ = ("range", "emotion", "confidence")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    range: _emotion_pb2.TimeRange
    emotion: _emotion_pb2.Emotion
    confidence: float
    def __init__(self, range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., confidence: _Optional[float] = ...) -> None: ...

class Analytics(_message.Message):
    __slots__ = ("shares", "top", "longest_streak", "switches", "average_run_s", "volatility")
    SHARES_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    LONGEST_STREAK_FIELD_NUMBER: _ClassVar[int]
    SWITCHES_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_RUN_S_FIELD_NUMBER: _ClassVar[int]
    VOLATILITY_FIELD_NUMBER: _ClassVar[int]
    shares: _containers.RepeatedCompositeFieldContainer[EmotionShare]
    top: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Emotion]
    longest_streak: Streak
    switches: int
    average_run_s: float
    volatility: float
    def __init__(self, shares: _Optional[_Iterable[_Union[EmotionShare, _Mapping]]] = ..., top: _Optional[_Iterable[_Union[_emotion_pb2.Emotion, str]]] = ..., longest_streak: _Optional[_Union[Streak, _Mapping]] = ..., switches: _Optional[int] = ..., average_run_s: _Optional[float] = ..., volatility: _Optional[float] = ...) -> None: ...

class EmotionShare(_message.Message):
    __slots__ = ("emotion", "seconds", "share")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    emotion: _emotion_pb2.Emotion
    seconds: float
    share: float
    def __init__(self, emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., seconds: _Optional[float] = ..., share: _Optional[float] = ...) -> None: ...

class Streak(_message.Message):
    __slots__ = ("emotion", "range")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    emotion: _emotion_pb2.Emotion
    range: _emotion_pb2.TimeRange
    def __init__(self, emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ...) -> None: ...

class Rational(_message.Message):
    __slots__ = ("numerator", "denominator")
    NUMERATOR_FIELD_NUMBER: _ClassVar[int]
    DENOMINATOR_FIELD_NUMBER: _ClassVar[int]
    numerator: int
    denominator: int
    def __init__(self, numerator: _Optional[int] = ..., denominator: _Optional[int] = ...) -> None: ...

class MediaInfo(_message.Message):
    __slots__ = ("duration", "frame_rate", "width_px", "height_px", "has_video", "has_audio", "container", "video_codec", "audio_codec", "title", "open_ended")
    DURATION_FIELD_NUMBER: _ClassVar[int]
    FRAME_RATE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    HAS_VIDEO_FIELD_NUMBER: _ClassVar[int]
    HAS_AUDIO_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    VIDEO_CODEC_FIELD_NUMBER: _ClassVar[int]
    AUDIO_CODEC_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    OPEN_ENDED_FIELD_NUMBER: _ClassVar[int]
    duration: _duration_pb2.Duration
    frame_rate: Rational
    width_px: int
    height_px: int
    has_video: bool
    has_audio: bool
    container: str
    video_codec: str
    audio_codec: str
    title: str
    open_ended: bool
    def __init__(self, duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., frame_rate: _Optional[_Union[Rational, _Mapping]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., has_video: _Optional[bool] = ..., has_audio: _Optional[bool] = ..., container: _Optional[str] = ..., video_codec: _Optional[str] = ..., audio_codec: _Optional[str] = ..., title: _Optional[str] = ..., open_ended: _Optional[bool] = ...) -> None: ...

class Timeline(_message.Message):
    __slots__ = ("title", "media", "interval", "truncated", "intervals", "people", "analytics", "face_model", "voice_model", "notice")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    FACE_MODEL_FIELD_NUMBER: _ClassVar[int]
    VOICE_MODEL_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    title: str
    media: MediaInfo
    interval: _duration_pb2.Duration
    truncated: bool
    intervals: _containers.RepeatedCompositeFieldContainer[Interval]
    people: _containers.RepeatedCompositeFieldContainer[Person]
    analytics: Analytics
    face_model: _emotion_pb2.ModelInfo
    voice_model: _emotion_pb2.ModelInfo
    notice: str
    def __init__(self, title: _Optional[str] = ..., media: _Optional[_Union[MediaInfo, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., truncated: _Optional[bool] = ..., intervals: _Optional[_Iterable[_Union[Interval, _Mapping]]] = ..., people: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., analytics: _Optional[_Union[Analytics, _Mapping]] = ..., face_model: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., voice_model: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., notice: _Optional[str] = ...) -> None: ...
