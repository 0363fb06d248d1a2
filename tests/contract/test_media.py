"""What MediaService must do, over a real socket, with the real interceptors."""

from __future__ import annotations

import asyncio
import threading
from fractions import Fraction

import grpc
import pytest
from emotionmap.v1 import emotion_pb2
from emotionmap.v1 import media_service_pb2 as pb
from emotionmap_media.clock import from_duration, to_duration
from emotionmap_runtime.errors import from_rpc_error
from google.protobuf.duration_pb2 import Duration

from tests.contract.media_calls import KEY, ranges, segment, span, stub_for
from tests.unit.media.clips import Clip, make

CLIP = Clip(seconds=4)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    objects = folder / "objects" / "uploads"
    objects.mkdir(parents=True)
    make(objects / "clip.mp4", CLIP)
    make(objects / "blind.mp4", Clip(video_codec=None))
    (objects / "empty.mp4").write_bytes(b"")
    (objects / "text.mp4").write_bytes(b"not a video\n" * 100)
    return folder


async def test_a_probe_describes_and_plans(data_dir):
    async with stub_for(data_dir) as stub:
        answer = await stub.ProbeMedia(
            pb.ProbeMediaRequest(media_key=KEY, segment=Duration(seconds=2))
        )
    info = answer.info
    assert (info.width_px, info.height_px, info.video_codec) == (96, 64, "h264")
    assert (info.frame_rate.numerator, info.frame_rate.denominator) == (30, 1)
    ends = [from_duration(one.end_offset) for one in answer.segments]
    assert ends == [2, from_duration(info.duration)]


async def test_a_growing_file_is_told_of_as_far_as_it_is_there(data_dir):
    clip = Clip(seconds=8, options={"movflags": "faststart"})
    path = make(data_dir / "objects/uploads/growing.mp4", clip)
    total = path.stat().st_size
    growing = pb.GrowingMedia(readable_bytes=round(0.7 * total), total_bytes=total)
    wanted = {"media_key": "uploads/growing.mp4", "segment": Duration(seconds=2)}
    async with stub_for(data_dir) as stub:
        whole = await stub.ProbeMedia(pb.ProbeMediaRequest(**wanted))
        early = await stub.ProbeMedia(pb.ProbeMediaRequest(**wanted, growing=growing))
        first = segment(0, 2, "uploads/growing.mp4", growing=growing)
        answers = [answer async for answer in stub.DecodeSegment(first)]
        last = segment(6, 8, "uploads/growing.mp4", growing=growing)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            [answer async for answer in stub.DecodeSegment(last)]
    assert (early.info, list(early.segments)) == (whole.info, list(whole.segments))
    assert not whole.segment_end_bytes
    assert early.segment_end_bytes[0] < growing.readable_bytes < early.segment_end_bytes[-1]
    assert not answers[-1].summary.truncated
    assert from_rpc_error(caught.value).reason == "MEDIA_INCOMPLETE"


async def test_a_plan_grows_with_its_file(data_dir):
    fragments = {"movflags": "frag_keyframe+empty_moov"}
    path = make(data_dir / "objects/uploads/grows.mp4", Clip(seconds=12, options=fragments))
    total = path.stat().st_size
    growing = pb.GrowingMedia(readable_bytes=round(0.8 * total), total_bytes=total)
    wanted = {"media_key": "uploads/grows.mp4"}
    async with stub_for(data_dir) as stub:
        whole = await stub.ProbeMedia(pb.ProbeMediaRequest(**wanted))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ProbeMedia(pb.ProbeMediaRequest(**wanted, growing=growing))
        early = await stub.ProbeMedia(
            pb.ProbeMediaRequest(**wanted, growing=growing, so_far=pb.PlanSoFar())
        )
        end = early.segments[-1].end_offset
        so_far = pb.PlanSoFar(segments=len(early.segments), end_offset=end)
        rest = await stub.ProbeMedia(pb.ProbeMediaRequest(**wanted, so_far=so_far))
    assert from_rpc_error(caught.value).reason == "MEDIA_INCOMPLETE"
    assert (early.info.open_ended, early.grows, len(early.segment_end_bytes)) == (True, True, 1)
    assert from_duration(end) < from_duration(early.info.duration) < 10
    assert (rest.info.open_ended, rest.grows) == (False, True)
    assert (whole.info.open_ended, whole.grows) == (False, False)
    assert [*early.segments, *rest.segments] == list(whole.segments)


