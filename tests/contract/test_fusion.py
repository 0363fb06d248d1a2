"""What every FusionService must do, over a real socket, with the real interceptors."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise

import grpc
import pytest
from emotionmap.v1 import audio_service_pb2, emotion_pb2, face_service_pb2, timeline_pb2
from emotionmap.v1 import fusion_service_pb2 as pb
from emotionmap.v1 import fusion_service_pb2_grpc as pb_grpc
from emotionmap_fusion.calibration import read_calibration
from emotionmap_fusion.servicer import FusionServicer
from emotionmap_runtime.errors import from_rpc_error
from emotionmap_runtime.server import serving
from google.protobuf.duration_pb2 import Duration

FLOAT32 = 1e-6  # rounding of a probability on the wire
HAPPY = emotion_pb2.EmotionDistribution(probabilities=[0, 0, 0, 1, 0, 0, 0])
SAD = emotion_pb2.EmotionDistribution(probabilities=[0, 0, 0, 0, 1, 0, 0])
BOX = emotion_pb2.BoundingBox(left=0.25, top=0.25, right=0.5, bottom=0.5)


@asynccontextmanager
async def fusion():
    """A stub of a running service."""

    servicer = FusionServicer(reliability=read_calibration().strategy())

    def add(server):
        pb_grpc.add_FusionServiceServicer_to_server(servicer, server)

    async with (
        serving(add, port=0, grace_s=0) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield pb_grpc.FusionServiceStub(channel)


def seconds(value):
    duration = Duration()
    duration.FromNanoseconds(round(value * 1e9))
    return duration


def time_range(start_s, end_s):
    return emotion_pb2.TimeRange(start_offset=seconds(start_s), end_offset=seconds(end_s))


def fuse_config(start_s=12, end_s=14.5, **fields):
    fields = {"expects_faces": True, "expects_speech": True} | fields
    return pb.FuseTimelineRequest(
        config=pb.FuseTimelineConfig(segment_id="a/1", range=time_range(start_s, end_s), **fields)
    )


def frame_faces(time_s, *emotions, track=1):
    found = [face_service_pb2.Face(box=BOX, emotions=e, track=track, quality=1) for e in emotions]
    return face_service_pb2.FrameFaces(time_offset=seconds(time_s), faces=found)


def batch(*frames):
    return pb.FuseTimelineRequest(frames=face_service_pb2.FrameFacesBatch(frames=frames))


def faces(time_s, *emotions, track=1):
    return batch(frame_faces(time_s, *emotions, track=track))


def speech(start_s, end_s, share=1.0, emotions=SAD):
    return pb.FuseTimelineRequest(
        speech=audio_service_pb2.SpeechInterval(
            range=time_range(start_s, end_s), speech=share, emotions=emotions
        )
    )


async def fuse(*requests):
    async with fusion() as stub:
        return [response.interval async for response in stub.FuseTimeline(iter(requests))]


def summary_config(*borders_s):
    segments = [time_range(a, b) for a, b in pairwise(borders_s)]
    return pb.SummarizeTimelineRequest(config=pb.SummarizeTimelineConfig(segments=segments))


async def summarize(*requests):
    async with fusion() as stub:
        return await stub.SummarizeTimeline(iter(requests))


async def test_faces_and_voices_become_intervals() -> None:
    both, face, nothing = await fuse(
        fuse_config(),
        faces(12.0, HAPPY),
        faces(13.0, HAPPY),
        speech(12, 13),
        speech(13, 14, share=0.0, emotions=None),
        faces(14.2),
    )
    assert both.emotion == emotion_pb2.EMOTION_HAPPY
    assert both.confidence == pytest.approx(0.55, abs=FLOAT32)
    assert [i.evidence for i in (both, face, nothing)] == [
        emotion_pb2.EVIDENCE_BOTH,
        emotion_pb2.EVIDENCE_FACE,
        emotion_pb2.EVIDENCE_NONE,
    ]
    assert nothing.range == time_range(14, 14.5)
    assert nothing.emotion == emotion_pb2.EMOTION_UNSPECIFIED
    assert not nothing.HasField("scores")


async def test_a_batch_may_span_intervals() -> None:
    times_s = (12.0, 12.5, 13.0, 13.9, 14.2)
    intervals = await fuse(fuse_config(), batch(*(frame_faces(t, HAPPY) for t in times_s)))
    assert [interval.face.frames for interval in intervals] == [2, 2, 1]


async def test_tracks_carry_the_segment() -> None:
    [interval, *_] = await fuse(fuse_config(), faces(12.1, HAPPY, track=3))
    [track] = interval.tracks
    assert (track.track_id, track.frames) == ("a/1/t3", 1)
    assert track.first_box == track.last_box == track.best_box == BOX
    assert track.best_offset == seconds(12.1)


async def test_an_interval_is_sent_before_the_requests_end() -> None:
    async with fusion() as stub:
        call = stub.FuseTimeline()
        for request in (fuse_config(expects_speech=False), faces(12.0, HAPPY), faces(13.0, HAPPY)):
            await call.write(request)
        first = await asyncio.wait_for(call.read(), timeout=10)
        assert first.interval.range == time_range(12, 13)
        await call.done_writing()
        assert (await call.read()).interval.range == time_range(13, 14)


async def test_a_voice_without_surprise_does_not_hold_it_down() -> None:
    surprise = emotion_pb2.EmotionDistribution(probabilities=[0, 0, 0, 0, 0, 1, 0])
    voice = [1, 2, 3, 4, 5, 7]
    [interval, *_] = await fuse(
        fuse_config(voice_emotions=voice), faces(12.0, surprise), speech(12, 13)
    )
    assert interval.emotion == emotion_pb2.EMOTION_SURPRISE
    assert interval.confidence == 1.0
    assert interval.evidence == emotion_pb2.EVIDENCE_BOTH


CONFIG_LATE = [fuse_config(), faces(12.0), fuse_config()]


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], "CONFIG_MISSING"),
        ([faces(12.0)], "CONFIG_MISSING"),
        (CONFIG_LATE, "CONFIG_MISSING"),
        ([fuse_config(), pb.FuseTimelineRequest()], "CONFIG_MISSING"),
        ([fuse_config(start_s=12.5)], "CONFIG_INVALID"),
        ([fuse_config(), faces(11.9)], "EVIDENCE_INVALID"),
        ([fuse_config(), faces(12.5), faces(12.5)], "EVIDENCE_INVALID"),
        ([fuse_config(), batch(frame_faces(12.5), frame_faces(12.5))], "EVIDENCE_INVALID"),
        ([fuse_config(), speech(12, 13.5)], "EVIDENCE_INVALID"),
    ],
)
async def test_what_cannot_be_fused_is_refused(requests, reason) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await fuse(*requests)
    error = from_rpc_error(caught.value)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)


async def test_a_summary_joins_people_and_adds_up() -> None:
    """Two segments fused on their own; one face all along is one person."""
    intervals = []
    for start_s in (0, 2):
        frames = [faces(start_s + i / 5, HAPPY) for i in range(10)]
        config = fuse_config(start_s, start_s + 2, expects_speech=False)
        config.config.segment_id = f"a/{start_s}"
        intervals += await fuse(config, *frames)
    requests = [pb.SummarizeTimelineRequest(interval=interval) for interval in intervals]
    summary = await summarize(summary_config(0, 2, 4), *requests)
    [person] = summary.people
    assert person.id == "p1"
    assert [i.emotion for i in person.intervals] == [emotion_pb2.EMOTION_HAPPY] * 4
    assert person.thumbnail_box == BOX
    happy = summary.analytics.shares[0]
    assert (happy.emotion, happy.seconds, happy.share) == (emotion_pb2.EMOTION_HAPPY, 4, 1)
    assert list(summary.analytics.top) == [emotion_pb2.EMOTION_HAPPY]
    assert summary.analytics.longest_streak.range == time_range(0, 4)
    assert summary.analytics.average_run_s == 4


def plain(start_s, end_s):
    return pb.SummarizeTimelineRequest(
        interval=timeline_pb2.Interval(range=time_range(start_s, end_s))
    )


async def test_a_summary_of_nothing_sure_is_unsure() -> None:
    summary = await summarize(summary_config(0, 2), plain(0, 1), plain(1, 2))
    assert summary.analytics.shares[0].emotion == emotion_pb2.EMOTION_UNSPECIFIED
    assert summary.analytics.shares[0].share == 1
    assert not summary.analytics.HasField("longest_streak")
    assert not summary.people


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], "CONFIG_MISSING"),
        ([plain(0, 1)], "CONFIG_MISSING"),
        ([summary_config(), plain(0, 1), summary_config()], "CONFIG_MISSING"),
        ([summary_config(0, 2, 1), plain(0, 1)], "CONFIG_INVALID"),
        ([summary_config()], "INTERVALS_INVALID"),
        ([summary_config(), plain(1, 2)], "INTERVALS_INVALID"),
        ([summary_config(), plain(0, 1), plain(1.5, 2)], "INTERVALS_INVALID"),
        ([summary_config(), plain(0, 0)], "INTERVALS_INVALID"),
    ],
)
async def test_what_cannot_be_summarised_is_refused(requests, reason) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await summarize(*requests)
    error = from_rpc_error(caught.value)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
