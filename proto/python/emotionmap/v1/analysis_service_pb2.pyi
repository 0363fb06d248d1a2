import datetime

from emotionmap.v1 import emotion_pb2 as _emotion_pb2
from emotionmap.v1 import face_service_pb2 as _face_service_pb2
from emotionmap.v1 import fusion_service_pb2 as _fusion_service_pb2
from emotionmap.v1 import media_service_pb2 as _media_service_pb2
from emotionmap.v1 import timeline_pb2 as _timeline_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_QUEUED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_SUCCEEDED: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]

class TimelineFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIMELINE_FORMAT_UNSPECIFIED: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_JSON: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_CSV: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_VTT: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_EDL: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_FCPXML: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_OTIO: _ClassVar[TimelineFormat]
    TIMELINE_FORMAT_SKIP_LIST: _ClassVar[TimelineFormat]

class HighlightsOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HIGHLIGHTS_ORDER_UNSPECIFIED: _ClassVar[HighlightsOrder]
    HIGHLIGHTS_ORDER_TIME: _ClassVar[HighlightsOrder]
    HIGHLIGHTS_ORDER_STRENGTH: _ClassVar[HighlightsOrder]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_QUEUED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_SUCCEEDED: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState
TIMELINE_FORMAT_UNSPECIFIED: TimelineFormat
TIMELINE_FORMAT_JSON: TimelineFormat
TIMELINE_FORMAT_CSV: TimelineFormat
TIMELINE_FORMAT_VTT: TimelineFormat
TIMELINE_FORMAT_EDL: TimelineFormat
TIMELINE_FORMAT_FCPXML: TimelineFormat
TIMELINE_FORMAT_OTIO: TimelineFormat
TIMELINE_FORMAT_SKIP_LIST: TimelineFormat
HIGHLIGHTS_ORDER_UNSPECIFIED: HighlightsOrder
HIGHLIGHTS_ORDER_TIME: HighlightsOrder
HIGHLIGHTS_ORDER_STRENGTH: HighlightsOrder

class AnalysisOptions(_message.Message):
    __slots__ = ("interval", "frames_per_second", "frame_width_px", "detector", "min_face_px", "voice_context", "fusion", "face_model", "voice_model")
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    FRAME_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    DETECTOR_FIELD_NUMBER: _ClassVar[int]
    MIN_FACE_PX_FIELD_NUMBER: _ClassVar[int]
    VOICE_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    FUSION_FIELD_NUMBER: _ClassVar[int]
    FACE_MODEL_FIELD_NUMBER: _ClassVar[int]
    VOICE_MODEL_FIELD_NUMBER: _ClassVar[int]
    interval: _duration_pb2.Duration
    frames_per_second: float
    frame_width_px: int
    detector: _face_service_pb2.FaceDetector
    min_face_px: int
    voice_context: _duration_pb2.Duration
    fusion: _fusion_service_pb2.FusionOptions
    face_model: str
    voice_model: str
    def __init__(self, interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., frames_per_second: _Optional[float] = ..., frame_width_px: _Optional[int] = ..., detector: _Optional[_Union[_face_service_pb2.FaceDetector, str]] = ..., min_face_px: _Optional[int] = ..., voice_context: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., fusion: _Optional[_Union[_fusion_service_pb2.FusionOptions, _Mapping]] = ..., face_model: _Optional[str] = ..., voice_model: _Optional[str] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("reason", "message", "code")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    code: int
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., code: _Optional[int] = ...) -> None: ...

class Analysis(_message.Message):
    __slots__ = ("id", "state", "title", "create_time", "update_time", "progress", "failure", "media", "options", "size_bytes", "received_bytes")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_BYTES_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: JobState
    title: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    progress: float
    failure: Failure
    media: _timeline_pb2.MediaInfo
    options: AnalysisOptions
    size_bytes: int
    received_bytes: int
    def __init__(self, id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., title: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., progress: _Optional[float] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., media: _Optional[_Union[_timeline_pb2.MediaInfo, _Mapping]] = ..., options: _Optional[_Union[AnalysisOptions, _Mapping]] = ..., size_bytes: _Optional[int] = ..., received_bytes: _Optional[int] = ...) -> None: ...

class Export(_message.Message):
    __slots__ = ("id", "analysis_id", "state", "progress", "failure", "size_bytes", "duration", "file_name", "create_time", "style", "summary")
    ID_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    id: str
    analysis_id: str
    state: JobState
    progress: float
    failure: Failure
    size_bytes: int
    duration: _duration_pb2.Duration
    file_name: str
    create_time: _timestamp_pb2.Timestamp
    style: _media_service_pb2.HighlightsStyle
    summary: _media_service_pb2.CutSummary
    def __init__(self, id: _Optional[str] = ..., analysis_id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., progress: _Optional[float] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., size_bytes: _Optional[int] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., file_name: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., style: _Optional[_Union[_media_service_pb2.HighlightsStyle, str]] = ..., summary: _Optional[_Union[_media_service_pb2.CutSummary, _Mapping]] = ...) -> None: ...

