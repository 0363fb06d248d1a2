"""The routes for those who run EmotionMap: alive, ready, metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse

from emotionmap_gateway.http import wire
from emotionmap_gateway.http.dependencies import TheMonitoring, TheReadiness

router = APIRouter(tags=["operations"])


@router.get("/livez", summary="Tell that the process answers")
async def live() -> Response:
    """Answer."""
    return JSONResponse({"live": True})


@router.get(
    "/readyz",
    summary="Tell whether the gateway and the services behind it can work",
    responses={200: {"model": wire.Readiness}, 503: {"model": wire.Readiness}},
)
async def ready(readiness: TheReadiness) -> Response:
    """Answer 200, or 503 with what is missing."""
    state = await readiness.check()
    body = {"ready": state.is_ready, "services": dict(state.services)}
    return JSONResponse(body, status_code=200 if state.is_ready else 503)


@router.get(
    "/metrics",
    summary="Return metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(monitoring: TheMonitoring) -> Response:
    """Return the metrics of this process."""
    return Response(await monitoring.text(), media_type=CONTENT_TYPE_LATEST)
