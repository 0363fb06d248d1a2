"""Reads the headers of tus requests; what they must be is in the protocol."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.uploads import Checksum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import Headers

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
ALGORITHMS: Mapping[str, int] = {"sha1": 20, "sha256": 32}
"""Algorithms of checksums, and the bytes of their digests."""

BYTES_TYPE = "application/offset+octet-stream"
MAX_METADATA_CHARS = 4096
MAX_DIGITS = 18
"""Of numbers: what is longer is no number of bytes that any disk holds."""

_NUMBER = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")


def number(headers: Headers, name: str) -> int:
    """Return a header that is a number of bytes.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`.
    """
    value = headers.get(name, "")
    if not _NUMBER.fullmatch(value):
        raise invalid(name, "must be a whole number of bytes")
    return int(value)


def upload_length(headers: Headers) -> int:
    """Return how long a new upload will be.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`.
    """
    if "upload-defer-length" in headers:
        raise invalid("Upload-Defer-Length", "is not supported; send Upload-Length")
    if "upload-concat" in headers:
        raise invalid("Upload-Concat", "is not supported")
    return number(headers, "Upload-Length")


def check_type(headers: Headers) -> None:
    """Refuse a body that does not say that it is bytes of an upload.

    Raises:
        ServiceError: INVALID_ARGUMENT `CONTENT_TYPE_UNSUPPORTED`.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() != BYTES_TYPE:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.CONTENT_TYPE_UNSUPPORTED,
            f"Send the bytes of an upload as {BYTES_TYPE}.",
        )


def checksum(headers: Headers) -> Checksum | None:
    """Return what the body must come to; None if it may come to anything.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`.
    """
    value = headers.get("upload-checksum")
    if value is None:
        return None
    algorithm, _, text = value.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise invalid("Upload-Checksum", f"must be by one of {', '.join(ALGORITHMS)}")
    digest = _decoded(text)
    if digest is None or len(digest) != ALGORITHMS[algorithm]:
        raise invalid("Upload-Checksum", "must be an algorithm, a space, and the digest in Base64")
    return Checksum(algorithm, digest)


def file_name(metadata: str) -> str:
    """Return the `filename` that Upload-Metadata gives; empty if none.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`: the header is malformed or too long.
    """
    if len(metadata) > MAX_METADATA_CHARS:
        raise invalid("Upload-Metadata", f"may have at most {MAX_METADATA_CHARS} characters")
    pairs: dict[str, bytes] = {}
    for pair in metadata.split(",") if metadata.strip() else []:
        key, _, text = pair.strip().partition(" ")
        value = _decoded(text)
        if not _KEY.fullmatch(key) or key in pairs or value is None:
            raise invalid("Upload-Metadata", "must be pairs of a unique key and a value in Base64")
        pairs[key] = value
    return pairs.get("filename", b"").decode("utf-8", "replace")


def invalid(name: str, what: str) -> ServiceError:
    """Return what says that a header is not as it must be."""
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.REQUEST_INVALID,
        f"{name} {what}.",
        metadata={"field": name},
    )


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
