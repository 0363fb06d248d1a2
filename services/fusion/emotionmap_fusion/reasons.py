"""Why this service refuses a request: stable reasons, as the proto comments list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_MISSING = "CONFIG_MISSING"
CONFIG_INVALID = "CONFIG_INVALID"
EVIDENCE_INVALID = "EVIDENCE_INVALID"
INTERVALS_INVALID = "INTERVALS_INVALID"


def refusal(
    reason: str, message: str, *, metadata: Mapping[str, str] | None = None
) -> ServiceError:
    """Return the INVALID_ARGUMENT error for a reason."""
    return ServiceError(grpc.StatusCode.INVALID_ARGUMENT, reason, message, metadata=metadata)


def config_invalid(field: str, message: str) -> ServiceError:
    """Return the error for a parameter that is out of range."""
    return refusal(CONFIG_INVALID, message, metadata={"field": field})
