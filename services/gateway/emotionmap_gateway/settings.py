"""Settings of the gateway, read from the environment once."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "EMOTIONMAP_GATEWAY_"


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
        default=None, description="SQLAlchemy URL of the database; unset means SQLite in data_dir."
    )
    jobs_database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL of the job database; unset means SQLite in data_dir.",
    )
    executor_id: str = Field(
        default="gateway",
        pattern="^[a-z0-9-]{1,63}$",
        description="Name of this process among its replicas; it takes up its own jobs again.",
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
    analyses_in_flight: int = Field(
        default=2, ge=1, le=256, description="Analyses worked on at once."
    )
    exports_in_flight: int = Field(default=1, ge=1, le=64, description="Exports worked on at once.")
    segments_in_flight: int = Field(
        default=2, ge=1, le=64, description="Segments of one analysis worked on at once."
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

    @property
    def is_embedded(self) -> bool:
        """Whether this process is the only one on its data folder."""
        return self.database_url is None

    def main_url(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        return _url(self.database_url, self.data_dir / "emotionmap.sqlite3")

    def jobs_url(self) -> str:
        """Return the SQLAlchemy URL of the job database."""
        return _url(self.jobs_database_url, self.data_dir / "jobs.sqlite3")


def _url(url: SecretStr | None, path: Path) -> str:
    return url.get_secret_value() if url is not None else f"sqlite:///{path.resolve()}"
