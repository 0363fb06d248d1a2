"""The routes of uploads. Each translates between tus and the gateway's own calls."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import Any

from emotionmap_runtime.errors import ServiceError
from fastapi import APIRouter, Request, Response

from emotionmap_gateway.http import wire
from emotionmap_gateway.http.dependencies import TheUploadLimits, TheUploads
from emotionmap_gateway.http.tus import headers as tus
from emotionmap_gateway.http.tus.middleware import PATH
from emotionmap_gateway.http.upload_body import UploadBody
from emotionmap_gateway.uploads import Chunk, Progress, Uploads

router = APIRouter(prefix="/v1", tags=["uploads"])

_BYTES: dict[str, Any] = {
    "requestBody": {"content": {tus.BYTES_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.options(
    "/uploads", status_code=204, summary="Tell what of tus is supported", response_class=Response
)
@router.options("/uploads/{upload_id}", status_code=204, include_in_schema=False)
async def tell(uploads: TheUploads) -> Response:
    """Answer with Tus-Version, Tus-Extension, Tus-Max-Size and Tus-Checksum-Algorithm."""
    fields = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(uploads.max_bytes),
        "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
    }
    return Response(status_code=204, headers=fields)


@router.post(
    "/uploads",
    status_code=201,
    summary="Begin an upload (tus 1.0.0)",
    response_class=Response,
    responses=wire.problems(400, 408, 412, 413, 415, 460, 503, 507),
    openapi_extra=_BYTES,
)
async def create(request: Request, uploads: TheUploads, limits: TheUploadLimits) -> Response:
    """Begin one of Upload-Length bytes; the first of them may come at once."""
    body = UploadBody(request, limits)
    try:
        metadata = request.headers.get("upload-metadata", "")
        title = tus.file_name(metadata)
        length_bytes = tus.upload_length(request.headers)
        chunk = _chunk(request, body, offset=0) if _has_body(request) else None
        upload = await uploads.create(length_bytes=length_bytes, title=title, metadata=metadata)
        progress = Progress(upload, 0)
        if chunk is not None:
            progress = await _begin(uploads, upload.id, chunk)
    except ServiceError:
        await body.linger()
        raise
    fields = {**_expiry(progress), "Location": f"{PATH}/{upload.id}"}
    if chunk is not None:
        fields["Upload-Offset"] = str(progress.offset)
    return Response(status_code=201, headers=fields)


@router.head(
    "/uploads/{upload_id}",
    summary="Tell how many bytes of an upload are stored",
    response_class=Response,
    responses=wire.problems(404, 410, 412, 423),
)
async def look(uploads: TheUploads, upload_id: str) -> Response:
    """Answer with Upload-Offset; a request that is sending bytes is ended first."""
    progress = await uploads.look(upload_id)
    upload = progress.upload
    fields = {
        **_expiry(progress),
        "Upload-Offset": str(progress.offset),
        "Upload-Length": str(upload.length_bytes),
    }
    if upload.metadata:
        fields["Upload-Metadata"] = upload.metadata
    return Response(headers=fields)


@router.patch(
    "/uploads/{upload_id}",
    status_code=204,
    summary="Send the next bytes of an upload",
    response_class=Response,
    responses=wire.problems(400, 404, 408, 409, 410, 412, 413, 415, 423, 460, 503, 507),
    openapi_extra=_BYTES,
)
async def append(
    request: Request, uploads: TheUploads, limits: TheUploadLimits, upload_id: str
) -> Response:
    """Store bytes from Upload-Offset on; those that came before a break are kept."""
    body = UploadBody(request, limits)
    try:
        offset = tus.number(request.headers, "Upload-Offset")
        progress = await uploads.append(upload_id, _chunk(request, body, offset=offset))
    except ServiceError:
        await body.linger()
        raise
    fields = {**_expiry(progress), "Upload-Offset": str(progress.offset)}
    return Response(status_code=204, headers=fields)


@router.delete(
    "/uploads/{upload_id}",
    status_code=204,
    summary="Give an upload up",
    response_class=Response,
    responses=wire.problems(404, 410, 412, 423),
)
async def delete(uploads: TheUploads, upload_id: str) -> Response:
    """Delete its bytes; a request that is sending more is ended first."""
    await uploads.delete(upload_id)
    return Response(status_code=204)


async def _begin(uploads: Uploads, upload_id: str, chunk: Chunk) -> Progress:
    """Store the first bytes of an upload that nobody knows of yet."""
    try:
        return await uploads.append(upload_id, chunk)
    except BaseException:
        await asyncio.shield(uploads.delete(upload_id))
        raise


def _chunk(request: Request, body: UploadBody, *, offset: int) -> Chunk:
    tus.check_type(request.headers)
    length = request.headers.get("content-length")
    return Chunk(
        offset=offset,
        length_bytes=None if length is None else int(length),
        checksum=tus.checksum(request.headers),
        read=body.read,
    )


def _has_body(request: Request) -> bool:
    return (
        request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    )


def _expiry(progress: Progress) -> dict[str, str]:
    return {"Upload-Expires": formatdate(progress.upload.expires_us / 1e6, usegmt=True)}
