"""What AudioService must do, over a real socket, with the real interceptors and fakes behind."""

from __future__ import annotations

import asyncio

import grpc
import numpy as np
import pytest
from emotionmap.v1 import audio_service_pb2 as pb
from emotionmap.v1 import audio_service_pb2_grpc, emotion_pb2
from emotionmap_audio.stream import INTERVALS_IN_FLIGHT
from emotionmap_runtime.errors import from_rpc_error
from emotionmap_runtime.telemetry import Metrics
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.contract.audio_fakes import (
    BrokenModel,
    FakeModel,
    OtherModel,
    answers,
    audio,
    config,
    ranges_s,
    raw,
    serving,
    silence,
    voice,
)
from tests.contract.fake_models import SAD


async def test_the_model_then_one_answer_per_interval_in_order():
    async with serving() as channel:
        first, *rest = await answers(channel, [config(end_s=3.5), audio(0, voice(3.5))])
    assert first.model.name == "fake"
    assert ranges_s(rest) == [(0, 1), (1, 2), (2, 3), (3, 3.5)]
    assert all(list(a.interval.emotions.probabilities) == pytest.approx(SAD) for a in rest)
    assert all(a.interval.speech == 1 for a in rest)


async def test_silence_has_no_emotions():
    async with serving() as channel:
        sound = np.concatenate([voice(1), silence(3)])
        [_, spoken, *silent] = await answers(channel, [config(), audio(0, sound)])
    assert spoken.interval.HasField("emotions")
    assert all(a.interval.speech < 0.1 for a in silent)
    assert not any(a.interval.HasField("emotions") for a in silent)


async def test_sound_that_is_missing_counts_as_silence():
    async with serving() as channel:
        [_, *none] = await answers(channel, [config(start_s=4, end_s=8)])
        [_, *late] = await answers(channel, [config(), audio(2, voice(1))])
        [_, *after] = await answers(channel, [config(), audio(7, voice(1))])
    assert ranges_s(none) == [(4, 5), (5, 6), (6, 7), (7, 8)]
    assert [a.interval.speech for a in none + after] == [0] * 8
    assert [round(a.interval.speech) for a in late] == [0, 0, 1, 0]


async def test_sound_outside_the_range_is_context_alone():
    async with serving() as channel:
        request = [config(start_s=2, end_s=4), audio(0, voice(6))]
        [_, *rest] = await answers(channel, request)
    assert ranges_s(rest) == [(2, 3), (3, 4)]


async def test_an_interval_is_answered_once_its_context_is_complete():
    async with serving() as channel:
        call = audio_service_pb2_grpc.AudioServiceStub(channel).AnalyzeSpeech()
        await call.write(config(end_s=100))
        await call.read()
        await call.write(audio(0, voice(2.1)))
        assert ranges_s([await call.read()]) == [(0, 1)]
        await call.write(audio(2.1, voice(1)))
        assert ranges_s([await call.read()]) == [(1, 2)]
        call.cancel()


@pytest.mark.parametrize(("interval_s", "count"), [(0.2, 20), (0.5, 8), (2.0, 2), (10.0, 1)])
async def test_intervals_of_any_length(interval_s, count):
    async with serving() as channel:
        request = [config(interval_s=interval_s), audio(0, voice(4))]
        [_, *rest] = await answers(channel, request)
    assert len(rest) == count
    assert all(a.interval.HasField("emotions") for a in rest)


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], "CONFIG_MISSING"),
        ([audio(0, voice(1))], "CONFIG_MISSING"),
        ([config(), config()], "CONFIG_MISSING"),
        ([config(), pb.AnalyzeSpeechRequest()], "CONFIG_MISSING"),
        ([config(segment_id="")], "CONFIG_INVALID"),
        ([config(segment_id="a_b")], "CONFIG_INVALID"),
        ([config(end_s=0)], "CONFIG_INVALID"),
        ([config(end_s=121)], "CONFIG_INVALID"),
        ([config(start_s=-1)], "CONFIG_INVALID"),
        ([config(start_s=0.5)], "CONFIG_INVALID"),
        ([config(interval_s=0.1)], "CONFIG_INVALID"),
        ([config(interval_s=11)], "CONFIG_INVALID"),
        ([config(interval_s=2, context_s=1)], "CONFIG_INVALID"),
        ([config(context_s=11)], "CONFIG_INVALID"),
        ([config(model="x" * 129)], "CONFIG_INVALID"),
        ([config(), raw(b"123")], "AUDIO_INVALID"),
        ([config(), raw(bytes(2**20 + 2))], "AUDIO_INVALID"),
        ([config(), audio(0, voice(1)), audio(1.1, voice(1))], "AUDIO_INVALID"),
        ([config(), audio(0, voice(1)), audio(0.9, voice(1))], "AUDIO_INVALID"),
    ],
)
async def test_each_error_has_its_reason(requests, reason):
    async with serving() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(channel, requests)
    error = from_rpc_error(caught.value)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)


