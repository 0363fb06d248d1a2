"""A segment holds exactly what decoding the whole file gives for its range."""

from __future__ import annotations

import gc
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from emotionmap_media.budget import Abandoned, Budget
from emotionmap_media.clock import Span
from emotionmap_media.decode import (
    CHUNK_SAMPLES,
    GrayFrame,
    SegmentSpec,
    SoundChunk,
    decode_segment,
)
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, full_luma, make

LUMA_TOLERANCE = 3
"""Loss of the codec."""
RATE_HZ = 16_000


def pieces(
    path, limits, start, end, *, fps=15, margin=0, width=640, interval=1, budget=None, **what
):
    spec = SegmentSpec(
        Span(Fraction(start), Fraction(end)),
        Fraction(fps),
        width,
        Fraction(margin),
        Fraction(interval),
        **what,
    )
    return list(decode_segment(path, spec, limits=limits, budget=budget or Budget(60)))


def frames(found):
    return [piece for piece in found if isinstance(piece, GrayFrame)]


def pcm(found):
    """Return the first sample's number and all samples, int16 [T]."""
    chunks = [piece for piece in found if isinstance(piece, SoundChunk)]
    first = int(chunks[0].time * RATE_HZ) if chunks else 0
    return first, np.frombuffer(b"".join(chunk.pcm for chunk in chunks), np.int16)


def lumas(found):
    return [frame.gray[-1] for frame in frames(found)]


def is_picture(value, index):
    return abs(value - full_luma(index)) <= LUMA_TOLERANCE


LONG = Clip(seconds=8, gop=40)
FILES = {
    "a.mp4": LONG,
    "a.mkv": LONG,
    "a.ts": LONG,
    "a.flv": Clip(seconds=8, gop=40, audio_codec="libmp3lame", audio_rate_hz=44_100),
    "rate.mkv": Clip(seconds=8, gop=40, audio_rate_hz=44_100),
    "fragments.mp4": Clip(seconds=8, gop=40, options={"movflags": "frag_keyframe+empty_moov"}),
    "a.mpg": Clip(video_codec="mpeg2video", audio_codec="mp2", fps=Fraction(25), seconds=8, gop=12),
    "one.mpg": Clip(
        video_codec="mpeg1video", audio_codec="mp2", fps=Fraction(25), seconds=8, gop=12
    ),
    "a.avi": Clip(video_codec="mpeg4", audio_codec="libmp3lame", seconds=8, gop=40),
    "a.webm": Clip(video_codec="libvpx", audio_codec="libopus", b_frames=0, seconds=8, gop=40),
    "live.webm": Clip(
        video_codec="libvpx",
        audio_codec="libopus",
        b_frames=0,
        seconds=8,
        options={"live": "1"},
    ),
    "a.mov": Clip(audio_codec="pcm_s16le", seconds=8, gop=40),
    "hevc.mp4": Clip(video_codec="libx265", seconds=4),
    "a.gif": Clip(video_codec="gif", audio_codec=None, pix_fmt="rgb8", fps=Fraction(10), seconds=8),
    "a.m2v": Clip(video_codec="mpeg2video", audio_codec=None, fps=Fraction(25), seconds=8, gop=12),
    "a.h264": Clip(audio_codec=None, seconds=4),
    "a.wav": Clip(video_codec=None, audio_codec="pcm_s16le", seconds=8),
    "a.mp3": Clip(video_codec=None, audio_codec="libmp3lame", seconds=8),
    "a.flac": Clip(video_codec=None, audio_codec="flac", seconds=8),
    "a.opus": Clip(video_codec=None, audio_codec="libopus", seconds=8),
}
SPANS = [(0, 2), (2, 3), (3, 5), (Fraction(10, 3), Fraction(37, 7)), (5, 8), (6, 7)]


@pytest.mark.parametrize("name", FILES)
def test_a_segment_equals_its_part_of_the_whole(tmp_path, limits, name):
    path = make(tmp_path / name, FILES[name])
    whole = pieces(path, limits, 0, 100)
    first, samples = pcm(whole)
    for start, end in SPANS:
        if end > FILES[name].seconds:
            continue
        part = pieces(path, limits, start, end)
        assert frames(part) == [one for one in frames(whole) if start <= one.time < end]
        low, high = (max(0, ceil(at * RATE_HZ) - first) for at in (start, end))
        assert np.array_equal(pcm(part)[1], samples[low:high])
        assert not part[-1].is_truncated


def test_segments_with_margins_overlap_in_equal_sound(tmp_path, limits):
    path = make(tmp_path / "a.mp4", LONG)
    first, samples = pcm(pieces(path, limits, 4, 5, margin=Fraction(3, 2)))
    assert (first, len(samples)) == (int(2.5 * RATE_HZ), 4 * RATE_HZ)
    assert np.array_equal(samples, pcm(pieces(path, limits, 0, 9))[1][40_000:104_000])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_picture_on_screen_is_sampled(tmp_path, limits, name):
    found = pieces(make(tmp_path / name), limits, 1, 2)
    assert [frame.time for frame in frames(found)] == [1 + Fraction(i, 15) for i in range(15)]
    assert all(is_picture(value, 30 + 2 * i) for i, value in enumerate(lumas(found)))


