import datetime

from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from emotionmap.v1 import timeline_pb2 as _timeline_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProbeMediaRequest(_message.Message):
    __slots__ = ("media_key", "interval", "segment")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    interval: _duration_pb2.Duration
    segment: _duration_pb2.Duration
    def __init__(self, media_key: _Optional[str] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., segment: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ProbeMediaResponse(_message.Message):
    __slots__ = ("info", "segments")
    INFO_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    info: _timeline_pb2.MediaInfo
    segments: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.TimeRange]
    def __init__(self, info: _Optional[_Union[_timeline_pb2.MediaInfo, _Mapping]] = ..., segments: _Optional[_Iterable[_Union[_emotion_pb2.TimeRange, _Mapping]]] = ...) -> None: ...

class DecodeSegmentRequest(_message.Message):
    __slots__ = ("media_key", "segment_id", "range", "frames_per_second", "frame_width_px", "audio_margin", "interval", "skip_video", "skip_audio")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    FRAME_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    AUDIO_MARGIN_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SKIP_VIDEO_FIELD_NUMBER: _ClassVar[int]
    SKIP_AUDIO_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    segment_id: str
    range: _emotion_pb2.TimeRange
    frames_per_second: float
    frame_width_px: int
    audio_margin: _duration_pb2.Duration
    interval: _duration_pb2.Duration
    skip_video: bool
    skip_audio: bool
    def __init__(self, media_key: _Optional[str] = ..., segment_id: _Optional[str] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., frames_per_second: _Optional[float] = ..., frame_width_px: _Optional[int] = ..., audio_margin: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., skip_video: _Optional[bool] = ..., skip_audio: _Optional[bool] = ...) -> None: ...

class DecodeSegmentResponse(_message.Message):
    __slots__ = ("audio", "summary", "frames")
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    audio: AudioChunk
    summary: DecodeSummary
    frames: FrameBatch
    def __init__(self, audio: _Optional[_Union[AudioChunk, _Mapping]] = ..., summary: _Optional[_Union[DecodeSummary, _Mapping]] = ..., frames: _Optional[_Union[FrameBatch, _Mapping]] = ...) -> None: ...

class FrameBatch(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[Frame]
    def __init__(self, frames: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("time_offset", "width_px", "height_px", "gray")
    TIME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    GRAY_FIELD_NUMBER: _ClassVar[int]
    time_offset: _duration_pb2.Duration
    width_px: int
    height_px: int
    gray: bytes
    def __init__(self, time_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., gray: _Optional[bytes] = ...) -> None: ...

class AudioChunk(_message.Message):
    __slots__ = ("time_offset", "pcm")
    TIME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PCM_FIELD_NUMBER: _ClassVar[int]
    time_offset: _duration_pb2.Duration
    pcm: bytes
    def __init__(self, time_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., pcm: _Optional[bytes] = ...) -> None: ...

class DecodeSummary(_message.Message):
    __slots__ = ("frames", "samples", "truncated")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    frames: int
    samples: int
    truncated: bool
    def __init__(self, frames: _Optional[int] = ..., samples: _Optional[int] = ..., truncated: _Optional[bool] = ...) -> None: ...

class CutHighlightsRequest(_message.Message):
    __slots__ = ("media_key", "ranges")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    ranges: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.TimeRange]
    def __init__(self, media_key: _Optional[str] = ..., ranges: _Optional[_Iterable[_Union[_emotion_pb2.TimeRange, _Mapping]]] = ...) -> None: ...

class CutHighlightsResponse(_message.Message):
    __slots__ = ("progress", "chunk")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    progress: float
    chunk: bytes
    def __init__(self, progress: _Optional[float] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class RenderThumbnailsRequest(_message.Message):
    __slots__ = ("media_key", "thumbnails", "width_px")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    THUMBNAILS_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    thumbnails: _containers.RepeatedCompositeFieldContainer[ThumbnailSpec]
    width_px: int
    def __init__(self, media_key: _Optional[str] = ..., thumbnails: _Optional[_Iterable[_Union[ThumbnailSpec, _Mapping]]] = ..., width_px: _Optional[int] = ...) -> None: ...

class ThumbnailSpec(_message.Message):
    __slots__ = ("time_offset", "crop")
    TIME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    CROP_FIELD_NUMBER: _ClassVar[int]
    time_offset: _duration_pb2.Duration
    crop: _emotion_pb2.BoundingBox
    def __init__(self, time_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., crop: _Optional[_Union[_emotion_pb2.BoundingBox, _Mapping]] = ...) -> None: ...

class RenderThumbnailsResponse(_message.Message):
    __slots__ = ("time_offset", "jpeg")
    TIME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    JPEG_FIELD_NUMBER: _ClassVar[int]
    time_offset: _duration_pb2.Duration
    jpeg: bytes
    def __init__(self, time_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., jpeg: _Optional[bytes] = ...) -> None: ...
