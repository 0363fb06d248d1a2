"""The routes of finished timelines: each form of them, and their schema."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

import grpc
from emotionmap_runtime.errors import ServiceError
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.selection import Selection, selection_of_words
from emotionmap_gateway.documents.timeline import SCHEMA
from emotionmap_gateway.documents.words import SCORED_WORDS
from emotionmap_gateway.edit_lists import SUFFIXES
from emotionmap_gateway.http import wire
from emotionmap_gateway.http.dependencies import TheAnalyses, TheEditLists, TheObjects
from emotionmap_gateway.http.ranges import object_response
from emotionmap_gateway.storage import keys

TIMELINE_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}
EDIT_LIST_TYPES = {
    "edl": "text/plain; charset=us-ascii",
    "fcpxml": "application/xml",
    "otio": "application/vnd.pixar.opentimelineio+json",
    "skip_list": "text/plain; charset=us-ascii",
}

router = APIRouter(prefix="/v1", tags=["timelines"])


def wanted_moments(
    emotions: Annotated[
        str | None, Query(max_length=1000, description="Happy,Sadness; default: all but Unsure.")
    ] = None,
    min_confidence: Annotated[float, Query(ge=0, le=1)] = 0.0,
    people: Annotated[str, Query(max_length=10_000, description="p1,p2; default: anyone.")] = "",
    lead_in: Annotated[float, Query(ge=0, le=10, description="Kept before a piece, s.")] = 0.0,
    lead_out: Annotated[float, Query(ge=0, le=10, description="Kept after a piece, s.")] = 0.0,
    shortest: Annotated[float, Query(ge=0, le=60, description="Shortest piece, s.")] = 0.0,
) -> Selection:
    """Return what an edit list shall hold.

    Raises:
        ServiceError: INVALID_ARGUMENT `OPTIONS_INVALID`.
    """
    return selection_of_words(
        emotions=SCORED_WORDS if emotions is None else _listed(emotions),
        min_confidence=min_confidence,
        people=_listed(people),
        lead_in_s=lead_in,
        lead_out_s=lead_out,
        shortest_s=shortest,
    )


@router.head("/analyses/{analysis_id}/timeline", include_in_schema=False)
@router.get(
    "/analyses/{analysis_id}/timeline",
    summary="Return the timeline as JSON, CSV or WebVTT, or an edit list of its moments",
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/json": {"schema": {"$ref": "/v1/schemas/timeline"}},
                "text/csv": {"schema": {"type": "string"}},
                "text/vtt": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
                EDIT_LIST_TYPES["fcpxml"]: {"schema": {"type": "string"}},
                EDIT_LIST_TYPES["otio"]: {"schema": {"type": "object"}},
            }
        },
        **wire.problems(400, 404),
    },
)
async def get_timeline(
    request: Request,
    analyses: TheAnalyses,
    edit_lists: TheEditLists,
    objects: TheObjects,
    analysis_id: str,
    moments: Annotated[Selection, Depends(wanted_moments)],
    form: Annotated[
        Literal["json", "csv", "vtt", "edl", "fcpxml", "otio", "skip_list"] | None,
        Query(alias="format"),
    ] = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Return the timeline; `format` beats the Accept header.

    EDL (CMX 3600), FCPXML 1.10, OTIO and skip lists hold the moments that the other parameters
    choose; JSON, CSV and WebVTT always hold everything.
    """
    record = await analyses.finished(analysis_id)
    chosen = form or _accepted_form(accept)
    if chosen in SUFFIXES:
        return await _edit_list(edit_lists, request, analysis_id, form=chosen, moments=moments)
    key = keys.timeline(analysis_id, chosen, run=record.timeline_run)
    headers = {"Vary": "Accept"}
    return await object_response(
        objects, key, request, media_type=TIMELINE_TYPES[chosen], headers=headers
    )


@router.get("/schemas/timeline", summary="Return the JSON Schema of the timeline")
async def get_timeline_schema() -> Response:
    """Return the schema of emotionmap.timeline/1."""
    return JSONResponse(dict(SCHEMA), media_type="application/schema+json")


async def _edit_list(
    edit_lists: TheEditLists, request: Request, analysis_id: str, *, form: str, moments: Selection
) -> Response:
    made = await edit_lists.make(analysis_id, form=form, selection=moments)
    headers = {
        # Header fields are ASCII; browsers take the name that is encoded.
        "Content-Disposition": f'attachment; filename="EmotionMap{SUFFIXES[form]}"; '
        f"filename*=UTF-8''{quote(made.file_name, safe='')}",
        "Cache-Control": "private, no-cache",
        "Vary": "Accept",
    }
    media_type = EDIT_LIST_TYPES[form]
    if request.method == "HEAD":
        return Response(headers=headers, media_type=media_type)
    return StreamingResponse(made.blocks(), headers=headers, media_type=media_type)


def _listed(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _accepted_form(accept: str) -> str:
    """Return the form that an Accept header asks for first; JSON if it takes anything.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`: it takes none of the three.
    """
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    for kind in kinds:
        for form, media_type in TIMELINE_TYPES.items():
            if kind == media_type.partition(";")[0]:
                return form
    if not accept or {"*/*", "application/*", "text/*", ""} & set(kinds):
        return "json"
    raise ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.REQUEST_INVALID,
        "A timeline can be application/json, text/csv or text/vtt.",
        metadata={"field": "Accept"},
    )