def test_changing_frame_rates_keep_their_times(tmp_path, limits):
    times = tuple(Fraction(t) for t in ("0", "0.1", "0.15", "0.7", "1.5", "2.9"))
    path = make(tmp_path / "a.mp4", Clip(video_times=times, audio_codec=None))
    found = frames(pieces(path, limits, 0, 3))
    for frame in found:
        on_screen = max(i for i, t in enumerate(times) if t <= frame.time)
        assert is_picture(frame.gray[-1], on_screen)
    assert [frame.time for frame in found][-3:] == [Fraction(23, 15), Fraction(2), Fraction(44, 15)]


def test_a_still_gives_one_frame_an_interval(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(video_times=(Fraction(0), Fraction(4)), audio_codec=None))
    assert [float(frame.time) for frame in frames(pieces(path, limits, 1, 4))] == [1, 2, 3]
    finer = frames(pieces(path, limits, 1, 2, interval=Fraction(1, 5)))
    assert [float(frame.time) for frame in finer] == pytest.approx([1, 1.2, 1.4, 1.6, 1.8])


def test_streams_that_start_later_leave_their_beginning_empty(tmp_path, limits):
    late_sound = make(tmp_path / "a.mkv", Clip(audio_start=Fraction(1), audio_seconds=1))
    first, samples = pcm(pieces(late_sound, limits, 0, 3))
    assert first == pytest.approx(RATE_HZ, abs=500)
    assert len(samples) == pytest.approx(RATE_HZ, abs=700)
    late_video = make(tmp_path / "b.mp4", Clip(video_start=Fraction(1, 2)))
    assert frames(pieces(late_video, limits, 0, 1))[0].time == Fraction(8, 15)


def test_a_burst_is_heard_when_it_sounds(tmp_path, limits):
    _, samples = pcm(pieces(make(tmp_path / "a.mp4"), limits, 0, 3))
    loud = np.abs(samples.astype(int)) > 8000
    for second in range(3):
        start = second * RATE_HZ
        assert loud[start : start + 800].mean() > 0.5
        assert loud[start + 1000 : start + 15_000].mean() == 0


@pytest.mark.parametrize(("what", "frame_count", "sample_count"), [
    ({"with_video": False}, 0, 16_000), ({"with_audio": False}, 15, 0),
    ({"with_video": False, "with_audio": False}, 0, 0),
])  # fmt: skip
def test_streams_can_be_left_out(tmp_path, limits, what, frame_count, sample_count):
    summary = pieces(make(tmp_path / "a.mp4"), limits, 1, 2, **what)[-1]
    assert (summary.frames, summary.samples) == (frame_count, sample_count)


def test_pictures_and_sound_come_roughly_in_time_order(tmp_path, limits):
    reached, behind = Fraction(0), Fraction(CHUNK_SAMPLES, RATE_HZ) + Fraction(1, 2)
    for piece in pieces(make(tmp_path / "a.mp4", LONG), limits, 0, 8)[:-1]:
        assert piece.time > reached - behind
        reached = max(reached, piece.time)


def test_a_time_behind_the_end_is_an_error(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=2))
    for start in (2, 50):
        with pytest.raises(ServiceError) as caught:
            pieces(path, limits, start, start + 1)
        assert caught.value.reason == "OFFSET_PAST_END"


def test_sound_that_outlasts_the_pictures_has_segments(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=1, audio_seconds=4))
    summary = pieces(path, limits, 2, 3)[-1]
    assert (summary.frames, summary.samples) == (0, RATE_HZ)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_cut_off_file_gives_what_there_is_and_says_so(tmp_path, limits, name):
    clip = FILES[name]
    path = make(tmp_path / name, Clip(
        video_codec=clip.video_codec, audio_codec=clip.audio_codec, seconds=8,
        options={"movflags": "faststart"} if name == "a.mp4" else {},
    ))  # fmt: skip
    whole = pieces(path, limits, 0, 8)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    cut = pieces(path, limits, 0, 8)
    assert cut[-1].is_truncated
    assert 20 < cut[-1].frames < whole[-1].frames
    assert frames(cut)[:20] == frames(whole)[:20]
    assert not pieces(path, limits, 0, 1)[-1].is_truncated


def test_damage_in_the_middle_costs_little(tmp_path, limits):
    path = make(tmp_path / "a.mkv", LONG)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    assert pieces(path, limits, 0, 8)[-1].frames > 80


def test_time_and_readers_end_a_decode(tmp_path, limits):
    path = make(tmp_path / "a.mp4")
    with pytest.raises(ServiceError) as caught:
        pieces(path, limits, 0, 1, budget=Budget(-1))
    assert caught.value.reason == "DECODE_TIMEOUT"
    left = Budget(60)
    left.abandon()
    with pytest.raises(Abandoned):
        pieces(path, limits, 0, 1, budget=left)


def test_a_decode_leaves_nothing_for_the_collector(tmp_path, limits):
    path = make(tmp_path / "a.mp4")
    pieces(path, limits, 0, 1)
    gc.collect()
    gc.disable()
    try:
        pieces(path, limits, 0, 2)
        assert gc.collect() == 0
    finally:
        gc.enable()
