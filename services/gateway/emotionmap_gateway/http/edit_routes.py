"""The routes of what viewers change: corrections and people."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from emotionmap.v1 import emotion_pb2
from fastapi import APIRouter, Query, Response
from starlette.responses import JSONResponse

from emotionmap_gateway.documents.edits import (
    correction_to_json,
    edited_person_to_json,
    to_labels_csv,
)
from emotionmap_gateway.documents.words import NS_PER_S, emotion_of
from emotionmap_gateway.http import edit_wire, wire
from emotionmap_gateway.http.dependencies import TheAnalyses, TheCorrections, ThePeople
from emotionmap_gateway.storage.person_store import PersonChange

router = APIRouter(prefix="/v1/analyses/{analysis_id}", tags=["edits"])


@router.get(
    "/corrections",
    summary="List the corrections of an analysis, or export them as labels",
    responses={
        200: {
            "model": edit_wire.CorrectionList,
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **wire.problems(400, 404),
    },
)
async def list_corrections(
    analyses: TheAnalyses,
    corrections: TheCorrections,
    analysis_id: str,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Return them by time; as CSV they are the labels.csv that `training.evaluate` reads."""
    found = await corrections.of_analysis(analysis_id)
    if form == "json":
        return JSONResponse({"corrections": [correction_to_json(one) for one in found]})
    title = (await analyses.get(analysis_id)).analysis.title
    return Response(
        to_labels_csv(found, title=title),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="labels.csv"'},
    )


@router.post(
    "/corrections",
    status_code=201,
    summary="Say what a stretch of the video really shows",
    responses={201: {"model": edit_wire.Correction}, **wire.problems(400, 404, 507)},
)
async def create_correction(
    corrections: TheCorrections, analysis_id: str, wish: edit_wire.CorrectionWish
) -> Response:
    """Keep a viewer's own label; older ones give way where it lies."""
    stretch = emotion_pb2.TimeRange()
    stretch.start_offset.FromNanoseconds(round(wish.start * NS_PER_S))
    stretch.end_offset.FromNanoseconds(round(wish.end * NS_PER_S))
    emotion = emotion_of(wish.emotion) or emotion_pb2.EMOTION_UNSPECIFIED
    made = await corrections.create(analysis_id, stretch=stretch, emotion=emotion)
    return JSONResponse(
        correction_to_json(made),
        status_code=201,
        headers={"Location": f"/v1/analyses/{quote(analysis_id)}/corrections/{made.id}"},
    )


@router.delete(
    "/corrections/{correction_id}",
    status_code=204,
    summary="Take a correction back",
    responses=wire.problems(404),
)
async def delete_correction(
    corrections: TheCorrections, analysis_id: str, correction_id: str
) -> Response:
    """Take it back; what it had replaced does not return."""
    await corrections.delete(analysis_id, correction_id)
    return Response(status_code=204)


@router.get(
    "/people",
    summary="List the people of a timeline with what viewers changed",
    responses={200: {"model": edit_wire.PeopleList}, **wire.problems(400, 404)},
)
async def list_people(people: ThePeople, analysis_id: str) -> Response:
    """Return them, longest seen first; who is merged or hidden is among them."""
    found = await people.of_analysis(analysis_id)
    return JSONResponse({"people": [edited_person_to_json(one, analysis_id) for one in found]})


@router.patch(
    "/people/{person_id}",
    summary="Name, merge or hide a person",
    responses={200: {"model": edit_wire.EditedPerson}, **wire.problems(400, 404)},
)
async def update_person(
    people: ThePeople, analysis_id: str, person_id: str, wish: edit_wire.PersonWish
) -> Response:
    """Change what is named in the body and nothing else; the timeline itself stays."""
    given = wish.model_fields_set
    change = PersonChange(
        name=(wish.name or "") if "name" in given else None,
        hidden=wish.hidden if "hidden" in given else None,
        merged_into=(wish.merged_into or "") if "merged_into" in given else None,
    )
    return JSONResponse(
        edited_person_to_json(await people.update(analysis_id, person_id, change), analysis_id)
    )
