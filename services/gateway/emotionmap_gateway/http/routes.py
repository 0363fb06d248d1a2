"""The routes of analyses. Each translates between HTTP and the gateway's own calls."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import JSONResponse

from emotionmap_gateway.documents.messages import analysis_to_json
from emotionmap_gateway.http import wire
from emotionmap_gateway.http.content_types import media_type_of
from emotionmap_gateway.http.dependencies import (
    IdempotencyKey,
    TheAnalyses,
    TheObjects,
    TheThumbnails,
    TheUploadLimits,
    TheUploads,
)
from emotionmap_gateway.http.events import after_number, event_stream
from emotionmap_gateway.http.ranges import object_response
from emotionmap_gateway.http.upload_wishes import is_upload_wish, receive_upload_wish
from emotionmap_gateway.http.uploads import receive_upload
from emotionmap_gateway.storage import keys
from emotionmap_gateway.thumbnails import Picture, read_crop

router = APIRouter(prefix="/v1", tags=["analyses"])

_UPLOAD_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "options": {"$ref": "#/components/schemas/Options"},
                    },
                }
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/UploadWish"}},
        },
    }
}


@router.post(
    "/analyses",
    status_code=202,
    summary="Queue the analysis of a video",
    responses={
        202: {"model": wire.Analysis},
        **wire.problems(400, 404, 408, 409, 410, 413, 415, 423, 501, 503, 507),
    },
    openapi_extra=_UPLOAD_FORM,
)
async def create_analysis(
    request: Request,
    analyses: TheAnalyses,
    uploads: TheUploads,
    limits: TheUploadLimits,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take a video as multipart/form-data: `file`, and `options` as a JSON object.

    Or take the id of one that was uploaded before as JSON: `upload`, `title` and `options`.
    """
    if is_upload_wish(request):
        analysis_id = await receive_upload_wish(
            request, analyses, uploads, limits, idempotency_key=idempotency_key
        )
    else:
        analysis_id = await receive_upload(
            request, analyses, limits, idempotency_key=idempotency_key
        )
    record = await analyses.get(analysis_id)
    return JSONResponse(
        analysis_to_json(record.analysis),
        status_code=202,
        headers={"Location": f"/v1/analyses/{analysis_id}"},
    )


@router.get(
    "/analyses",
    summary="List analyses, newest first",
    responses={200: {"model": wire.AnalysisPage}, **wire.problems(400)},
)
async def list_analyses(
    analyses: TheAnalyses,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str, Query(max_length=200)] = "",
    q: Annotated[
        str, Query(max_length=255, description="Part of the title, whatever the case.")
    ] = "",
) -> Response:
    """Return one page; the next one of a search is asked for with the same `q`."""
    page = await analyses.page(size=limit, token=cursor, query=q)
    bodies = [analysis_to_json(analysis) for analysis in page.analyses]
    return JSONResponse({"analyses": bodies, "next_cursor": page.next_token or None})


@router.get(
    "/analyses/{analysis_id}",
    summary="Return one analysis",
    responses={200: {"model": wire.Analysis}, **wire.problems(404)},
)
async def get_analysis(analyses: TheAnalyses, analysis_id: str) -> Response:
    """Return one analysis as it is now."""
    return JSONResponse(analysis_to_json((await analyses.get(analysis_id)).analysis))


@router.delete(
    "/analyses/{analysis_id}",
    status_code=204,
    summary="Delete an analysis with its video, timeline and exports",
    responses=wire.problems(404),
)
async def delete_analysis(analyses: TheAnalyses, analysis_id: str) -> Response:
    """Delete it; it is stopped first if it runs."""
    await analyses.delete(analysis_id)
    return Response(status_code=204)


@router.post(
    "/analyses/{analysis_id}/cancel",
    summary="Stop an analysis",
    responses={200: {"model": wire.Analysis}, **wire.problems(400, 404)},
)
async def cancel_analysis(analyses: TheAnalyses, analysis_id: str) -> Response:
    """Stop it; one that is cancelled already is left as it is."""
    return JSONResponse(analysis_to_json(await analyses.cancel(analysis_id)))


@router.get(
    "/analyses/{analysis_id}/events",
    summary="Watch an analysis (server-sent events)",
    response_class=Response,
    responses={
        200: {
            "description": "Events `analysis` (an Analysis), `intervals` (an Intervals) and, of a "
            "long video, one `draft` (a Draft), each with an id; ends after the final state.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **wire.problems(400, 404),
    },
)
async def watch_analysis(
    analyses: TheAnalyses,
    analysis_id: str,
    after: Annotated[int | None, Query(ge=0, le=999_999_999)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Send what has happened, then what happens."""
    return await event_stream(analyses, analysis_id, after=after_number(last_event_id, after))


@router.head("/analyses/{analysis_id}/media", include_in_schema=False)
@router.get(
    "/analyses/{analysis_id}/media",
    summary="Return the video as it was uploaded",
    response_class=Response,
    responses={
        200: {"content": {"video/*": {}}},
        206: {"description": "The range that was asked for.", "content": {"video/*": {}}},
        **wire.problems(404, 416),
    },
)
async def get_media(
    request: Request, analyses: TheAnalyses, objects: TheObjects, analysis_id: str
) -> Response:
    """Return the bytes, whole or in part; those that are still being uploaded as they come."""
    record = await analyses.get(analysis_id)
    return await object_response(
        objects,
        keys.media(analysis_id),
        request,
        media_type=media_type_of(record.analysis.media),
        total_bytes=record.analysis.size_bytes,
        # Bytes of strangers: never shown as a page, whatever they look like.
        headers={"Content-Security-Policy": "sandbox; default-src 'none'"},
    )


@router.get(
    "/analyses/{analysis_id}/thumbnails",
    summary="Return one picture of the video",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **wire.problems(400, 404, 503)},
)
async def get_thumbnail(
    request: Request,
    analyses: TheAnalyses,
    thumbnails: TheThumbnails,
    analysis_id: str,
    t: Annotated[float, Query(ge=0, le=1e6, description="Time, s.", allow_inf_nan=False)],
    width: Annotated[int, Query(ge=16, le=1920, description="Width, px.")] = 160,
    crop: Annotated[str | None, Query(description="left,top,right,bottom in [0, 1].")] = None,
) -> Response:
    """Return the picture on screen at a time."""
    record = await analyses.get(analysis_id)
    picture = Picture(t, width, read_crop(crop))
    etag = picture.etag(record)
    headers = {"ETag": etag, "Cache-Control": "private, max-age=86400, immutable"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    jpeg = await thumbnails.render(analysis_id, picture)
    return Response(jpeg, media_type="image/jpeg", headers=headers)
