"""Passes frames on from the media to the face service as they came, two megabytes at a time.

A response of the one and a request of the other hold the same `FrameBatch`, each under a number of
its own, which is the first byte; all others stay as they are. Parsing, copying and serialising them
was a tenth of what the gateway did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emotionmap.v1 import face_service_pb2, media_service_pb2

if TYPE_CHECKING:
    import grpc

LENGTH_DELIMITED = 2
"""The wire type of a message in a message; with a number below 16 its tag is one byte."""


@dataclass(frozen=True, slots=True)
class Frames:
    """An `AnalyzeFramesRequest` with frames, serialised."""

    request: bytes


def decode_segment(media: grpc.aio.Channel) -> Any:
    """Return what calls DecodeSegment and gives `Frames` in place of responses that hold frames."""
    return media.unary_stream(
        "/emotionmap.v1.MediaService/DecodeSegment",
        request_serializer=media_service_pb2.DecodeSegmentRequest.SerializeToString,
        response_deserializer=received,
    )


def analyze_frames(face: grpc.aio.Channel) -> Any:
    """Return what calls AnalyzeFrames and takes `Frames` beside requests."""
    return face.stream_stream(
        "/emotionmap.v1.FaceService/AnalyzeFrames",
        request_serializer=sent,
        response_deserializer=face_service_pb2.AnalyzeFramesResponse.FromString,
    )


def received(data: bytes) -> Frames | media_service_pb2.DecodeSegmentResponse:
    """Return a response of DecodeSegment, or its frames unparsed."""
    if data[:1] == _tag(media_service_pb2.DecodeSegmentResponse.FRAMES_FIELD_NUMBER):
        tag = _tag(face_service_pb2.AnalyzeFramesRequest.FRAMES_FIELD_NUMBER)
        return Frames(b"".join((tag, memoryview(data)[1:])))
    response = media_service_pb2.DecodeSegmentResponse.FromString(data)
    if not response.HasField("frames"):
        return response
    # A server that is newer may send something in front of them.
    request = face_service_pb2.AnalyzeFramesRequest(frames=response.frames)
    return Frames(request.SerializeToString())


def sent(request: Frames | face_service_pb2.AnalyzeFramesRequest) -> bytes:
    """Return a request of AnalyzeFrames as it travels."""
    return request.request if isinstance(request, Frames) else request.SerializeToString()


def _tag(number: int) -> bytes:
    return bytes([number << 3 | LENGTH_DELIMITED])