async def test_what_a_broken_model_says_stays_inside():
    async with serving(BrokenModel()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(channel, [config(), audio(0, voice(4))])
    assert from_rpc_error(caught.value).reason == "INTERNAL"
    assert "secret" not in str(caught.value)


LONG = [
    config(end_s=100),
    *(audio(second, voice(10)) for second in range(0, 100, 10)),
]


async def test_a_full_queue_refuses_and_says_when_to_retry():
    model = FakeModel(is_open=False)
    async with serving(model, max_queue=INTERVALS_IN_FLIGHT, max_batch=1) as channel:
        stub = audio_service_pb2_grpc.AudioServiceStub(channel)
        first = aiter(stub.AnalyzeSpeech(iter(LONG)))
        assert (await anext(first)).WhichOneof("payload") == "model"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.AnalyzeSpeech().read()  # before it has sent anything
        model.is_open.set()
        error = from_rpc_error(caught.value)
        assert (error.code.name, error.reason) == ("RESOURCE_EXHAUSTED", "QUEUE_FULL")
        assert error.retry_after is not None
        assert len([answer async for answer in first]) == 100
        assert len(await answers(channel, LONG)) == 101


async def test_one_stream_alone_never_fills_the_queue():
    model = FakeModel(is_open=False)
    async with serving(model, max_queue=INTERVALS_IN_FLIGHT, max_batch=1) as channel:
        stream = asyncio.create_task(answers(channel, LONG))
        await asyncio.to_thread(model.has_begun.wait)
        model.is_open.set()
        assert len(await stream) == 101


async def test_streams_share_batches():
    model, metrics = FakeModel(), Metrics.create()
    async with serving(model, metrics=metrics, max_wait_ms=500, max_batch=8) as channel:
        request = [config(end_s=1), audio(0, voice(1))]
        await asyncio.gather(*(answers(channel, request) for _ in range(8)))
    assert sum(model.batches) == 8
    assert max(model.batches) > 1
    assert metrics.registry.get_sample_value("em_batch_size_count") == len(model.batches)


async def test_a_cancelled_stream_leaves_the_server_well():
    model, metrics = FakeModel(is_open=False), Metrics.create()
    async with serving(model, metrics=metrics, max_batch=1) as channel:
        stream = asyncio.create_task(answers(channel, LONG))
        await asyncio.to_thread(model.has_begun.wait)
        stream.cancel()
        await asyncio.wait([stream])
        model.is_open.set()
        assert len(await answers(channel, [config(), audio(0, voice(4))])) == 5
    labels = {"method": "/emotionmap.v1.AudioService/AnalyzeSpeech", "code": "CANCELLED"}
    assert metrics.registry.get_sample_value("em_requests_total", labels) == 1


@pytest.mark.parametrize(("name", "mood"), [("", 4), ("fake", 4), ("other", 0)])
async def test_a_stream_is_scored_by_the_model_that_it_names(name, mood):
    async with serving(FakeModel(), OtherModel()) as channel:
        requests = [config(end_s=1, model=name), audio(0, voice(1))]
        first, answer = await answers(channel, requests)
    assert first.model.name == (name or "fake")
    assert np.argmax(answer.interval.emotions.probabilities) == mood


async def test_each_model_has_batches_of_its_own():
    models = FakeModel(), OtherModel()
    async with serving(*models, max_wait_ms=300) as channel:
        requests = [
            [config(end_s=1, model=name), audio(0, voice(1))] for name in ("fake", "other", "other")
        ]
        await asyncio.gather(*(answers(channel, each) for each in requests))
    assert [sum(model.batches) for model in models] == [1, 2]


async def test_an_unknown_model_is_refused_naming_the_known_ones():
    async with serving(FakeModel(), OtherModel()) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match="'x'; it has fake, other") as caught:
            await answers(channel, [config(model="x")])
    error = from_rpc_error(caught.value)
    assert (error.code.name, error.reason) == ("UNIMPLEMENTED", "MODEL_UNAVAILABLE")


async def test_all_models_are_named_the_default_first():
    async with serving(OtherModel(), FakeModel()) as channel:
        stub = audio_service_pb2_grpc.AudioServiceStub(channel)
        answer = await stub.GetVoiceModel(pb.GetVoiceModelRequest())
    assert [model.name for model in answer.models] == ["other", "fake"]
    assert answer.model == answer.models[0]


async def test_the_model_is_named():
    async with serving() as channel:
        stub = audio_service_pb2_grpc.AudioServiceStub(channel)
        answer = await stub.GetVoiceModel(pb.GetVoiceModelRequest())
    assert list(answer.model.emotions) == [emotion_pb2.EMOTION_ANGER, emotion_pb2.EMOTION_SADNESS]
    assert dict(answer.model.metrics) == {"set/uar": 0.5}
    assert answer.model.sha256 == "0" * 64


async def test_health_is_serving_and_the_model_counts_as_loaded():
    metrics = Metrics.create()
    async with serving(metrics=metrics) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    assert metrics.registry.get_sample_value("em_model_loaded") == 1
