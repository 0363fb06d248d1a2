"""Reasons that FaceService gives with its errors; the proto's comments tell when."""

from __future__ import annotations

CONFIG_MISSING = "CONFIG_MISSING"
CONFIG_INVALID = "CONFIG_INVALID"
FRAME_INVALID = "FRAME_INVALID"
FRAME_OUT_OF_ORDER = "FRAME_OUT_OF_ORDER"
DETECTOR_UNAVAILABLE = "DETECTOR_UNAVAILABLE"
QUEUE_FULL = "QUEUE_FULL"
