"""The shapes of JSON bodies, for the reference and for types generated from it.

Bodies are written by documents/; tests hold what is sent against these.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Scored = Literal["Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral"]
Label = Literal["Anger", "Disgust", "Fear", "Happy", "Sadness", "Surprise", "Neutral", "Unsure"]
State = Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]


class Body(BaseModel):
    """A body with these fields and no others."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Failure(Body):
    """Why a job failed."""

    reason: str
    message: str


class Media(Body):
    """What a video is, as a browser would play it."""

    duration: Seconds
    fps: str | None = Field(description="Numerator/denominator; null without video.")
    width: int
    height: int
    has_video: bool
    has_audio: bool
    container: str
    video_codec: str
    audio_codec: str
    open_ended: bool = Field(
        description="Bytes are still to come, and nobody knows how many seconds: `duration` grows."
    )


class Options(Body):
    """Options in force. As a request, each may be left out."""

    interval: float = Field(1.0, ge=0.2, le=10, description="Length of an interval, s.")
    frames_per_second: float = Field(15, ge=0.1, le=60, description="Sampled frames a second.")
    frame_width_px: int = Field(640, ge=64, le=1920, description="Width of sampled frames.")
    detector: Literal["haar", "yunet", "deepface"] = Field(
        "haar", description="How faces are found; see /v1/models."
    )
    min_face_px: int = Field(20, ge=20, le=1000, description="Smallest side of a face.")
    face_model: str | None = Field(
        None, max_length=128, description="Weights of faces, see /v1/models; null: the default."
    )
    voice_model: str | None = Field(
        None, max_length=128, description="Weights of voices, see /v1/models; null: the default."
    )
    voice_context: float = Field(3.0, ge=0.2, le=10, description="Sound that is scored, s.")
    strategy: Literal["weighted_mean", "reliability"] = Field(
        "weighted_mean", description="How the answers of both models become one."
    )
    face_weight: Share = 0.55
    voice_weight: Share = 0.45
    confidence_floor: float = Field(0.3, ge=0, lt=1, description="Below it: Unsure.")
    min_face_share: Share = 0.2
    min_speech: Share = 0.2
    smoothing: float = Field(
        0, ge=0, le=0.95, description="How much an interval is drawn to its neighbours."
    )
    hysteresis: float = Field(
        0, ge=0, le=0.5, description="How far another emotion must be ahead to take over."
    )


class Analysis(Body):
    """One analysis."""

    id: str
    state: State
    title: str
    created_at: str = Field(description="RFC 3339.")
    updated_at: str = Field(description="When the state was last changed, RFC 3339.")
    progress: Share = Field(
        description="Share of the segments that are done; of bytes where the video grew meanwhile."
    )
    failure: Failure | None
    size_bytes: int
    received_bytes: int = Field(
        description="Bytes of the video that are here; fewer than size_bytes while its upload still"
        " runs, and the analysis waits for the rest. No event tells of them alone."
    )
    media: Media
    options: Options


class UploadWish(Body):
    """The analysis of a video that was uploaded before."""

    upload: str = Field(min_length=1, max_length=64, description="Id of a complete upload.")
    title: str = Field("", description="Empty: the name that the upload was given.")
    options: dict[str, Any] = Field({}, description="An Options; each may be left out.")
    early: bool = Field(
        default=False,
        description="Begin while the upload still runs, if its first bytes tell all of the rest"
        " (MP4 with its index in front), or each part of itself (fragments, Matroska); 400"
        " `UPLOAD_NOT_FINISHED` if they do not.",
    )


class AnalysisPage(Body):
    """Analyses, newest first."""

    analyses: list[Analysis]
    next_cursor: str | None = Field(description="Of the next page; null on the last.")


class Face(Body):
    """What faces showed in an interval."""

    frames: int
    faces: int
    quality: Share
    scores: dict[Scored, Share] | None


class Voice(Body):
    """What voices told in an interval."""

    speech: Share
    scores: dict[Scored, Share] | None


class Interval(Body):
    """What was found in [start, end), seconds."""

    start: Seconds
    end: Seconds
    emotion: Label
    confidence: Share
    evidence: Literal["face", "voice", "both", "none"]
    scores: dict[Scored, Share] | None
    face: Face
    voice: Voice


class Intervals(Body):
    """Data of an `intervals` event: one finished segment."""

    intervals: list[Interval]


class DraftInterval(Interval):
    """A guess from a key frame: many seconds long, by faces alone; the real ones take its place."""

    draft: Literal[True]


class Draft(Body):
    """Data of a `draft` event: the whole video but for what `intervals` events told before it."""

    intervals: list[DraftInterval]


class HighlightsWish(Body):
    """Which moments a highlights video shall hold, and how it is cut."""

    emotions: list[Label] = Field(min_length=1, max_length=100)
    min_confidence: float = Field(0.0, ge=0, le=1)
    people: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        [], max_length=100, description="Ids: where one of them shows one of the emotions."
    )
    lead_in: float = Field(0.0, ge=0, le=10, description="Kept before each piece as well, s.")
    lead_out: float = Field(0.0, ge=0, le=10, description="Kept after each piece as well, s.")
    shortest: float = Field(0.0, ge=0, le=60, description="Shorter pieces are dropped, s.")
    order: Literal["time", "strength"] = "time"
    max_length: float | None = Field(
        None, ge=1, le=86_400, description="The strongest pieces that fit are kept, s."
    )
    style: Literal["fast", "polished"] = Field(
        "fast", description="polished: title card, crossfades and captions; takes longer."
    )


class CutSummary(Body):
    """What a cut came to."""

    duration: Seconds
    copied_share: Share = Field(description="Share of the pictures that were copied.")
    note: str = Field(description="Why others were encoded that could have been; may be empty.")
    pieces: int


class Export(Body):
    """One export: a highlights video."""

    id: str
    analysis_id: str
    state: State
    progress: Share
    failure: Failure | None
    size_bytes: int = Field(description="0 until the file is there.")
    duration: Seconds
    file_name: str
    created_at: str
    style: Literal["fast", "polished"]
    summary: CutSummary | None = Field(description="null until the file is there.")


class Model(Body):
    """Weights."""

    name: str
    version: str
    sha256: str
    licence: str
    source: str
    labels: list[Label]
    metrics: dict[str, float]


class Models(Body):
    """What may be chosen: weights, and how faces are found; in lists, the default first."""

    face: Model = Field(description="Default weights of faces.")
    audio: Model = Field(description="Default weights of voices.")
    face_models: list[Model] = Field(description="What `face_model` may name.")
    voice_models: list[Model] = Field(description="What `voice_model` may name.")
    detectors: list[str] = Field(description="What `detector` may be.")


class Readiness(Body):
    """Whether this gateway can do its work."""

    ready: bool
    services: dict[str, str] = Field(description="SERVING, NOT_SERVING, UNREACHABLE or DRAINING.")


class Problem(Body):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="One sentence for people.")
    reason: str = Field(description="UPPER_SNAKE_CASE, stable: branch on this.")
    metadata: dict[str, str]
    retry_after_s: float | None = Field(None, description="Least wait before a retry can succeed.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the errors that a route can answer with."""
    return {status: {"model": Problem} for status in (*statuses, 500)}
