"""Sends an object over HTTP, whole or in part (RFC 9110, section 14).

One range at a time: a request for several gets the whole, as the RFC allows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError
from starlette.responses import Response, StreamingResponse

from emotionmap_gateway import reasons
from emotionmap_gateway.http.arriving import arriving
from emotionmap_gateway.http.problems import response as problem_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from emotionmap_gateway.storage.objects import ObjectInfo, Objects

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


async def object_response(
    objects: Objects,
    key: str,
    request: Request,
    *,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    total_bytes: int = 0,
) -> Response:
    """Return the answer to a GET or HEAD request for an object.

    Args:
        objects: Where it is.
        key: Its key.
        request: Which bytes of it, and whether they are known already.
        media_type: What it is.
        headers: More fields of the answer.
        total_bytes: What it will have; if fewer are there, the rest is sent as it comes.

    Raises:
        FileNotFoundError: There is no such object.
    """
    info = await objects.stat(key)
    fields = {"Accept-Ranges": "bytes", "ETag": info.etag, "Cache-Control": "private, no-cache"}
    grows = info.size_bytes < total_bytes
    if grows:  # what is named by the tag of today is another thing tomorrow
        info = replace(info, size_bytes=total_bytes)
        fields = {"Accept-Ranges": "bytes", "Cache-Control": "no-store"}
    fields |= headers or {}
    if request.headers.get("if-none-match") == info.etag and not grows:
        return Response(status_code=304, headers=fields)
    wanted = _wanted(request, info)
    if wanted is None:
        start, end, status = 0, info.size_bytes, 200
    else:
        start, end = wanted
        status = 206
        if start >= info.size_bytes:
            return _unsatisfiable(info)
        fields["Content-Range"] = f"bytes {start}-{end - 1}/{info.size_bytes}"
    # What grows may have to end early, and that is no error then.
    if not grows or request.method == "HEAD":
        fields["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=fields, media_type=media_type)
    if grows:
        body = arriving(objects, key, start=start, end=end)
    else:
        body = objects.read(key, start=start, end=end)
    return StreamingResponse(body, status_code=status, headers=fields, media_type=media_type)


def _wanted(request: Request, info: ObjectInfo) -> tuple[int, int] | None:
    """Return the half-open range that is asked for; None for the whole."""
    header = request.headers.get("range")
    if header is None or request.headers.get("if-range", info.etag) != info.etag:
        return None
    return parse_range(header, info.size_bytes)


def parse_range(header: str, size_bytes: int) -> tuple[int, int] | None:
    """Return the half-open range that a Range header asks for, cut to the end of the object.

    None if there is no such range or it is malformed: the header is then to be ignored. A range
    that starts at or after the end cannot be satisfied.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        if not last:
            return None
        # The last so many bytes; of none there is no range.
        return (max(0, size_bytes - int(last)), size_bytes) if int(last) else (size_bytes, 0)
    start = int(first)
    end = int(last) + 1 if last else size_bytes
    if last and int(last) < start:
        return None
    return start, min(end, size_bytes)


def _unsatisfiable(info: ObjectInfo) -> Response:
    error = ServiceError(
        grpc.StatusCode.OUT_OF_RANGE,
        reasons.RANGE_NOT_SATISFIABLE,
        "The range lies past the end.",
        metadata={"size_bytes": str(info.size_bytes)},
    )
    return problem_response(error, headers={"Content-Range": f"bytes */{info.size_bytes}"})
