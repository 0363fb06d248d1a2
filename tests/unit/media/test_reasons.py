"""Every reason is documented, every documented reason exists, every foreign error is mapped."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import av.error
import pytest
from emotionmap_media import failures, reasons
from emotionmap_runtime.errors import ServiceError

PROTO = Path(__file__).parents[3] / "proto" / "emotionmap" / "v1" / "media_service.proto"


def test_reasons_equal_the_proto_comments():
    service = PROTO.read_text(encoding="utf-8").split("message ProbeMediaRequest")[0]
    documented = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", service))
    assert documented == {name for name in dir(reasons) if name.isupper()}
    assert all(getattr(reasons, name) == name for name in documented)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (av.error.InvalidDataError(1, "x"), "MEDIA_UNREADABLE"),
        (av.error.DecoderNotFoundError(1, "x"), "CODEC_UNSUPPORTED"),
        (av.error.PatchWelcomeError(1, "x"), "CODEC_UNSUPPORTED"),
        (av.error.ExitError(1, "x"), "DECODE_TIMEOUT"),
        (av.error.FileNotFoundError(1, "x"), "MEDIA_NOT_FOUND"),
        (FileNotFoundError(1, "x"), "MEDIA_NOT_FOUND"),
        (av.error.OSError(errno.ENOSPC, "x"), "STORAGE_FULL"),
        (av.error.OSError(errno.EIO, "x"), "MEDIA_UNREADABLE"),
        (av.error.UnknownError(1, "x"), "MEDIA_UNREADABLE"),
        (av.error.MemoryError(1, "x"), "MEDIA_TOO_LARGE"),
        (MemoryError(), "MEDIA_TOO_LARGE"),
        (ValueError("x"), "MEDIA_UNREADABLE"),
    ],
)
def test_foreign_errors_become_ours(error, reason):
    with pytest.raises(ServiceError) as caught, failures.typed_errors():
        raise error
    assert caught.value.reason == reason


def test_our_own_errors_pass_unchanged():
    own = KeyError("a bug of ours")
    with pytest.raises(KeyError) as caught, failures.typed_errors():
        raise own
    assert caught.value is own
