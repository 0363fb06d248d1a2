"""Frames reach the face service as the media service sent them, and nothing else is touched."""

from __future__ import annotations

import pytest
from emotionmap.v1 import face_service_pb2, media_service_pb2
from emotionmap_gateway.work.passing import Frames, received, sent

FRAMES = media_service_pb2.FrameBatch(
    frames=[
        media_service_pb2.Frame(width_px=640, height_px=360, gray=bytes([shade]) * 640 * 360)
        for shade in range(8)
    ]
)


@pytest.mark.parametrize("batch", [FRAMES, media_service_pb2.FrameBatch()])
def test_frames_of_a_response_are_those_of_the_request(batch):
    response = media_service_pb2.DecodeSegmentResponse(frames=batch)
    passed = received(response.SerializeToString())
    assert isinstance(passed, Frames)
    request = face_service_pb2.AnalyzeFramesRequest.FromString(sent(passed))
    assert request.WhichOneof("payload") == "frames"
    assert request.frames == batch


@pytest.mark.parametrize("response", [
    media_service_pb2.DecodeSegmentResponse(audio=media_service_pb2.AudioChunk(pcm=bytes(99))),
    media_service_pb2.DecodeSegmentResponse(summary=media_service_pb2.DecodeSummary(frames=3)),
    media_service_pb2.DecodeSegmentResponse(),
])  # fmt: skip
def test_other_responses_are_parsed(response):
    assert received(response.SerializeToString()) == response


def test_other_requests_are_serialised():
    config = face_service_pb2.AnalyzeFramesConfig(segment_id="a/1")
    request = face_service_pb2.AnalyzeFramesRequest(config=config)
    assert face_service_pb2.AnalyzeFramesRequest.FromString(sent(request)) == request


def test_frames_behind_something_that_is_not_known_are_passed_on_too():
    unknown_field_1 = bytes([1 << 3, 7])
    response = media_service_pb2.DecodeSegmentResponse(frames=FRAMES)
    passed = received(unknown_field_1 + response.SerializeToString())
    assert isinstance(passed, Frames)
    assert face_service_pb2.AnalyzeFramesRequest.FromString(sent(passed)).frames == FRAMES
