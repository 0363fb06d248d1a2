"""Reasons that AudioService gives with its errors; the proto's comments tell when."""

from __future__ import annotations

CONFIG_MISSING = "CONFIG_MISSING"
CONFIG_INVALID = "CONFIG_INVALID"
AUDIO_INVALID = "AUDIO_INVALID"
MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
QUEUE_FULL = "QUEUE_FULL"
