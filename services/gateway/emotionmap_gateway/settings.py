"""Settings of the gateway, read from the environment once."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "EMOTIONMAP_GATEWAY_"

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
"""As browsers send it: lower case, no path. No wildcard: who may read is to be named."""


class Settings(BaseSettings):
    """Every field is an environment variable, `EMOTIONMAP_GATEWAY_` before its name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    http_port: int = Field(
        default=8080, ge=0, le=65535, description="HTTP port; 0 lets the system choose."
    )
    grpc_port: int = Field(
        default=50050, ge=0, le=65535, description="gRPC port; 0 lets the system choose."
    )
    media_target: str = Field(
        default="127.0.0.1:50051", description="gRPC target of the media service."
    )
    face_target: str = Field(
        default="127.0.0.1:50052", description="gRPC target of the face service."
    )
    audio_target: str = Field(
        default="127.0.0.1:50053", description="gRPC target of the audio service."
    )
    fusion_target: str = Field(
        default="127.0.0.1:50054", description="gRPC target of the fusion service."
    )
    data_dir: Path = Field(
        default=Path(".emotionmap"),
        validation_alias=AliasChoices(f"{PREFIX}DATA_DIR", "EMOTIONMAP_DATA_DIR"),
        description="Folder of the embedded database and of the objects.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="URL of the database, postgresql://...; unset means SQLite in data_dir.",
    )
    jobs_database_url: SecretStr | None = Field(
        default=None,
        description="URL of the job database; unset means database_url, or SQLite in data_dir.",
    )
    object_store_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices(f"{PREFIX}OBJECT_STORE_URL", "EMOTIONMAP_OBJECT_STORE_URL"),
        pattern=r"^(s3|gs|az)://",
        description="URL of the objects, s3://bucket/prefix; unset means a folder in data_dir. "
        "Credentials and endpoint come from the environment: AWS_ACCESS_KEY_ID and so on.",
    )
    lease_s: float = Field(
        default=30,
        ge=1,
        le=3600,
        description="How long other gateways on the database wait for one that gives no sign "
        "of life before they go on with its jobs.",
    )
    executor_id: str = Field(
        default="gateway",
        pattern="^[a-z0-9-]{1,63}$",
        description="Name of this process among its replicas, such as that of its pod: it takes up "
        "its own jobs again, and ends if another one comes with the same name.",
    )
    web_dir: Path | None = Field(default=None, description="Folder of the built web page.")
    max_media_bytes: int = Field(default=500_000_000, ge=1, description="Largest video.")
    upload_idle_s: float = Field(
        default=30, gt=0, le=3600, description="Longest pause of an upload."
    )
    upload_window_s: float = Field(
        default=20, gt=0, le=3600, description="Time in which upload_min_bytes must arrive."
    )
    upload_min_bytes: int = Field(
        default=20_000, ge=1, description="Fewest bytes of an upload in each upload_window_s."
    )
    upload_kept_s: float = Field(
        default=86_400,
        ge=1,
        le=31_536_000,
        description="How long an upload is kept after its last byte until it is used.",
    )
    allowed_origins: str = Field(
        default="",
        description="Origins of other hosts' pages that may use the API and embed the player, "
        "comma-separated, such as https://example.org; empty means none.",
    )
    analyses_in_flight: int = Field(
        default=16, ge=1, le=256, description="Analyses worked on at once; they take turns."
    )
    early_analyses_in_flight: int = Field(
        default=4,
        ge=0,
        le=256,
        description="Analyses worked on at once that were begun while their uploads still ran;"
        " 0: none is.",
    )
    exports_in_flight: int = Field(default=1, ge=1, le=64, description="Exports worked on at once.")
    segments_in_flight: int = Field(
        default=8, ge=1, le=64, description="Segments worked on at once, of all analyses together."
    )
    segments_per_analysis: int = Field(
        default=3,
        ge=1,
        le=64,
        description="Segments worked on at once of an analysis alone; several share as many.",
    )
    segment_timeout_s: float = Field(
        default=300, gt=0, description="Deadline of one try of a segment."
    )
    segment_patience_s: float = Field(
        default=600, ge=0, description="How long a segment is tried again while a service is away."
    )
    segment_attempts: int = Field(
        default=3, ge=1, le=100, description="Tries of a segment that a service fails to work on."
    )
    probe_timeout_s: float = Field(
        default=60, gt=0, description="Deadline of probing and of thumbnails."
    )
    summary_timeout_s: float = Field(default=120, gt=0, description="Deadline of a summary.")
    export_timeout_s: float = Field(
        default=3600, gt=0, description="Deadline of one try of an export."
    )
    connections: int = Field(
        default=1000, ge=1, description="HTTP connections at once; more get 503."
    )
    grace_s: float = Field(
        default=20, ge=0, le=600, description="Longest time to drain at the end."
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Log level."
    )

    @field_validator("allowed_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        for origin in _parted(value):
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin such as https://example.org:8443")
        return value

    def origins(self) -> tuple[str, ...]:
        """Return the allowed origins."""
        return _parted(self.allowed_origins)

    @property
    def is_embedded(self) -> bool:
        """Whether this process is the only one on its data folder."""
        return sa.make_url(self.main_url()).get_backend_name() == "sqlite"

    def main_url(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        return _url(self.database_url, self.data_dir / "emotionmap.sqlite3")

    def jobs_url(self) -> str:
        """Return the SQLAlchemy URL of the job database."""
        url = self.jobs_database_url or (None if self.is_embedded else self.database_url)
        return _url(url, self.data_dir / "jobs.sqlite3")


def _url(url: SecretStr | None, path: Path) -> str:
    if url is None:
        return f"sqlite:///{path.resolve()}"
    # As everyone writes it; without a driver SQLAlchemy takes one that is not installed.
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url.get_secret_value())


def _parted(origins: str) -> tuple[str, ...]:
    return tuple(origin for part in origins.split(",") if (origin := part.strip()))
