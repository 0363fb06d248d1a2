"""How FaceService shares its models among streams, and what it does when too many come."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from emotionmap.v1 import face_service_pb2_grpc
from emotionmap_face.stream import FACES_IN_FLIGHT
from emotionmap_runtime.errors import from_rpc_error
from emotionmap_runtime.telemetry import Metrics

from tests.contract.face_fakes import (
    TEXTURE,
    FakeModel,
    OtherModel,
    SlowDetector,
    answers,
    batch,
    batches,
    config,
    frame,
    picture,
    serving,
)

CANCELLED = {"method": "/emotionmap.v1.FaceService/AnalyzeFrames", "code": "CANCELLED"}


async def test_a_full_queue_refuses_and_says_when_to_retry():
    model = FakeModel(is_open=False)
    async with serving(model, faces=4, max_queue=FACES_IN_FLIGHT, max_batch=1) as channel:
        requests = [config(), *batches(8)]
        stub = face_service_pb2_grpc.FaceServiceStub(channel)
        first = aiter(stub.AnalyzeFrames(iter(requests)))
        assert (await anext(first)).WhichOneof("payload") == "model"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.AnalyzeFrames().read()  # before it has sent anything
        model.is_open.set()
        error = from_rpc_error(caught.value)
        assert (error.code.name, error.reason) == ("RESOURCE_EXHAUSTED", "QUEUE_FULL")
        assert error.retry_after is not None
        assert len([answer async for answer in first]) == 8
        assert len(await answers(channel, requests)) == 9


async def test_one_stream_alone_never_fills_the_queue():
    model = FakeModel(is_open=False)
    async with serving(model, faces=4, max_queue=FACES_IN_FLIGHT, max_batch=1) as channel:
        stream = asyncio.create_task(answers(channel, [config(), *batches(12)]))
        await asyncio.to_thread(model.has_begun.wait)
        model.is_open.set()
        found = [frame for answer in await stream for frame in answer.frames.frames]
        assert sum(len(frame.faces) for frame in found) == 4 * 96


async def test_a_stream_fills_batches_by_itself():
    model = FakeModel()
    async with serving(model, max_wait_ms=300, max_batch=16) as channel:
        await answers(channel, [config(), *batches(4)])
    assert max(model.batches) > 8


async def test_a_batch_of_frames_is_scored_at_once():
    model = FakeModel()
    async with serving(model, max_wait_ms=300) as channel:
        await answers(channel, [config(), batch(*map(picture, range(16)))])
    assert len(model.batches) == 1


async def test_a_stream_that_is_given_up_is_not_searched_on():
    detector, metrics = SlowDetector(), Metrics.create()
    async with serving(detector=detector, metrics=metrics) as channel:
        call = face_service_pb2_grpc.FaceServiceStub(channel).AnalyzeFrames()
        await call.write(config())
        cuts = [picture(i, gray=bytes([i % 2 * 255]) * TEXTURE.size) for i in range(32)]
        await call.write(batch(*cuts))
        await asyncio.to_thread(detector.has_begun.wait)
        call.cancel()
        while metrics.registry.get_sample_value("em_requests_total", CANCELLED) != 1:
            await asyncio.sleep(0.01)
        detector.may_end.set()
        await answers(channel, [config(), frame(0)])
    assert detector.scans == 2  # one in each stream; each cut is searched


async def test_streams_share_batches():
    model, metrics = FakeModel(), Metrics.create()
    async with serving(model, metrics=metrics, max_wait_ms=500, max_batch=8) as channel:
        await asyncio.gather(*(answers(channel, [config(), frame(0)]) for _ in range(8)))
    assert sum(model.batches) == 8
    assert max(model.batches) > 1
    assert metrics.registry.get_sample_value("em_batch_size_count") == len(model.batches)


async def test_a_cancelled_stream_leaves_the_server_well():
    model, metrics = FakeModel(is_open=False), Metrics.create()
    async with serving(model, metrics=metrics, max_batch=1) as channel:
        stream = asyncio.create_task(answers(channel, [config(), *batches(8)]))
        await asyncio.to_thread(model.has_begun.wait)
        stream.cancel()
        await asyncio.wait([stream])
        model.is_open.set()
        assert len(await answers(channel, [config(), frame(0)])) == 2
    assert metrics.registry.get_sample_value("em_requests_total", CANCELLED) == 1


async def test_each_model_has_batches_of_its_own():
    models = FakeModel(), OtherModel()
    async with serving(*models, max_wait_ms=300) as channel:
        requests = [[config(model=name), frame(0)] for name in ("fake", "other", "other")]
        await asyncio.gather(*(answers(channel, each) for each in requests))
    assert [sum(model.batches) for model in models] == [1, 2]