@pytest.mark.parametrize("so_far", [(0, 2), (1, 0), (-1, -1)])
async def test_what_was_planned_before_must_be_possible(data_dir, so_far):
    segments, end_s = so_far
    before = pb.PlanSoFar(segments=segments, end_offset=Duration(seconds=end_s))
    async with stub_for(data_dir) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ProbeMedia(pb.ProbeMediaRequest(media_key=KEY, so_far=before))
    assert from_rpc_error(caught.value).reason == "SEGMENT_INVALID"


async def test_key_frames_are_sampled_from_everywhere(data_dir):
    request = pb.SampleKeyFramesRequest(media_key=KEY, count=4, frame_width_px=64)
    async with stub_for(data_dir) as stub:
        answers = [one async for one in stub.SampleKeyFrames(request)]
    frames = [frame for answer in answers for frame in answer.frames.frames]
    assert [from_duration(frame.time_offset) for frame in frames] == [
        Fraction(1, 2),
        Fraction(3, 2),
        Fraction(5, 2),
        Fraction(7, 2),
    ]
    assert all(len(frame.gray) == frame.width_px * frame.height_px for frame in frames)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"count": 501}, "SEGMENT_INVALID"),
        ({"count": -1}, "SEGMENT_INVALID"),
        ({"frame_width_px": 63}, "SEGMENT_INVALID"),
        ({"media_key": "uploads/blind.mp4"}, "MEDIA_NO_VIDEO"),
        ({"media_key": "uploads/none.mp4"}, "MEDIA_NOT_FOUND"),
    ],
)
async def test_key_frames_that_cannot_be_are_refused(data_dir, changes, reason):
    request = pb.SampleKeyFramesRequest(**({"media_key": KEY} | changes))
    async with stub_for(data_dir) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(aiter(stub.SampleKeyFrames(request)))
    assert from_rpc_error(caught.value).reason == reason


async def test_a_segment_streams_frames_sound_and_then_its_summary(data_dir):
    async with stub_for(data_dir) as stub:
        answers = [one async for one in stub.DecodeSegment(segment(1, 2, frame_width_px=64))]
    kinds = [one.WhichOneof("payload") for one in answers]
    assert kinds[-1] == "summary"
    batches = [one.frames.frames for one in answers if one.HasField("frames")]
    assert sum(map(len, batches)) == answers[-1].summary.frames == 15
    assert len(batches) == 2
    frame = batches[0][0]
    assert (frame.width_px, frame.height_px, len(frame.gray)) == (64, 43, 64 * 43)
    assert frame.time_offset == Duration(seconds=1)
    sound = b"".join(one.audio.pcm for one in answers if one.HasField("audio"))
    assert len(sound) == 2 * answers[-1].summary.samples == 32_000


async def test_thumbnails_come_in_order(data_dir):
    box = emotion_pb2.BoundingBox(left=0.1, top=0.1, right=0.6, bottom=0.9)
    specs = [pb.ThumbnailSpec(time_offset=to_duration(Fraction(t)), crop=box) for t in (0, 1, 1, 3)]
    request = pb.RenderThumbnailsRequest(media_key=KEY, thumbnails=specs)
    async with stub_for(data_dir) as stub:
        answers = [one async for one in stub.RenderThumbnails(request)]
    assert [one.time_offset for one in answers] == [spec.time_offset for spec in specs]
    assert all(one.jpeg.startswith(b"\xff\xd8") for one in answers)


def thumbnails(*times, key=KEY, width_px=0, **crop):
    box = emotion_pb2.BoundingBox(**crop) if crop else None
    specs = [pb.ThumbnailSpec(time_offset=to_duration(Fraction(t)), crop=box) for t in times]
    return pb.RenderThumbnailsRequest(media_key=key, thumbnails=specs, width_px=width_px)


def polished(**wish):
    style = pb.HIGHLIGHTS_STYLE_POLISHED
    return pb.CutHighlightsRequest(media_key=KEY, ranges=[span(0, 1)], style=style, **wish)


