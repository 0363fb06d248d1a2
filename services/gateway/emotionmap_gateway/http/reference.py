"""The API reference: OpenAPI, and a page made of it that loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, JSONResponse

from emotionmap_gateway.documents.timeline import SCHEMA
from emotionmap_gateway.http import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

TITLE = "EmotionMap"
VERSION = "1"
DESCRIPTION = (
    "Reveals the emotional structure of a video: for every second, which emotion is on screen and "
    "in the voices, and how sure that is. AI-estimated apparent expression, not felt emotion. "
    "Every error is application/problem+json with a stable `reason`. The same over gRPC: "
    "`emotionmap.v1.AnalysisService`."
)
TIMELINE = "Timeline"

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; }
h3 code { background: #eee; padding: .1rem .4rem; border-radius: .2rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; }
pre { background: #f4f4f4; padding: .8rem; overflow: auto; font-size: .85rem; }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #161616; } pre, h3 code { background: #2a2a2a; }
  a { color: #8ab4f8; } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)


def install(app: FastAPI) -> None:
    """Serve the reference of an app at /openapi.json and /docs."""
    document = openapi(app)
    page = "".join(_page(document))

    async def serve_document(_request: Request) -> Response:
        return JSONResponse(document)

    async def serve_page(_request: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    app.add_route("/openapi.json", serve_document, include_in_schema=False)
    app.add_route("/docs", serve_page, include_in_schema=False)


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an app."""
    document = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=app.routes)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (wire.Options, wire.Intervals, wire.Draft, wire.UploadWish):
        _add_schema(schemas, model)
    schemas[TIMELINE] = _timeline_schema()
    for operation in _operations(document):
        _tidy(operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _tidy(operation: dict[str, Any]) -> None:
    """Make an operation say what is sent: problems in their own type, and no 422."""
    responses = operation["responses"]
    responses.pop("422", None)
    for response in responses.values():
        content = response.get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if schema.get("$ref") == "#/components/schemas/Problem":
            content["application/problem+json"] = content.pop("application/json")
        elif schema.get("$ref") == "/v1/schemas/timeline":
            schema["$ref"] = f"#/components/schemas/{TIMELINE}"


def _add_schema(schemas: dict[str, Any], model: type[wire.Body]) -> None:
    """Add a model, and those that it uses, that no route names itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, used in schema.pop("$defs", {}).items():
        schemas.setdefault(name, used)
    schemas[model.__name__] = schema


def _timeline_schema() -> dict[str, Any]:
    """Return the schema of the timeline with references that hold inside the document."""
    text = json.dumps(dict(SCHEMA)).replace('"#/$defs/', f'"#/components/schemas/{TIMELINE}/$defs/')
    schema: dict[str, Any] = json.loads(text)
    schema.pop("$id", None)
    schema.pop("$schema", None)
    return schema


def _page(document: dict[str, Any]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{TITLE} API</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{TITLE} API</h1><p>{escape(DESCRIPTION)}</p>"
    yield '<p><a href="/openapi.json">openapi.json</a></p><h2>Requests</h2>'
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield from _operation(method, path, operation)
    yield "<h2>Schemas</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        text = escape(json.dumps(schema, indent=2))
        yield f'<h3 id="{escape(name)}"><code>{escape(name)}</code></h3><pre>{text}</pre>'
    yield "</body></html>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
    text = f"{operation.get('summary', '')}. {operation.get('description', '')}"
    yield f"<p>{escape(text)}</p>"
    yield "<table>"
    for parameter in operation.get("parameters", []):
        text = escape(parameter.get("description", ""))
        where = escape(parameter["in"])
        yield f"<tr><td>{escape(parameter['name'])}</td><td>{where}</td><td>{text}</td></tr>"
    for status, response in operation["responses"].items():
        kinds = " ".join(_kind(kind, body) for kind, body in response.get("content", {}).items())
        text = escape(response["description"])
        yield f"<tr><td>{status}</td><td>{text}</td><td>{kinds}</td></tr>"
    yield "</table>"


def _kind(kind: str, body: dict[str, Any]) -> str:
    name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
    link = f' <a href="#{escape(name)}">{escape(name)}</a>' if name else ""
    return escape(kind) + link
