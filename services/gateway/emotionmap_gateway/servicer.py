"""Translates between gRPC messages and the gateway's own calls. Does nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import analysis_service_pb2_grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_gateway import reasons
from emotionmap_gateway.documents.options import with_defaults
from emotionmap_gateway.documents.selection import EVERY_EMOTION, to_selection
from emotionmap_gateway.intake import Wish
from emotionmap_gateway.storage import keys
from emotionmap_gateway.storage.idempotency import idempotency_of
from emotionmap_gateway.storage.person_store import PersonChange
from emotionmap_gateway.upload_pace import UploadPace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emotionmap_runtime.server import Context

    from emotionmap_gateway.analyses import Analyses
    from emotionmap_gateway.corrections import Corrections
    from emotionmap_gateway.edit_lists import EditLists
    from emotionmap_gateway.exports import Exports
    from emotionmap_gateway.models import Models
    from emotionmap_gateway.people import People
    from emotionmap_gateway.storage.objects import Objects
    from emotionmap_gateway.upload_pace import UploadLimits

SERVICE = pb.DESCRIPTOR.services_by_name["AnalysisService"].full_name

FORMS = {
    pb.TIMELINE_FORMAT_UNSPECIFIED: "json",
    pb.TIMELINE_FORMAT_JSON: "json",
    pb.TIMELINE_FORMAT_CSV: "csv",
    pb.TIMELINE_FORMAT_VTT: "vtt",
}
"""Last part of the key of a timeline in each format that is stored."""

EDIT_LISTS = {
    pb.TIMELINE_FORMAT_EDL: "edl",
    pb.TIMELINE_FORMAT_FCPXML: "fcpxml",
    pb.TIMELINE_FORMAT_OTIO: "otio",
    pb.TIMELINE_FORMAT_SKIP_LIST: "skip_list",
}
"""Form of each format that is made on request."""


class AnalysisServicer(analysis_service_pb2_grpc.AnalysisServiceServicer):
    """emotionmap.v1.AnalysisService."""

    def __init__(
        self,
        *,
        analyses: Analyses,
        exports: Exports,
        corrections: Corrections,
        people: People,
        edit_lists: EditLists,
        models: Models,
        objects: Objects,
        upload_limits: UploadLimits,
    ) -> None:
        self._upload_limits = upload_limits
        self._analyses = analyses
        self._exports = exports
        self._corrections = corrections
        self._people = people
        self._edit_lists = edit_lists
        self._models = models
        self._objects = objects

    async def CreateAnalysis(
        self, requests: AsyncIterator[pb.CreateAnalysisRequest], _context: Context
    ) -> pb.CreateAnalysisResponse:
        pace = UploadPace(self._upload_limits)
        first = await pace.wait(anext(requests, None))
        if first is None or first.WhichOneof("payload") != "config":
            raise _config_missing()
        config = first.config
        options = with_defaults(config.options)
        wish = Wish(config.title, options, config.idempotency_key or None)
        idempotency_of(wish.idempotency_key)  # refused before the video comes, if malformed
        async with self._analyses.intake() as intake:
            await intake.check(options)
            while (request := await pace.wait(anext(requests, None))) is not None:
                if request.WhichOneof("payload") != "chunk":
                    raise _config_missing()
                pace.count(len(request.chunk))
                await intake.write(request.chunk)
            analysis_id = await intake.finish(wish)
        return pb.CreateAnalysisResponse(analysis=await self._get(analysis_id))

    async def GetAnalysis(
        self, request: pb.GetAnalysisRequest, _context: Context
    ) -> pb.GetAnalysisResponse:
        return pb.GetAnalysisResponse(analysis=await self._get(request.id))

    async def ListAnalyses(
        self, request: pb.ListAnalysesRequest, _context: Context
    ) -> pb.ListAnalysesResponse:
        page = await self._analyses.page(
            size=request.page_size, token=request.page_token, query=request.query
        )
        return pb.ListAnalysesResponse(analyses=page.analyses, next_page_token=page.next_token)

    async def WatchAnalysis(
        self, request: pb.WatchAnalysisRequest, _context: Context
    ) -> AsyncIterator[pb.WatchAnalysisResponse]:
        events = self._analyses.watch(request.id, after=request.after_event, idle_s=float("inf"))
        async for event in events:
            if event is None:
                continue
            response = pb.WatchAnalysisResponse(event=event.number, analysis=event.analysis)
            if event.segment is not None:
                intervals = await self._analyses.intervals(request.id, event)
                (response.draft if event.is_draft else response.intervals).CopyFrom(intervals)
            yield response

    async def CancelAnalysis(
        self, request: pb.CancelAnalysisRequest, _context: Context
    ) -> pb.CancelAnalysisResponse:
        return pb.CancelAnalysisResponse(analysis=await self._analyses.cancel(request.id))

    async def DeleteAnalysis(
        self, request: pb.DeleteAnalysisRequest, _context: Context
    ) -> pb.DeleteAnalysisResponse:
        await self._analyses.delete(request.id)
        return pb.DeleteAnalysisResponse()

    async def GetTimeline(
        self, request: pb.GetTimelineRequest, _context: Context
    ) -> pb.GetTimelineResponse:
        return pb.GetTimelineResponse(timeline=await self._analyses.timeline(request.id))

    async def ExportTimeline(
        self, request: pb.ExportTimelineRequest, _context: Context
    ) -> AsyncIterator[pb.ExportTimelineResponse]:
        record = await self._analyses.finished(request.id)
        if request.format in FORMS:
            key = keys.timeline(request.id, FORMS[request.format], run=record.timeline_run)
            blocks = self._objects.read(key)
        elif request.format in EDIT_LISTS:
            has_wish = request.HasField("selection")
            selection = to_selection(request.selection) if has_wish else EVERY_EMOTION
            form = EDIT_LISTS[request.format]
            made = await self._edit_lists.make(request.id, form=form, selection=selection)
            blocks = made.blocks()
        else:
            raise ServiceError(
                grpc.StatusCode.INVALID_ARGUMENT, reasons.OPTIONS_INVALID, "Unknown format."
            )
        async for block in blocks:
            yield pb.ExportTimelineResponse(chunk=block)

    async def CreateHighlights(
        self, request: pb.CreateHighlightsRequest, _context: Context
    ) -> pb.CreateHighlightsResponse:
        export = await self._exports.create_highlights(request)
        return pb.CreateHighlightsResponse(export=export)

    async def GetExport(
        self, request: pb.GetExportRequest, _context: Context
    ) -> pb.GetExportResponse:
        return pb.GetExportResponse(export=await self._exports.get(request.id))

    async def CancelExport(
        self, request: pb.CancelExportRequest, _context: Context
    ) -> pb.CancelExportResponse:
        return pb.CancelExportResponse(export=await self._exports.cancel(request.id))

    async def DownloadExport(
        self, request: pb.DownloadExportRequest, _context: Context
    ) -> AsyncIterator[pb.DownloadExportResponse]:
        _, key = await self._exports.finished(request.id)
        async for block in self._objects.read(key):
            yield pb.DownloadExportResponse(chunk=block)

    async def CreateCorrection(
        self, request: pb.CreateCorrectionRequest, _context: Context
    ) -> pb.CreateCorrectionResponse:
        correction = await self._corrections.create(
            request.analysis_id, stretch=request.range, emotion=request.emotion
        )
        return pb.CreateCorrectionResponse(correction=correction)

    async def ListCorrections(
        self, request: pb.ListCorrectionsRequest, _context: Context
    ) -> pb.ListCorrectionsResponse:
        corrections = await self._corrections.of_analysis(request.analysis_id)
        return pb.ListCorrectionsResponse(corrections=corrections)

    async def DeleteCorrection(
        self, request: pb.DeleteCorrectionRequest, _context: Context
    ) -> pb.DeleteCorrectionResponse:
        await self._corrections.delete(request.analysis_id, request.id)
        return pb.DeleteCorrectionResponse()

    async def UpdatePerson(
        self, request: pb.UpdatePersonRequest, _context: Context
    ) -> pb.UpdatePersonResponse:
        change = PersonChange(
            name=request.name if request.HasField("name") else None,
            hidden=request.hidden if request.HasField("hidden") else None,
            merged_into=request.merged_into if request.HasField("merged_into") else None,
        )
        person = await self._people.update(request.analysis_id, request.id, change)
        return pb.UpdatePersonResponse(person=person)

    async def ListPeople(
        self, request: pb.ListPeopleRequest, _context: Context
    ) -> pb.ListPeopleResponse:
        return pb.ListPeopleResponse(people=await self._people.of_analysis(request.analysis_id))

    async def ListModels(
        self, _request: pb.ListModelsRequest, _context: Context
    ) -> pb.ListModelsResponse:
        models = await self._models.get()
        return pb.ListModelsResponse(
            face=models.face[0],
            voice=models.voice[0],
            face_models=models.face,
            voice_models=models.voice,
            detectors=models.detectors,
        )

    async def _get(self, analysis_id: str) -> pb.Analysis:
        return (await self._analyses.get(analysis_id)).analysis


def _config_missing() -> ServiceError:
    return ServiceError(
        grpc.StatusCode.INVALID_ARGUMENT,
        reasons.CONFIG_MISSING,
        "The first message must be `config`, every later one bytes.",
    )
