"""The media service as the gateway's tests script it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from emotionmap.v1 import media_service_pb2, media_service_pb2_grpc

from tests.contract.gateway_script import HIGHLIGHTS, JPEG, seconds, span

if TYPE_CHECKING:
    from tests.contract.gateway_script import Script


class FakeMedia(media_service_pb2_grpc.MediaServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    async def ProbeMedia(self, request, context):
        self.script.enter("ProbeMedia", context)
        assert (self.script.objects / request.media_key).is_file()
        return self.script.planned(request)

    async def DecodeSegment(self, request, context):
        script = self.script
        script.active += 1
        script.most_active = max(script.most_active, script.active)
        try:
            script.enter("DecodeSegment", context)
            script.decodes.append(request)
            start_s, end_s = seconds(request.range.start_offset), seconds(request.range.end_offset)
            while script.holds(start_s):
                await asyncio.sleep(0.01)
            readable_s = end_s if script.truncated_at_s is None else script.truncated_at_s
            for half in range(int(start_s * 2), int(min(end_s, readable_s) * 2)):
                for piece in self._pieces(request, half / 2):
                    yield piece
            yield media_service_pb2.DecodeSegmentResponse(
                summary=media_service_pb2.DecodeSummary(truncated=end_s > readable_s)
            )
        finally:
            script.active -= 1

    def _pieces(self, request, time_s):
        at = span(time_s, time_s).start_offset
        if not request.skip_video:
            frame = media_service_pb2.Frame(
                time_offset=at, width_px=64, height_px=64, gray=bytes(4096)
            )
            batch = media_service_pb2.FrameBatch(frames=[frame])
            yield media_service_pb2.DecodeSegmentResponse(frames=batch)
        if not request.skip_audio:
            chunk = media_service_pb2.AudioChunk(time_offset=at, pcm=bytes(16_000))
            yield media_service_pb2.DecodeSegmentResponse(audio=chunk)

    async def SampleKeyFrames(self, request, context):
        self.script.enter("SampleKeyFrames", context)
        apart_s = self.script.duration_s / request.count
        for number in range(request.count):
            at = span((number + 0.5) * apart_s, 0).start_offset
            frame = media_service_pb2.Frame(
                time_offset=at, width_px=64, height_px=64, gray=bytes(4096)
            )
            batch = media_service_pb2.FrameBatch(frames=[frame])
            yield media_service_pb2.SampleKeyFramesResponse(frames=batch)

    async def CutHighlights(self, request, context):
        self.script.enter("CutHighlights", context)
        self.script.configs.append(request)
        yield media_service_pb2.CutHighlightsResponse(progress=0.5)
        self.script.cuts += 1
        try:
            while not self.script.gate.is_set():
                await asyncio.sleep(0.01)
        finally:
            self.script.cuts -= 1
        for start in range(0, len(HIGHLIGHTS), 1000):
            chunk = HIGHLIGHTS[start : start + 1000]
            yield media_service_pb2.CutHighlightsResponse(chunk=chunk)
        summary = media_service_pb2.CutSummary(copied_share=0.75, note="A note.", pieces=2)
        summary.duration.FromMilliseconds(3_900)
        yield media_service_pb2.CutHighlightsResponse(summary=summary)

    async def RenderThumbnails(self, request, context):
        self.script.enter("RenderThumbnails", context)
        for thumbnail in request.thumbnails:
            yield media_service_pb2.RenderThumbnailsResponse(
                time_offset=thumbnail.time_offset, jpeg=JPEG
            )
