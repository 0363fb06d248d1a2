"""Settings of the media service, from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can vary; every field is an environment variable EMOTIONMAP_MEDIA_*."""

    model_config = SettingsConfigDict(
        env_prefix="EMOTIONMAP_MEDIA_", extra="forbid", frozen=True, populate_by_name=True
    )

    host: str = "127.0.0.1"
    """Address to listen on; containers use 0.0.0.0."""
    port: int = Field(default=50051, ge=0, le=65535)
    """Port to listen on; 0 lets the system choose."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of the Prometheus metrics; 0 switches them off."""
    data_dir: Path = Field(
        default=Path(".emotionmap"),
        validation_alias=AliasChoices("EMOTIONMAP_MEDIA_DATA_DIR", "EMOTIONMAP_DATA_DIR"),
    )
    """Data folder; media lie in its folder `objects`, unless there is an object store."""
    object_store_url: str | None = Field(
        default=None,
        pattern=r"^(s3|gs|az)://",
        validation_alias=AliasChoices(
            "EMOTIONMAP_MEDIA_OBJECT_STORE_URL", "EMOTIONMAP_OBJECT_STORE_URL"
        ),
    )
    """URL of the object store that media lie in, such as s3://bucket/prefix. Credentials and
    endpoint come from the environment: AWS_ACCESS_KEY_ID and so on."""
    max_media_bytes: int = Field(default=500_000_000, ge=1)
    """Largest file that is read."""
    max_duration_s: int = Field(default=4 * 3600, ge=1)
    """Longest file that is read, media seconds."""
    max_pixels: int = Field(default=3840 * 2160, ge=64)
    """Largest picture that is decoded."""
    decode_threads: int = Field(default=2, ge=1, le=64)
    """Threads of one decoder at most; segments that are decoded side by side share the cores."""
    workers: int = Field(default_factory=lambda: max(12, 2 * (os.cpu_count() or 1)), ge=1, le=256)
    """Segments and cuts that are worked on at the same time; more wait. They mostly wait for slow
    readers, so there may be more of them than cores."""
    quick_workers: int = Field(default=4, ge=1, le=256)
    """Probes and thumbnails that are worked on at the same time; never behind a segment."""
    probe_timeout_s: float = Field(default=60, gt=0)
    """Longest working time of one probe."""
    decode_timeout_s: float = Field(default=180, gt=0)
    """Longest working time of one segment, or of one call for thumbnails."""
    cut_timeout_s: float = Field(default=3600, gt=0)
    """Longest working time of one cut."""
    grace_s: float = Field(default=20, ge=0)
    """Time that running calls get to finish after SIGTERM."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged."""
