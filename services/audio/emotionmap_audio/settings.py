"""Settings of the audio service, read once from the environment by `__main__`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from emotionmap_audio.execution import Device, Provider
from emotionmap_audio.stream import INTERVALS_IN_FLIGHT

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"


class Settings(BaseSettings):
    """Environment variables `EMOTIONMAP_AUDIO_*`, and `EMOTIONMAP_MODELS_DIR`."""

    model_config = SettingsConfigDict(
        env_prefix="EMOTIONMAP_AUDIO_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        protected_namespaces=(),
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=50053, ge=0, le=65535, description="Port; 0 lets the system choose.")
    metrics_port: int = Field(default=0, ge=0, le=65535, description="Prometheus; 0 is off.")
    model: str = Field(
        default="", max_length=128, description="Name of the default model; empty for the first."
    )
    model_dir: Path | None = Field(
        default=None, description="Folder of manifest.json and weights, before any other."
    )
    models_dir: Path | None = Field(
        default=None,
        validation_alias="EMOTIONMAP_MODELS_DIR",
        description="Folder that may hold a folder `audio` with manifest.json and weights.",
    )
    provider: Provider = Field(
        default="cpu",
        description="What the emotion models run on: cpu, or cuda with onnxruntime-gpu; without it "
        "the server does not start.",
    )
    device_id: int = Field(
        default=0, ge=0, le=63, description="Which graphics card, for the provider cuda."
    )
    threads: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Threads of the emotion model; more cost CPU, and small batches gain no time.",
    )
    speech_threads: int = Field(default=2, ge=1, le=256, description="Threads that find speech.")
    max_batch: int = Field(default=16, ge=1, le=1024, description="Most intervals scored at once.")
    max_wait_ms: float = Field(
        default=5.0, ge=0, le=1000, description="Longest wait of an interval for company."
    )
    max_queue: int = Field(
        default=32 * INTERVALS_IN_FLIGHT,
        ge=INTERVALS_IN_FLIGHT,
        le=1_000_000,
        description="Most intervals that wait; at least what one stream may have in flight.",
    )
    grace_s: float = Field(default=20.0, ge=0, le=3600, description="Time to finish after SIGTERM.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log record that is written."
    )

    def device(self) -> Device:
        """Return where the emotion models run."""
        return Device(self.provider, self.device_id, self.max_batch)

    def model_roots(self) -> list[Path]:
        """Return the folders in which models may lie, installed ones before the shipped."""
        installed = [self.models_dir / "audio"] if self.models_dir is not None else []
        return [*installed, SHIPPED_WEIGHTS]