class CreateAnalysisRequest(_message.Message):
    __slots__ = ("config", "chunk")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    config: CreateAnalysisConfig
    chunk: bytes
    def __init__(self, config: _Optional[_Union[CreateAnalysisConfig, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class CreateAnalysisConfig(_message.Message):
    __slots__ = ("title", "options", "idempotency_key")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    title: str
    options: AnalysisOptions
    idempotency_key: str
    def __init__(self, title: _Optional[str] = ..., options: _Optional[_Union[AnalysisOptions, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateAnalysisResponse(_message.Message):
    __slots__ = ("analysis",)
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    analysis: Analysis
    def __init__(self, analysis: _Optional[_Union[Analysis, _Mapping]] = ...) -> None: ...

class GetAnalysisRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetAnalysisResponse(_message.Message):
    __slots__ = ("analysis",)
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    analysis: Analysis
    def __init__(self, analysis: _Optional[_Union[Analysis, _Mapping]] = ...) -> None: ...

class ListAnalysesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "query")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    query: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., query: _Optional[str] = ...) -> None: ...

class ListAnalysesResponse(_message.Message):
    __slots__ = ("analyses", "next_page_token")
    ANALYSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    analyses: _containers.RepeatedCompositeFieldContainer[Analysis]
    next_page_token: str
    def __init__(self, analyses: _Optional[_Iterable[_Union[Analysis, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchAnalysisRequest(_message.Message):
    __slots__ = ("id", "after_event")
    ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_EVENT_FIELD_NUMBER: _ClassVar[int]
    id: str
    after_event: int
    def __init__(self, id: _Optional[str] = ..., after_event: _Optional[int] = ...) -> None: ...

class WatchAnalysisResponse(_message.Message):
    __slots__ = ("event", "analysis", "intervals", "draft")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    event: int
    analysis: Analysis
    intervals: IntervalBatch
    draft: IntervalBatch
    def __init__(self, event: _Optional[int] = ..., analysis: _Optional[_Union[Analysis, _Mapping]] = ..., intervals: _Optional[_Union[IntervalBatch, _Mapping]] = ..., draft: _Optional[_Union[IntervalBatch, _Mapping]] = ...) -> None: ...

class IntervalBatch(_message.Message):
    __slots__ = ("intervals",)
    INTERVALS_FIELD_NUMBER: _ClassVar[int]
    intervals: _containers.RepeatedCompositeFieldContainer[_timeline_pb2.Interval]
    def __init__(self, intervals: _Optional[_Iterable[_Union[_timeline_pb2.Interval, _Mapping]]] = ...) -> None: ...

class CancelAnalysisRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class CancelAnalysisResponse(_message.Message):
    __slots__ = ("analysis",)
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    analysis: Analysis
    def __init__(self, analysis: _Optional[_Union[Analysis, _Mapping]] = ...) -> None: ...

class DeleteAnalysisRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class DeleteAnalysisResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetTimelineRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetTimelineResponse(_message.Message):
    __slots__ = ("timeline",)
    TIMELINE_FIELD_NUMBER: _ClassVar[int]
    timeline: _timeline_pb2.Timeline
    def __init__(self, timeline: _Optional[_Union[_timeline_pb2.Timeline, _Mapping]] = ...) -> None: ...

class ExportTimelineRequest(_message.Message):
    __slots__ = ("id", "format", "selection")
    ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    format: TimelineFormat
    selection: Selection
    def __init__(self, id: _Optional[str] = ..., format: _Optional[_Union[TimelineFormat, str]] = ..., selection: _Optional[_Union[Selection, _Mapping]] = ...) -> None: ...

class ExportTimelineResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class Selection(_message.Message):
    __slots__ = ("emotions", "min_confidence", "people", "lead_in", "lead_out", "shortest")
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    LEAD_IN_FIELD_NUMBER: _ClassVar[int]
    LEAD_OUT_FIELD_NUMBER: _ClassVar[int]
    SHORTEST_FIELD_NUMBER: _ClassVar[int]
    emotions: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Emotion]
    min_confidence: float
    people: _containers.RepeatedScalarFieldContainer[str]
    lead_in: _duration_pb2.Duration
    lead_out: _duration_pb2.Duration
    shortest: _duration_pb2.Duration
    def __init__(self, emotions: _Optional[_Iterable[_Union[_emotion_pb2.Emotion, str]]] = ..., min_confidence: _Optional[float] = ..., people: _Optional[_Iterable[str]] = ..., lead_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lead_out: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., shortest: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CreateHighlightsRequest(_message.Message):
    __slots__ = ("analysis_id", "idempotency_key", "selection", "order", "max_length", "style")
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    analysis_id: str
    idempotency_key: str
    selection: Selection
    order: HighlightsOrder
    max_length: _duration_pb2.Duration
    style: _media_service_pb2.HighlightsStyle
    def __init__(self, analysis_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., selection: _Optional[_Union[Selection, _Mapping]] = ..., order: _Optional[_Union[HighlightsOrder, str]] = ..., max_length: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., style: _Optional[_Union[_media_service_pb2.HighlightsStyle, str]] = ...) -> None: ...

class CreateHighlightsResponse(_message.Message):
    __slots__ = ("export",)
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    export: Export
    def __init__(self, export: _Optional[_Union[Export, _Mapping]] = ...) -> None: ...

class GetExportRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetExportResponse(_message.Message):
    __slots__ = ("export",)
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    export: Export
    def __init__(self, export: _Optional[_Union[Export, _Mapping]] = ...) -> None: ...

class CancelExportRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class CancelExportResponse(_message.Message):
    __slots__ = ("export",)
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    export: Export
    def __init__(self, export: _Optional[_Union[Export, _Mapping]] = ...) -> None: ...

class DownloadExportRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class DownloadExportResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class Correction(_message.Message):
    __slots__ = ("id", "range", "emotion", "create_time")
    ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    id: str
    range: _emotion_pb2.TimeRange
    emotion: _emotion_pb2.Emotion
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateCorrectionRequest(_message.Message):
    __slots__ = ("analysis_id", "range", "emotion")
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    analysis_id: str
    range: _emotion_pb2.TimeRange
    emotion: _emotion_pb2.Emotion
    def __init__(self, analysis_id: _Optional[str] = ..., range: _Optional[_Union[_emotion_pb2.TimeRange, _Mapping]] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ...) -> None: ...

class CreateCorrectionResponse(_message.Message):
    __slots__ = ("correction",)
    CORRECTION_FIELD_NUMBER: _ClassVar[int]
    correction: Correction
    def __init__(self, correction: _Optional[_Union[Correction, _Mapping]] = ...) -> None: ...

class ListCorrectionsRequest(_message.Message):
    __slots__ = ("analysis_id",)
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    analysis_id: str
    def __init__(self, analysis_id: _Optional[str] = ...) -> None: ...

class ListCorrectionsResponse(_message.Message):
    __slots__ = ("corrections",)
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    corrections: _containers.RepeatedCompositeFieldContainer[Correction]
    def __init__(self, corrections: _Optional[_Iterable[_Union[Correction, _Mapping]]] = ...) -> None: ...

class DeleteCorrectionRequest(_message.Message):
    __slots__ = ("analysis_id", "id")
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    analysis_id: str
    id: str
    def __init__(self, analysis_id: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class DeleteCorrectionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EditedPerson(_message.Message):
    __slots__ = ("person", "name", "hidden", "merged_into")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    person: _timeline_pb2.Person
    name: str
    hidden: bool
    merged_into: str
    def __init__(self, person: _Optional[_Union[_timeline_pb2.Person, _Mapping]] = ..., name: _Optional[str] = ..., hidden: _Optional[bool] = ..., merged_into: _Optional[str] = ...) -> None: ...

class UpdatePersonRequest(_message.Message):
    __slots__ = ("analysis_id", "id", "name", "hidden", "merged_into")
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    analysis_id: str
    id: str
    name: str
    hidden: bool
    merged_into: str
    def __init__(self, analysis_id: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., hidden: _Optional[bool] = ..., merged_into: _Optional[str] = ...) -> None: ...

class UpdatePersonResponse(_message.Message):
    __slots__ = ("person",)
    PERSON_FIELD_NUMBER: _ClassVar[int]
    person: EditedPerson
    def __init__(self, person: _Optional[_Union[EditedPerson, _Mapping]] = ...) -> None: ...

class ListPeopleRequest(_message.Message):
    __slots__ = ("analysis_id",)
    ANALYSIS_ID_FIELD_NUMBER: _ClassVar[int]
    analysis_id: str
    def __init__(self, analysis_id: _Optional[str] = ...) -> None: ...

class ListPeopleResponse(_message.Message):
    __slots__ = ("people",)
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    people: _containers.RepeatedCompositeFieldContainer[EditedPerson]
    def __init__(self, people: _Optional[_Iterable[_Union[EditedPerson, _Mapping]]] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("face", "voice", "face_models", "voice_models", "detectors")
    FACE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    FACE_MODELS_FIELD_NUMBER: _ClassVar[int]
    VOICE_MODELS_FIELD_NUMBER: _ClassVar[int]
    DETECTORS_FIELD_NUMBER: _ClassVar[int]
    face: _emotion_pb2.ModelInfo
    voice: _emotion_pb2.ModelInfo
    face_models: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.ModelInfo]
    voice_models: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.ModelInfo]
    detectors: _containers.RepeatedScalarFieldContainer[_face_service_pb2.FaceDetector]
    def __init__(self, face: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., voice: _Optional[_Union[_emotion_pb2.ModelInfo, _Mapping]] = ..., face_models: _Optional[_Iterable[_Union[_emotion_pb2.ModelInfo, _Mapping]]] = ..., voice_models: _Optional[_Iterable[_Union[_emotion_pb2.ModelInfo, _Mapping]]] = ..., detectors: _Optional[_Iterable[_Union[_face_service_pb2.FaceDetector, str]]] = ...) -> None: ...
