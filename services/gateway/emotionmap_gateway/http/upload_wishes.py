"""Reads the JSON that asks for the analysis of a video that was uploaded before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError
from pydantic import ValidationError

from emotionmap_gateway import reasons
from emotionmap_gateway.adoption import adopt, adopt_early
from emotionmap_gateway.documents.options import options_from_json
from emotionmap_gateway.http import wire
from emotionmap_gateway.http.body_limit import MAX_BODY_BYTES, too_large
from emotionmap_gateway.http.upload_body import UploadBody
from emotionmap_gateway.intake import Wish
from emotionmap_gateway.storage.idempotency import idempotency_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.upload_pace import UploadLimits
    from emotionmap_gateway.uploads import Uploads

JSON_TYPE = "application/json"


def is_upload_wish(request: Request) -> bool:
    """Tell whether a request names an upload rather than being one."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() == JSON_TYPE


async def receive_upload_wish(
    request: Request,
    analyses: Analyses,
    uploads: Uploads,
    limits: UploadLimits,
    *,
    idempotency_key: str | None,
) -> str:
    """Make an analysis of the upload that a request names; return its id.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID` or `OPTIONS_INVALID`; RESOURCE_EXHAUSTED
            `REQUEST_TOO_LARGE`; as `adopt` or `adopt_early`.
    """
    idempotency_of(idempotency_key)
    wished = _read(await _body(UploadBody(request, limits)))
    options = options_from_json(wished.options)
    wish = Wish(wished.title, options, idempotency_key)
    make = adopt_early if wished.early else adopt
    return await make(uploads, analyses, wished.upload, wish)


async def _body(body: UploadBody) -> bytes:
    text = bytearray()
    while chunk := await body.read():
        text += chunk
        if len(text) > MAX_BODY_BYTES:
            await body.linger()
            raise too_large()
    return bytes(text)


def _read(text: bytes) -> wire.UploadWish:
    try:
        return wire.UploadWish.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.REQUEST_INVALID,
            f"{where}: {first['msg']}.",
            metadata={"field": where},
        ) from None
