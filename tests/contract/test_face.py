"""What FaceService must do, over a real socket, with the real interceptors and fakes behind."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
from emotionmap.v1 import emotion_pb2, face_service_pb2_grpc
from emotionmap.v1 import face_service_pb2 as pb
from emotionmap_runtime.errors import from_rpc_error
from emotionmap_runtime.telemetry import Metrics
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.contract.face_fakes import (
    BrokenModel,
    FakeModel,
    LateDetector,
    OtherModel,
    answers,
    batch,
    config,
    frame,
    picture,
    serving,
    ticking,
    times_ms,
)
from tests.contract.fake_models import HAPPY


async def test_one_answer_per_request_in_order():
    async with serving() as channel:
        first, *rest = await answers(channel, [config(), *map(frame, range(100))])
    assert first.model.name == "fake"
    assert [times_ms(a) for a in rest] == [[100 * i] for i in range(100)]
    assert all(len(a.frames.frames[0].faces) == 1 for a in rest)


async def test_a_batch_is_answered_as_its_frames_would_be_one_by_one():
    pictures = [picture(i, width_px=64 << i % 2, height_px=128 >> i % 2) for i in range(40)]
    requests = [batch(*pictures[:1]), batch(*pictures[1:32]), batch(*pictures[32:])]
    async with serving(faces=4) as channel:
        _, *rest = await answers(channel, [config(), *requests])
        _, *single = await answers(channel, [config(), *map(batch, pictures)])
    assert [len(a.frames.frames) for a in rest] == [1, 31, 8]
    assert [f for a in rest for f in a.frames.frames] == [a.frames.frames[0] for a in single]


async def test_a_face_has_a_box_in_fractions_a_distribution_a_track_and_a_quality():
    async with serving() as channel:
        [_, answer] = await answers(channel, [config(), frame(0)])
    [face] = answer.frames.frames[0].faces
    box = [face.box.left, face.box.top, face.box.right, face.box.bottom]
    assert box == pytest.approx([0, 0, 24 / 128, 24 / 64])
    assert list(face.emotions.probabilities) == pytest.approx(HAPPY)
    assert face.track == 1
    assert 0 <= face.quality <= 1


async def test_frames_may_change_their_size():
    requests = [config(), frame(0), frame(1, width_px=64, height_px=128), frame(2)]
    async with serving(faces=4) as channel:
        [_, *rest] = await answers(channel, requests)
    assert [len(a.frames.frames[0].faces) for a in rest] == [4, 2, 4]


async def test_a_face_smaller_than_asked_for_is_rejected():
    async with serving() as channel:
        _, *rest = await answers(channel, [config(min_face_px=25), frame(0)])
    [found] = [found for answer in rest for found in answer.frames.frames]
    assert not found.faces
    assert found.rejected == 1


async def test_frames_without_a_face_wait_for_what_comes_and_are_all_answered():
    async with serving(faces=0) as channel:
        _, *rest = await answers(channel, [config(), *map(frame, range(3))])
    assert [times_ms(a) for a in rest] == [[], [], [], [0, 100, 200]]


async def test_a_face_found_late_is_told_where_it_was_before():
    requests = [frame(i, gray=ticking(i)) for i in range(20)]
    async with serving(detector=LateDetector(unseen=2)) as channel:
        _, *rest = await answers(channel, [config(), *requests])
    found = [found for answer in rest for found in answer.frames.frames]
    assert [each.time_offset.ToMilliseconds() for each in found] == [100 * i for i in range(20)]
    assert [[face.track for face in each.faces] for each in found] == [[1]] * 20
    assert [len(each.faces[0].emotions.probabilities) for each in found] == [7] * 20


async def test_unrelated_frames_are_not_followed():
    async with serving() as channel:
        requests = [config(unrelated_frames=True), *map(frame, range(3))]
        [_, *rest] = await answers(channel, requests)
    assert [[f.track for f in a.frames.frames[0].faces] for a in rest] == [[1], [2], [3]]


async def test_a_stream_without_frames_gets_the_model_alone():
    async with serving() as channel:
        assert len(await answers(channel, [config()])) == 1


async def test_a_client_may_wait_for_each_answer():
    async with serving() as channel:
        call = face_service_pb2_grpc.FaceServiceStub(channel).AnalyzeFrames()
        for request in [config(), *map(frame, range(5))]:
            await call.write(request)
            answer = await call.read()
        await call.done_writing()
        assert times_ms(answer) == [400]
        assert await call.read() is grpc.aio.EOF


TOO_LARGE = {"width_px": 2048, "height_px": 1025, "gray": bytes(2048 * 1025)}


def large(number):
    """Two of these fit a message of gRPC, but no batch."""
    return picture(number, width_px=1600, height_px=1024, gray=bytes(1600 * 1024))


@pytest.mark.parametrize(
    ("requests", "code", "reason"),
    [
        ([], "INVALID_ARGUMENT", "CONFIG_MISSING"),
        ([frame(0)], "INVALID_ARGUMENT", "CONFIG_MISSING"),
        ([config(), config()], "INVALID_ARGUMENT", "CONFIG_MISSING"),
        ([config(), pb.AnalyzeFramesRequest()], "INVALID_ARGUMENT", "CONFIG_MISSING"),
        ([config("")], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config("A b")], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config("a" * 129)], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config(min_face_px=19)], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config(min_face_px=1001)], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config(detector=9)], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config(detector="FACE_DETECTOR_YUNET")], "UNIMPLEMENTED", "DETECTOR_UNAVAILABLE"),
        ([config(model="other")], "UNIMPLEMENTED", "MODEL_UNAVAILABLE"),
        ([config(model="x" * 129)], "INVALID_ARGUMENT", "CONFIG_INVALID"),
        ([config(), frame(0, gray=b"x")], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), frame(0, width_px=0, gray=b"")], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), frame(0, width_px=-128, height_px=-64)], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), frame(0, **TOO_LARGE)], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), frame(1), frame(1)], "INVALID_ARGUMENT", "FRAME_OUT_OF_ORDER"),
        ([config(), frame(1), frame(0)], "INVALID_ARGUMENT", "FRAME_OUT_OF_ORDER"),
        ([config(), batch()], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), batch(*map(picture, range(33)))], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), batch(*map(large, range(2)))], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), batch(picture(0), picture(1, gray=b""))], "INVALID_ARGUMENT", "FRAME_INVALID"),
        ([config(), batch(picture(1), picture(1))], "INVALID_ARGUMENT", "FRAME_OUT_OF_ORDER"),
    ],
)
async def test_each_error_has_its_code_and_reason(requests, code, reason):
    async with serving() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(channel, requests)
    error = from_rpc_error(caught.value)
    assert (error.code.name, error.reason) == (code, reason)
    assert error.retry_after is None


async def test_answers_before_an_error_are_given():
    async with serving() as channel:
        call = face_service_pb2_grpc.FaceServiceStub(channel).AnalyzeFrames(
            iter([config(), frame(1), frame(2), frame(0)])
        )
        got = [await call.read() for _ in range(3)]
        with pytest.raises(grpc.aio.AioRpcError, match="follows one at"):
            await call.read()
    assert [times_ms(a) for a in got[1:]] == [[100], [200]]


async def test_what_a_broken_model_says_stays_inside():
    async with serving(BrokenModel()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(channel, [config(), frame(0)])
    assert from_rpc_error(caught.value).reason == "INTERNAL"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("name", "mood"), [("", 3), ("fake", 3), ("other", 0)])
async def test_a_stream_is_scored_by_the_model_that_it_names(name, mood):
    async with serving(FakeModel(), OtherModel()) as channel:
        first, answer = await answers(channel, [config(model=name), frame(0)])
    [face] = answer.frames.frames[0].faces
    assert first.model.name == (name or "fake")
    assert np.argmax(face.emotions.probabilities) == mood


async def test_an_unknown_model_is_refused_naming_the_known_ones():
    async with serving(FakeModel(), OtherModel()) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match="'x'; it has fake, other") as caught:
            await answers(channel, [config(model="x")])
    assert from_rpc_error(caught.value).metadata == {"model": "x"}


async def test_all_models_are_named_the_default_first():
    async with serving(OtherModel(), FakeModel()) as channel:
        stub = face_service_pb2_grpc.FaceServiceStub(channel)
        answer = await stub.GetFaceModel(pb.GetFaceModelRequest())
    assert [model.name for model in answer.models] == ["other", "fake"]
    assert answer.model == answer.models[0]


async def test_the_model_and_the_detectors_are_named():
    async with serving() as channel:
        stub = face_service_pb2_grpc.FaceServiceStub(channel)
        answer = await stub.GetFaceModel(pb.GetFaceModelRequest())
    assert list(answer.detectors) == [pb.FACE_DETECTOR_HAAR]
    assert list(answer.model.emotions) == [emotion_pb2.EMOTION_ANGER, emotion_pb2.EMOTION_HAPPY]
    assert dict(answer.model.metrics) == {"set/accuracy": 0.5}
    assert answer.model.sha256 == "0" * 64


async def test_health_is_serving_and_the_model_counts_as_loaded():
    metrics = Metrics.create()
    async with serving(metrics=metrics) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    assert metrics.registry.get_sample_value("em_model_loaded") == 1
