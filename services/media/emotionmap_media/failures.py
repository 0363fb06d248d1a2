"""What FFmpeg and PyAV raise, in our terms: one table."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import av.error
import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
FOREIGN_ERRORS: tuple[tuple[type[Exception], grpc.StatusCode, str, str], ...] = (
    (
        av.error.DecoderNotFoundError,
        grpc.StatusCode.UNIMPLEMENTED,
        reasons.CODEC_UNSUPPORTED,
        "No decoder for this file is built in.",
    ),
    (
        av.error.PatchWelcomeError,
        grpc.StatusCode.UNIMPLEMENTED,
        reasons.CODEC_UNSUPPORTED,
        "The file uses a feature that no decoder here knows.",
    ),
    (
        av.error.ExitError,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        reasons.DECODE_TIMEOUT,
        "Opening the file took too long.",
    ),
    (
        FileNotFoundError,  # FFmpeg's is one, too
        grpc.StatusCode.NOT_FOUND,
        reasons.MEDIA_NOT_FOUND,
        "There is no such media.",
    ),
    (
        MemoryError,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        reasons.MEDIA_TOO_LARGE,
        "The file needs more memory than there is.",
    ),
    (av.error.FFmpegError, _INVALID, reasons.MEDIA_UNREADABLE, "The file is no readable media."),
    # PyAV's own checks of what it reads.
    (ValueError, _INVALID, reasons.MEDIA_UNREADABLE, "The file is no readable media."),
    (OverflowError, _INVALID, reasons.MEDIA_UNREADABLE, "The file is no readable media."),
)
"""Foreign error, code, reason, sentence; the first that matches counts."""


@contextmanager
def typed_errors() -> Iterator[None]:
    """Raise a ServiceError in place of an error of FFmpeg, PyAV or the disk that they write to."""
    try:
        yield
    except tuple(row[0] for row in FOREIGN_ERRORS) as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise ServiceError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                reasons.STORAGE_FULL,
                "There is no room left to write to.",
                retry_after=timedelta(seconds=30),
            ) from error
        row = next(row for row in FOREIGN_ERRORS if isinstance(error, row[0]))
        raise ServiceError(row[1], row[2], row[3]) from error
