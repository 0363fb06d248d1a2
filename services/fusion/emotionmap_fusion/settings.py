"""Settings of the fusion service, read once from the environment."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from emotionmap_fusion.calibration import SHIPPED


class Settings(BaseSettings):
    """What varies between installations: EMOTIONMAP_FUSION_<NAME>."""

    model_config = SettingsConfigDict(
        env_prefix="EMOTIONMAP_FUSION_", frozen=True, extra="forbid", env_nested_delimiter="__"
    )

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(
        default=50054, ge=0, le=65535, description="gRPC port; 0 lets the system choose."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Prometheus port; 0 switches it off."
    )
    grace_s: float = Field(
        default=20.0, ge=0, le=600, description="Longest time running RPCs get to end."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level of what is logged."
    )
    calibration: Path = Field(
        default=SHIPPED,
        description="File of the reliability strategy's parameters, made by training.fusion.",
    )
