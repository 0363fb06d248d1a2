import datetime

from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from emotionmap.v1 import timeline_pb2 as _timeline_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HighlightsStyle(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HIGHLIGHTS_STYLE_UNSPECIFIED: _ClassVar[HighlightsStyle]
    HIGHLIGHTS_STYLE_FAST: _ClassVar[HighlightsStyle]
    HIGHLIGHTS_STYLE_POLISHED: _ClassVar[HighlightsStyle]
HIGHLIGHTS_STYLE_UNSPECIFIED: HighlightsStyle
HIGHLIGHTS_STYLE_FAST: HighlightsStyle
HIGHLIGHTS_STYLE_POLISHED: HighlightsStyle

class GrowingMedia(_message.Message):
    __slots__ = ("readable_bytes", "total_bytes")
    READABLE_BYTES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    readable_bytes: int
    total_bytes: int
    def __init__(self, readable_bytes: _Optional[int] = ..., total_bytes: _Optional[int] = ...) -> None: ...

class PlanSoFar(_message.Message):
    __slots__ = ("segments", "end_offset")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    segments: int
    end_offset: _duration_pb2.Duration
    def __init__(self, segments: _Optional[int] = ..., end_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ProbeMediaRequest(_message.Message):
    __slots__ = ("media_key", "interval", "segment", "growing", "audio_margin", "so_far")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    GROWING_FIELD_NUMBER: _ClassVar[int]
    AUDIO_MARGIN_FIELD_NUMBER: _ClassVar[int]
    SO_FAR_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    interval: _duration_pb2.Duration
    segment: _duration_pb2.Duration
    growing: GrowingMedia
    audio_margin: _duration_pb2.Duration
    so_far: PlanSoFar
    def __init__(self, media_key: _Optional[str] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., segment: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., growing: _Optional[_Union[GrowingMedia, _Mapping]] = ..., audio_margin: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., so_far: _Optional[_Union[PlanSoFar, _Mapping]] = ...) -> None: ...

class ProbeMediaResponse(_message.Message):
    __slots__ = ("info", "segments", "segment_end_bytes", "grows")
    INFO_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_END_BYTES_FIELD_NUMBER: _ClassVar[int]
    GROWS_FIELD_NUMBER: _ClassVar[int]
    info: _timeline_pb2.MediaInfo
    segments: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.TimeRange]
    segment_end_bytes: _containers.RepeatedScalarFieldContainer[int]
    grows: bool
    def __init__(self, info: _Optional[_Union[_timeline_pb2.MediaInfo, _Mapping]] = ..., segments: _Optional[_Iterable[_Union[_emotion_pb2.TimeRange, _Mapping]]] = ..., segment_end_bytes: _Optional[_Iterable[int]] = ..., grows: _Optional[bool] = ...) -> None: ...

class DecodeSegmentRequest(_message.Message):
    __slots__ = ("media_key", "segment_id", "range", "frames_per_second", "frame_width_px", "audio_margin", "interval", "skip_video", "skip_audio", "growing")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    FRAME_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    AUDIO_MARGIN_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SKIP_VIDEO_FIELD_NUMBER: _ClassVar[int]
    SKIP_AUDIO_FIELD_NUMBER: _ClassVar[int]
    GROWING_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    segment_id: str
    range: _emotion_pb2.TimeRange
    frames_per_second: float
    frame_width_px: int
    audio_margin: _duration_pb2.Duration
    interval: _duration_pb2.Duration
    skip_video: bool
    skip_audio: bool
    growing: GrowingMedia
    def __init__(self, media_key: _Optional[str] = ..., segment_id: _Optional[str] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., frames_per_second: _Optional[float] = ..., frame_width_px: _Optional[int] = ..., audio_margin: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., skip_video: _Optional[bool] = ..., skip_audio: _Optional[bool] = ..., growing: _Optional[_Union[GrowingMedia, _Mapping]] = ...) -> None: ...

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

class SampleKeyFramesRequest(_message.Message):
    __slots__ = ("media_key", "count", "frame_width_px")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FRAME_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    count: int
    frame_width_px: int
    def __init__(self, media_key: _Optional[str] = ..., count: _Optional[int] = ..., frame_width_px: _Optional[int] = ...) -> None: ...

class SampleKeyFramesResponse(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: FrameBatch
    def __init__(self, frames: _Optional[_Union[FrameBatch, _Mapping]] = ...) -> None: ...

class CutSummary(_message.Message):
    __slots__ = ("duration", "copied_share", "note", "pieces")
    DURATION_FIELD_NUMBER: _ClassVar[int]
    COPIED_SHARE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    duration: _duration_pb2.Duration
    copied_share: float
    note: str
    pieces: int
    def __init__(self, duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., copied_share: _Optional[float] = ..., note: _Optional[str] = ..., pieces: _Optional[int] = ...) -> None: ...

class CutCaption(_message.Message):
    __slots__ = ("range", "text", "color_rgb")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    COLOR_RGB_FIELD_NUMBER: _ClassVar[int]
    range: _emotion_pb2.TimeRange
    text: str
    color_rgb: int
    def __init__(self, range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., text: _Optional[str] = ..., color_rgb: _Optional[int] = ...) -> None: ...

class CutHighlightsRequest(_message.Message):
    __slots__ = ("media_key", "ranges", "style", "title", "captions")
    MEDIA_KEY_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CAPTIONS_FIELD_NUMBER: _ClassVar[int]
    media_key: str
    ranges: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.TimeRange]
    style: HighlightsStyle
    title: str
    captions: _containers.RepeatedCompositeFieldContainer[CutCaption]
    def __init__(self, media_key: _Optional[str] = ..., ranges: _Optional[_Iterable[_Union[_emotion_pb2.TimeRange, _Mapping]]] = ..., style: _Optional[_Union[HighlightsStyle, str]] = ..., title: _Optional[str] = ..., captions: _Optional[_Iterable[_Union[CutCaption, _Mapping]]] = ...) -> None: ...

class CutHighlightsResponse(_message.Message):
    __slots__ = ("progress", "chunk", "summary")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    progress: float
    chunk: bytes
    summary: CutSummary
    def __init__(self, progress: _Optional[float] = ..., chunk: _Optional[bytes] = ..., summary: _Optional[_Union[CutSummary, _Mapping]] = ...) -> None: ...

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
