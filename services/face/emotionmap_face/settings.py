"""Settings of the face service, read once from the environment by `__main__`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from emotionmap_face.deepface_detector import Backend  # noqa: TC001 - pydantic reads it
from emotionmap_face.execution import Device, Provider
from emotionmap_face.pace import Pace
from emotionmap_face.stream import FACES_IN_FLIGHT

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"
YUNET_FILE = "face_detection_yunet_2023mar.onnx"


class Settings(BaseSettings):
    """Environment variables `EMOTIONMAP_FACE_*`, and `EMOTIONMAP_MODELS_DIR`."""

    model_config = SettingsConfigDict(
        env_prefix="EMOTIONMAP_FACE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        protected_namespaces=(),
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=50052, ge=0, le=65535, description="Port; 0 lets the system choose.")
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
        description="Folder with a folder `face`, and with weights of detectors; each optional.",
    )
    yunet_path: Path | None = Field(default=None, description="Weights of the YuNet detector.")
    deepface_detector: Backend = Field(
        default="opencv", description="DeepFace's detector, where DeepFace is installed."
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
    detect_threads: int = Field(default=2, ge=1, le=256, description="Threads that find faces.")
    max_batch: int = Field(default=64, ge=1, le=1024, description="Most faces scored at once.")
    max_wait_ms: float = Field(
        default=5.0, ge=0, le=1000, description="Longest wait of a face for company."
    )
    max_queue: int = Field(
        default=32 * FACES_IN_FLIGHT,
        ge=FACES_IN_FLIGHT,
        le=1_000_000,
        description="Most faces that wait; at least what one stream may have in flight.",
    )
    scan_every_ms: int = Field(
        default=1000,
        ge=0,
        le=10_000,
        description="Media time between searches of whole frames; half of it where no face is.",
    )
    thorough_every_ms: int = Field(
        default=5000,
        ge=0,
        le=60_000,
        description="Likewise between searches for small and turned faces too.",
    )
    follow_every_ms: int = Field(
        default=250,
        ge=0,
        le=1000,
        description="Media time between detections of a followed face that looks the same.",
    )
    grace_s: float = Field(default=20.0, ge=0, le=3600, description="Time to finish after SIGTERM.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log record that is written."
    )

    def pace(self) -> Pace:
        """Return how often frames are searched."""
        every_ms = (self.scan_every_ms, self.thorough_every_ms, self.follow_every_ms)
        return Pace(*(each * 1_000_000 for each in every_ms))

    def device(self) -> Device:
        """Return where the emotion models run."""
        return Device(self.provider, self.device_id, self.max_batch)

    def model_roots(self) -> list[Path]:
        """Return the folders in which models may lie, installed ones before the shipped."""
        installed = [self.models_dir / "face"] if self.models_dir is not None else []
        return [*installed, SHIPPED_WEIGHTS]

    def yunet_weights(self) -> Path | None:
        """Return where YuNet's weights lie, or None where they are not installed."""
        if self.yunet_path is not None:
            return self.yunet_path
        installed = self.models_dir / YUNET_FILE if self.models_dir is not None else None
        return installed if installed is not None and installed.is_file() else None
