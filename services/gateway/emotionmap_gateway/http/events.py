"""Writes events as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
from emotionmap_runtime.errors import ServiceError
from starlette.responses import StreamingResponse

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.messages import analysis_to_json
from emotionmap_gateway.documents.timeline import interval_to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_gateway.analyses import Analyses

KEEP_ALIVE_S = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def after_number(last_event_id: str | None, after: int | None) -> int:
    """Return the event after which a client goes on; the header beats the query.

    Raises:
        ServiceError: INVALID_ARGUMENT `REQUEST_INVALID`: the header is no number.
    """
    if last_event_id is None:
        return after or 0
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 10):  # noqa: PLR2004
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.REQUEST_INVALID,
            "Last-Event-ID must be the id of an event.",
            metadata={"field": "Last-Event-ID"},
        )
    return int(last_event_id)


async def event_stream(analyses: Analyses, analysis_id: str, *, after: int) -> StreamingResponse:
    """Return the response that sends the events of an analysis.

    Raises:
        ServiceError: NOT_FOUND `ANALYSIS_NOT_FOUND`.
    """
    await analyses.get(analysis_id)  # while an error can still be told
    lines = _lines(analyses, analysis_id, after)
    return StreamingResponse(lines, media_type="text/event-stream", headers=_HEADERS)


async def _lines(analyses: Analyses, analysis_id: str, after: int) -> AsyncIterator[str]:
    # Sent at once, so that a client knows that it is connected; 1 s is how soon it comes again.
    yield "retry: 1000\n\n"
    try:
        async for event in analyses.watch(analysis_id, after=after, idle_s=KEEP_ALIVE_S):
            if event is None:
                yield ": keep-alive\n\n"
            elif event.analysis is not None:
                yield _event(event.number, "analysis", analysis_to_json(event.analysis))
            else:
                batch = await analyses.intervals(analysis_id, event)
                intervals = [interval_to_json(interval) for interval in batch.intervals]
                if event.is_draft:
                    intervals = [interval | {"draft": True} for interval in intervals]
                kind = "draft" if event.is_draft else "intervals"
                yield _event(event.number, kind, {"intervals": intervals})
    except ServiceError:
        return  # deleted, or this process stops: the stream ends, the client asks again


def _event(number: int, kind: str, data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {number}\nevent: {kind}\ndata: {text}\n\n"
