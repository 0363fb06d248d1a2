"""What a route may ask for in its signature. Nothing is global: it all hangs on the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from emotionmap_gateway.analyses import Analyses
from emotionmap_gateway.corrections import Corrections
from emotionmap_gateway.edit_lists import EditLists
from emotionmap_gateway.exports import Exports
from emotionmap_gateway.models import Models
from emotionmap_gateway.monitoring import Monitoring
from emotionmap_gateway.people import People
from emotionmap_gateway.readiness import Readiness
from emotionmap_gateway.storage.objects import Objects
from emotionmap_gateway.thumbnails import Thumbnails
from emotionmap_gateway.upload_pace import UploadLimits
from emotionmap_gateway.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    analyses: Analyses
    exports: Exports
    corrections: Corrections
    people: People
    edit_lists: EditLists
    models: Models
    objects: Objects
    readiness: Readiness
    thumbnails: Thumbnails
    monitoring: Monitoring
    upload_limits: UploadLimits
    uploads: Uploads


def parts_of(request: Request) -> Parts:
    """Return what the app of a request was made with."""
    parts: Parts = request.app.state.parts
    return parts


_Parts = Annotated[Parts, Depends(parts_of)]


def _analyses(parts: _Parts) -> Analyses:
    return parts.analyses


def _exports(parts: _Parts) -> Exports:
    return parts.exports


def _corrections(parts: _Parts) -> Corrections:
    return parts.corrections


def _people(parts: _Parts) -> People:
    return parts.people


def _edit_lists(parts: _Parts) -> EditLists:
    return parts.edit_lists


def _models(parts: _Parts) -> Models:
    return parts.models


def _objects(parts: _Parts) -> Objects:
    return parts.objects


def _thumbnails(parts: _Parts) -> Thumbnails:
    return parts.thumbnails


def _upload_limits(parts: _Parts) -> UploadLimits:
    return parts.upload_limits


def _uploads(parts: _Parts) -> Uploads:
    return parts.uploads


def _readiness(parts: _Parts) -> Readiness:
    return parts.readiness


def _monitoring(parts: _Parts) -> Monitoring:
    return parts.monitoring


TheAnalyses = Annotated[Analyses, Depends(_analyses)]
TheExports = Annotated[Exports, Depends(_exports)]
TheCorrections = Annotated[Corrections, Depends(_corrections)]
ThePeople = Annotated[People, Depends(_people)]
TheEditLists = Annotated[EditLists, Depends(_edit_lists)]
TheModels = Annotated[Models, Depends(_models)]
TheObjects = Annotated[Objects, Depends(_objects)]
TheThumbnails = Annotated[Thumbnails, Depends(_thumbnails)]
TheUploadLimits = Annotated[UploadLimits, Depends(_upload_limits)]
TheUploads = Annotated[Uploads, Depends(_uploads)]
TheReadiness = Annotated[Readiness, Depends(_readiness)]
TheMonitoring = Annotated[Monitoring, Depends(_monitoring)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes a repeated request return what the first one made.",
    ),
]
