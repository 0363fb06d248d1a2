"""What is said to a client whose upload cannot be gone on with."""

from __future__ import annotations

from datetime import timedelta

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons

RETRY_AFTER = timedelta(seconds=1)


def not_found() -> ServiceError:
    """Return what says that there is no such upload."""
    return ServiceError(
        grpc.StatusCode.NOT_FOUND, reasons.UPLOAD_NOT_FOUND, "There is no such upload."
    )


def expired() -> ServiceError:
    """Return what says that an upload was kept long enough."""
    return ServiceError(
        grpc.StatusCode.NOT_FOUND,
        reasons.UPLOAD_EXPIRED,
        "This upload was not gone on with for too long; start it again.",
    )


def busy() -> ServiceError:
    """Return what says that someone else is at work on an upload."""
    return ServiceError(
        grpc.StatusCode.ABORTED,
        reasons.UPLOAD_BUSY,
        "Another request is still at work on this upload; try again soon.",
        retry_after=RETRY_AFTER,
    )


def taken_over() -> ServiceError:
    """Return what says that a later request goes on with an upload."""
    # No status that clients retry at: two of them would put each other out for ever.
    return ServiceError(
        grpc.StatusCode.FAILED_PRECONDITION,
        reasons.UPLOAD_TAKEN_OVER,
        "Another request goes on with this upload.",
    )


def stopping() -> ServiceError:
    """Return what says that this process takes no more bytes."""
    return ServiceError(
        grpc.StatusCode.UNAVAILABLE,
        reasons.SERVICE_UNAVAILABLE,
        "The gateway is being stopped; what came of the upload is kept, go on soon.",
        retry_after=RETRY_AFTER,
    )


def offset_mismatch(offset: int) -> ServiceError:
    """Return what says where an upload is to be gone on."""
    return ServiceError(
        grpc.StatusCode.ABORTED,
        reasons.UPLOAD_OFFSET_MISMATCH,
        f"The upload goes on at byte {offset}.",
        metadata={"offset": str(offset)},
    )


def too_long(length_bytes: int) -> ServiceError:
    """Return what says that there are more bytes than were announced."""
    return ServiceError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        reasons.UPLOAD_TOO_LONG,
        f"The upload was to have {length_bytes} bytes; more are refused.",
        metadata={"length_bytes": str(length_bytes)},
    )


def checksum_mismatch() -> ServiceError:
    """Return what says that bytes are not those that were meant."""
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.UPLOAD_CHECKSUM_MISMATCH,
        "The bytes do not fit their checksum and were discarded; send them again.",
    )


def not_finished() -> ServiceError:
    """Return what says that bytes are missing."""
    return ServiceError(
        grpc.StatusCode.FAILED_PRECONDITION,
        reasons.UPLOAD_NOT_FINISHED,
        "Bytes of this upload are still missing.",
    )


def is_too_long(error: BaseException) -> bool:
    """Tell whether an error is that of `too_long`."""
    return isinstance(error, ServiceError) and error.reason == reasons.UPLOAD_TOO_LONG