SECOND = Duration(seconds=1)
ERRORS = [
    ("ProbeMedia", pb.ProbeMediaRequest(media_key="../x"), "MEDIA_KEY_INVALID"),
    ("ProbeMedia", pb.ProbeMediaRequest(media_key="uploads/none.mp4"), "MEDIA_NOT_FOUND"),
    ("ProbeMedia", pb.ProbeMediaRequest(media_key="uploads/empty.mp4"), "MEDIA_EMPTY"),
    ("ProbeMedia", pb.ProbeMediaRequest(media_key="uploads/text.mp4"), "MEDIA_UNREADABLE"),
    ("ProbeMedia", pb.ProbeMediaRequest(media_key=KEY, interval=Duration()), "INTERVAL_INVALID"),
    ("ProbeMedia", pb.ProbeMediaRequest(media_key=KEY, segment=SECOND), "INTERVAL_INVALID"),
    ("DecodeSegment", segment(key="/x"), "MEDIA_KEY_INVALID"),
    ("DecodeSegment", segment(key="uploads/text.mp4"), "MEDIA_UNREADABLE"),
    ("DecodeSegment", pb.DecodeSegmentRequest(media_key=KEY), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(2, 1), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(-1, 1), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(frames_per_second=61), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(frames_per_second=float("nan")), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(frame_width_px=63), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(audio_margin=Duration(seconds=11)), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(interval=Duration(seconds=11)), "SEGMENT_INVALID"),
    ("DecodeSegment", segment(9, 10), "OFFSET_PAST_END"),
    ("CutHighlights", ranges(), "RANGES_INVALID"),
    ("CutHighlights", ranges((1, 1)), "RANGES_INVALID"),
    ("CutHighlights", ranges((1, 3), (0, 2)), "RANGES_INVALID"),
    ("CutHighlights", ranges((0, 2), (1, 3)), "RANGES_INVALID"),
    ("CutHighlights", polished(title="x" * 201), "RANGES_INVALID"),
    ("CutHighlights", polished(captions=[{"range": span(1, 1)}]), "RANGES_INVALID"),
    ("CutHighlights", polished(captions=[{"range": span(0, 1)}] * 2), "RANGES_INVALID"),
    (
        "CutHighlights",
        polished(captions=[{"range": span(0, 1), "color_rgb": 2**24}]),
        "RANGES_INVALID",
    ),
    ("CutHighlights", ranges((9, 10)), "OFFSET_PAST_END"),
    ("RenderThumbnails", thumbnails(), "THUMBNAILS_INVALID"),
    ("RenderThumbnails", thumbnails(*[1] * 1001), "THUMBNAILS_INVALID"),
    ("RenderThumbnails", thumbnails(2, 1), "THUMBNAILS_INVALID"),
    ("RenderThumbnails", thumbnails(1, width_px=8), "THUMBNAILS_INVALID"),
    ("RenderThumbnails", thumbnails(1, left=0.5, right=0.5, bottom=1), "THUMBNAILS_INVALID"),
    ("RenderThumbnails", thumbnails(1, key="uploads/blind.mp4"), "MEDIA_NO_VIDEO"),
    ("RenderThumbnails", thumbnails(9), "OFFSET_PAST_END"),
]


@pytest.mark.parametrize(("rpc", "request_", "reason"), ERRORS)
async def test_errors_carry_their_reason(data_dir, rpc, request_, reason):
    async with stub_for(data_dir) as stub:
        call = getattr(stub, rpc)(request_)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call if rpc == "ProbeMedia" else [one async for one in call]
    assert from_rpc_error(caught.value).reason == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"max_media_bytes": 100}, "MEDIA_TOO_LARGE"),
        ({"max_duration_s": 1}, "MEDIA_TOO_LONG"),
        ({"max_pixels": 100}, "MEDIA_TOO_LARGE"),
        ({"probe_timeout_s": 1e-9}, "DECODE_TIMEOUT"),
    ],
)
async def test_limits_are_errors(data_dir, changes, reason):
    async with stub_for(data_dir, **changes) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ProbeMedia(pb.ProbeMediaRequest(media_key=KEY))
    assert from_rpc_error(caught.value).reason == reason


async def test_a_client_that_leaves_frees_its_thread(data_dir):
    async with stub_for(data_dir) as stub:
        for _ in range(6):  # three times as many as there are threads
            call = stub.DecodeSegment(segment(frames_per_second=60))
            await anext(aiter(call))
            call.cancel()
        async with asyncio.timeout(10):
            answers = [one async for one in stub.DecodeSegment(segment(0, 1))]
    assert answers[-1].summary.frames == 15
    assert not [one for one in threading.enumerate() if one.name.startswith("media")]


async def test_many_segments_at_once(data_dir):
    async def decode(stub, start):
        return [one async for one in stub.DecodeSegment(segment(start, start + 1))]

    async with stub_for(data_dir) as stub:
        results = await asyncio.gather(*(decode(stub, i % 4) for i in range(12)))
    assert [answers[-1].summary.frames for answers in results] == [15] * 12


async def test_a_probe_does_not_wait_for_segments(data_dir):
    async with stub_for(data_dir) as stub:
        calls = [stub.DecodeSegment(segment(frames_per_second=60)) for _ in range(4)]
        await anext(aiter(calls[0]))  # nobody reads on: the threads for segments are taken
        async with asyncio.timeout(10):
            answer = await stub.ProbeMedia(pb.ProbeMediaRequest(media_key=KEY))
        for call in calls:
            call.cancel()
    assert answer.info.has_video
