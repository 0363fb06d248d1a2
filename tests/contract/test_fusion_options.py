"""Strategies, smoothing and hysteresis of every FusionService, over a real socket."""

from __future__ import annotations

from contextlib import asynccontextmanager

import grpc
import pytest
from emotionmap.v1 import audio_service_pb2, emotion_pb2, face_service_pb2, timeline_pb2
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc as pb_grpc
from emotionmap_fusion.calibration import read_calibration
from emotionmap_fusion.servicer import FusionServicer
from emotionmap_runtime.channel import open_channel
from emotionmap_runtime.errors import from_rpc_error
from emotionmap_runtime.server import serving
from google.protobuf.duration_pb2 import Duration

HAPPY, SAD = emotion_pb2.EMOTION_HAPPY, emotion_pb2.EMOTION_SADNESS
UNSURE = emotion_pb2.EMOTION_UNSPECIFIED
BOX = emotion_pb2.BoundingBox(left=0.25, top=0.25, right=0.5, bottom=0.5)
FLOAT32 = 1e-6  # rounding of a probability on the wire
S = 1_000_000_000


@asynccontextmanager
async def fusion():
    """A stub of a running service, behind a channel with the product's limits."""
    servicer = FusionServicer(reliability=read_calibration().strategy())

    def add(server):
        pb_grpc.add_FusionServiceServicer_to_server(servicer, server)

    async with (
        serving(add, port=0, grace_s=0) as port,
        open_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield pb_grpc.FusionServiceStub(channel)


def at(time_ns):
    return Duration(seconds=time_ns // S, nanos=time_ns % S)


def leaning(happy, sad):
    rest = (1 - happy - sad) / 5
    shares = [rest, rest, rest, happy, sad, rest, rest]
    return emotion_pb2.EmotionDistribution(probabilities=shares)


def interval(index, scores):
    span = emotion_pb2.TimeRange(start_offset=at(index * S), end_offset=at((index + 1) * S))
    best = max(scores.probabilities) if scores else 0
    emotion = scores.probabilities[:].index(best) + 1 if scores else UNSURE
    return timeline_pb2.Interval(range=span, emotion=emotion, confidence=best, scores=scores)


async def summarize(intervals, **options):
    def requests():
        config = pb.SummarizeTimelineConfig(options=pb.FusionOptions(**options))
        yield pb.SummarizeTimelineRequest(config=config)
        for message in intervals:
            yield pb.SummarizeTimelineRequest(interval=message)

    async with fusion() as stub:
        return await stub.SummarizeTimeline(requests())


SECOND = emotion_pb2.TimeRange(start_offset=at(0), end_offset=at(S))


def fuse_config(**options):
    config = pb.FuseTimelineConfig(
        segment_id="a/1",
        range=SECOND,
        options=pb.FusionOptions(**options),
        expects_faces=True,
        expects_speech=True,
    )
    return pb.FuseTimelineRequest(config=config)


async def fuse(*requests):
    async with fusion() as stub:
        return [response.interval async for response in stub.FuseTimeline(iter(requests))]


async def fuse_second(face, voice, **options):
    found = face_service_pb2.Face(box=BOX, emotions=face, track=1, quality=1)
    frame = face_service_pb2.FrameFaces(time_offset=at(0), faces=[found])
    speech = audio_service_pb2.SpeechInterval(range=SECOND, speech=1, emotions=voice)
    frames = face_service_pb2.FrameFacesBatch(frames=[frame])
    requests = pb.FuseTimelineRequest(frames=frames), pb.FuseTimelineRequest(speech=speech)
    [interval] = await fuse(fuse_config(**options), *requests)
    return interval


FLICKER = [leaning(0.7, 0.2)] * 2 + [leaning(0.35, 0.4)] + [leaning(0.7, 0.2)] * 2


def flicker():
    return [interval(index, scores) for index, scores in enumerate(FLICKER)]


@pytest.mark.parametrize("options", [{}, {"strategy": pb.FUSION_STRATEGY_WEIGHTED_MEAN}])
async def test_the_weighted_mean_is_the_default(options) -> None:
    fused = await fuse_second(leaning(0.6, 0.3), leaning(0.8, 0.1), **options)
    assert fused.confidence == pytest.approx(0.55 * 0.6 + 0.45 * 0.8, abs=FLOAT32)


async def test_reliability_is_surer_where_both_agree() -> None:
    reliability = {"strategy": pb.FUSION_STRATEGY_RELIABILITY}
    fused = await fuse_second(leaning(0.6, 0.3), leaning(0.8, 0.1), **reliability)
    assert (fused.emotion, fused.evidence) == (HAPPY, emotion_pb2.EVIDENCE_BOTH)
    assert fused.confidence > 0.8
    assert sum(fused.scores.probabilities) == pytest.approx(1, abs=1e-5)
    # What each model said stays what it said.
    assert fused.face.scores.probabilities[3] == pytest.approx(0.6, abs=FLOAT32)


@pytest.mark.parametrize(
    "options", [{"strategy": 99}, {"smoothing": 0.96}, {"hysteresis": -0.1}, {"smoothing": -1}]
)
async def test_unknown_strategies_and_steps_out_of_range_are_refused(options) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await fuse(fuse_config(**options))
    assert from_rpc_error(caught.value).reason == "CONFIG_INVALID"


async def test_a_summary_refuses_smoothing_out_of_range() -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await summarize([], smoothing=1)
    assert from_rpc_error(caught.value).reason == "CONFIG_INVALID"


async def test_nothing_is_decided_anew_unless_asked_for() -> None:
    summary = await summarize(flicker(), confidence_floor=0.9)
    assert not summary.smoothed
    assert summary.analytics.switches == 2


async def test_smoothing_decides_anew_and_the_figures_follow() -> None:
    summary = await summarize(flicker(), smoothing=0.5)
    assert [decision.emotion for decision in summary.smoothed] == [HAPPY] * 5
    assert summary.analytics.switches == 0
    assert summary.analytics.longest_streak.range.end_offset == at(5 * S)
    plain = await summarize(flicker())
    assert 0 < summary.analytics.volatility < plain.analytics.volatility


async def test_hysteresis_alone_changes_labels_and_no_scores() -> None:
    summary = await summarize(flicker(), hysteresis=0.1)
    middle = summary.smoothed[2]
    assert (middle.emotion, middle.confidence) == (HAPPY, pytest.approx(0.35, abs=FLOAT32))
    assert middle.scores.probabilities == pytest.approx(FLICKER[2].probabilities, abs=FLOAT32)
    assert summary.analytics.switches == 0


async def test_intervals_without_evidence_stay_unsure() -> None:
    scores = [leaning(0.9, 0.05), None, leaning(0.05, 0.9), leaning(0.25, 0.2)]
    messages = [interval(index, own) for index, own in enumerate(scores)]
    summary = await summarize(messages, smoothing=0.1, hysteresis=0.2, confidence_floor=0.5)
    assert [decision.emotion for decision in summary.smoothed] == [HAPPY, UNSURE, SAD, UNSURE]
    gap, weak = summary.smoothed[1], summary.smoothed[3]
    assert (gap.confidence, gap.HasField("scores")) == (0, False)
    assert 0 < weak.confidence < 0.5
