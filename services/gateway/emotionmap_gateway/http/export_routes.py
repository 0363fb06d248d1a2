"""The routes of exports and models."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from emotionmap_gateway.documents.highlights import highlights_from_json
from emotionmap_gateway.documents.messages import export_to_json, model_to_json
from emotionmap_gateway.documents.options import DETECTOR_WORDS
from emotionmap_gateway.http import wire
from emotionmap_gateway.http.dependencies import IdempotencyKey, TheExports, TheModels, TheObjects
from emotionmap_gateway.http.ranges import object_response

router = APIRouter(prefix="/v1", tags=["exports"])


@router.post(
    "/analyses/{analysis_id}/highlights",
    status_code=202,
    summary="Queue the cutting of a highlights video",
    responses={202: {"model": wire.Export}, **wire.problems(400, 404, 409)},
)
async def create_highlights(
    exports: TheExports,
    analysis_id: str,
    wish: wire.HighlightsWish,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Cut the moments of the chosen emotions into one video."""
    request = highlights_from_json(wish.model_dump())
    request.analysis_id, request.idempotency_key = analysis_id, idempotency_key or ""
    export = await exports.create_highlights(request)
    return JSONResponse(
        export_to_json(export), status_code=202, headers={"Location": f"/v1/exports/{export.id}"}
    )


@router.get(
    "/exports/{export_id}",
    summary="Return one export",
    responses={200: {"model": wire.Export}, **wire.problems(404)},
)
async def get_export(exports: TheExports, export_id: str) -> Response:
    """Return one export as it is now."""
    return JSONResponse(export_to_json(await exports.get(export_id)))


@router.post(
    "/exports/{export_id}/cancel",
    summary="Stop an export",
    responses={200: {"model": wire.Export}, **wire.problems(400, 404)},
)
async def cancel_export(exports: TheExports, export_id: str) -> Response:
    """Stop it; one that is cancelled already is left as it is."""
    return JSONResponse(export_to_json(await exports.cancel(export_id)))


@router.head("/exports/{export_id}/file", include_in_schema=False)
@router.get(
    "/exports/{export_id}/file",
    summary="Return the file of an export",
    response_class=Response,
    responses={200: {"content": {"video/mp4": {}}}, **wire.problems(400, 404, 416)},
)
async def get_export_file(
    request: Request, exports: TheExports, objects: TheObjects, export_id: str
) -> Response:
    """Return the bytes, whole or in part."""
    export, key = await exports.finished(export_id)
    return await object_response(
        objects,
        key,
        request,
        media_type="video/mp4",
        headers={"Content-Disposition": f'attachment; filename="{export.file_name}"'},
    )


@router.get(
    "/models",
    tags=["models"],
    summary="Name the weights that may be chosen",
    responses={200: {"model": wire.Models}, **wire.problems(503)},
)
async def list_models(models: TheModels) -> Response:
    """Return identity, licence and measured figures of the weights."""
    choice = await models.get()
    face_models = [model_to_json(model) for model in choice.face]
    voice_models = [model_to_json(model) for model in choice.voice]
    return JSONResponse(
        {
            "face": face_models[0],
            "audio": voice_models[0],
            "face_models": face_models,
            "voice_models": voice_models,
            "detectors": [DETECTOR_WORDS[c] for c in choice.detectors if c in DETECTOR_WORDS],
        }
    )
