"""A gateway that the command line talks to in tests: the HTTP contract, without any analysis."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

TIMELINE = {"schema": "emotionmap.timeline/1", "people": [{"id": "p1", "thumbnail": "/v1/x"}]}


def analysis(state="RUNNING", progress=0.0, failure=None):
    return {"id": "a1", "state": state, "progress": progress, "failure": failure}


def problem(status, reason, detail, headers=None):
    body = {"title": "t", "status": status, "detail": detail, "reason": reason}
    return JSONResponse(
        body, status, media_type="application/problem+json", headers=dict(headers or {})
    )


HAPPY_PATH = (
    ("analysis", analysis(progress=0.0)),
    ("intervals", {"intervals": []}),
    ("analysis", analysis(progress=0.5)),
    ("intervals", {"intervals": []}),
    ("analysis", analysis("SUCCEEDED", 1.0)),
)


@dataclass
class Script:
    """What the gateway does, and what it was asked."""

    events: tuple = HAPPY_PATH
    drop_after: int | None = None  # the first stream ends after so many events
    hang: bool = False  # streams never end by themselves
    refusals: list = field(default_factory=list)  # answers to uploads, before one is taken
    bodies: list = field(default_factory=list)
    keys: list = field(default_factory=list)
    last_event_ids: list = field(default_factory=list)
    formats: list = field(default_factory=list)
    deleted: threading.Event = field(default_factory=threading.Event)
    watched: threading.Event = field(default_factory=threading.Event)


def fake_app(script: Script) -> FastAPI:
    """Application that follows a script."""
    app = FastAPI()

    @app.post("/v1/analyses")
    async def create(request: Request):
        script.keys.append(request.headers.get("idempotency-key"))
        if script.refusals:
            return script.refusals.pop(0)
        async with request.form() as form:
            file = form["file"]
            script.bodies.append((file.filename, await file.read(), json.loads(form["options"])))
        return JSONResponse(analysis("QUEUED"), 202, headers={"Location": "/v1/analyses/a1"})

    @app.get("/v1/analyses/a1/events")
    async def events(request: Request):
        last = request.headers.get("last-event-id")
        script.last_event_ids.append(last)
        return StreamingResponse(_stream(script, int(last or 0)), media_type="text/event-stream")

    @app.get("/v1/analyses/a1/timeline")
    async def timeline(format: str):  # noqa: A002 - the name in the contract
        script.formats.append(format)
        return JSONResponse(TIMELINE) if format == "json" else Response("start,end\r\n")

    @app.delete("/v1/analyses/a1")
    async def delete():
        script.deleted.set()
        return Response(status_code=204)

    return app


async def _stream(script, after):
    yield ": keep-alive\n\n"
    for number, (kind, data) in enumerate(script.events, start=1):
        if number > after:
            yield f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
        if script.drop_after == number and len(script.last_event_ids) == 1:
            return
    script.watched.set()
    while script.hang:
        await asyncio.sleep(0.05)
        yield ": keep-alive\n\n"


class _Server(uvicorn.Server):
    def __init__(self, app) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"


@contextmanager
def serving_gateway(script: Script):
    """Address of a running fake, and a function that ends it early."""
    server = _Server(fake_app(script))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.is_up.wait(10)

    def end():
        script.hang = False
        server.should_exit = server.force_exit = True
        thread.join()

    try:
        yield server.address, end
    finally:
        end()
