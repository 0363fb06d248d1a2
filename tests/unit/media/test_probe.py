"""What a file is found to be."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.probe import describe
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, make

PACKET_S = 0.06
"""Codecs pad sound to whole packets."""

FILES = {
    "h264.mp4": Clip(),
    "h264.mkv": Clip(),
    "h264.ts": Clip(),
    "h264.flv": Clip(audio_codec="libmp3lame", audio_rate_hz=44_100),
    "hevc.mp4": Clip(video_codec="libx265"),
    "ten_bit.mkv": Clip(pix_fmt="yuv420p10le"),
    "fragments.mp4": Clip(b_frames=0, options={"movflags": "frag_keyframe+empty_moov"}),
    "mpeg2.mpg": Clip(video_codec="mpeg2video", audio_codec="mp2", fps=Fraction(25)),
    "mpeg4.avi": Clip(video_codec="mpeg4", audio_codec="libmp3lame"),
    "vp8.webm": Clip(video_codec="libvpx", audio_codec="libopus", b_frames=0),
    "silent.mp4": Clip(audio_codec=None),
    "raw.m2v": Clip(video_codec="mpeg2video", audio_codec=None, fps=Fraction(25)),
    "moving.gif": Clip(video_codec="gif", audio_codec=None, pix_fmt="rgb8", fps=Fraction(10)),
    "blind.m4a": Clip(video_codec=None),
    "tone.wav": Clip(video_codec=None, audio_codec="pcm_s16le"),
    "tone.mp3": Clip(video_codec=None, audio_codec="libmp3lame"),
    "tone.flac": Clip(video_codec=None, audio_codec="flac"),
    "tone.opus": Clip(video_codec=None, audio_codec="libopus"),
    "tone.aac": Clip(video_codec=None),
    "pcm.mov": Clip(audio_codec="pcm_s16le"),
    "lossless.mkv": Clip(video_codec="ffv1", pix_fmt="bgr0"),
}


def probe(path, limits):
    return describe(path, limits=limits, budget=Budget(30))


@pytest.mark.parametrize("name", FILES)
def test_common_files_are_described(tmp_path, limits, name):
    clip = FILES[name]
    found = probe(make(tmp_path / name, clip), limits)
    assert float(found.duration) == pytest.approx(3, abs=PACKET_S)
    assert (found.has_video, found.has_audio) == (bool(clip.video_codec), bool(clip.audio_codec))
    if clip.video_codec:
        assert (found.width_px, found.height_px) == clip.size_px
        assert float(found.frame_rate) == pytest.approx(float(clip.fps), rel=0.01)


@pytest.mark.parametrize(
    ("clip", "size"),
    [
        (Clip(rotation_degrees=90), (64, 96)),
        (Clip(pixel_aspect=Fraction(2)), (192, 64)),
        (Clip(pixel_aspect=Fraction(2), rotation_degrees=90), (64, 192)),
    ],
)
def test_the_size_is_the_displayed_one(tmp_path, limits, clip, size):
    found = probe(make(tmp_path / "a.mp4", clip), limits)
    assert (found.width_px, found.height_px) == size


def test_the_duration_is_that_of_the_longest_stream(tmp_path, limits):
    found = probe(make(tmp_path / "a.mp4", Clip(seconds=1, audio_seconds=2.5)), limits)
    assert float(found.duration) == pytest.approx(2.5, abs=0.03)


def test_a_stream_that_starts_later_does_not_move_zero(tmp_path, limits):
    found = probe(make(tmp_path / "a.mp4", Clip(video_start=Fraction(1, 2))), limits)
    assert float(found.duration) == pytest.approx(3.5, abs=0.01)
    assert found.key_frames[0] == Fraction(1, 2)


def test_key_frames_are_found(tmp_path, limits):
    found = probe(make(tmp_path / "a.mp4", Clip(gop=15)), limits)
    assert found.key_frames == tuple(Fraction(i, 2) for i in range(6))


def test_the_title_is_read(tmp_path, limits):
    found = probe(make(tmp_path / "a.mp4", Clip(seconds=1, metadata={"title": "Fin"})), limits)
    assert found.title == "Fin"


def test_a_cover_picture_is_no_video(tmp_path, limits):
    path = tmp_path / "a.mp3"
    with av.open(str(path), "w") as output:
        sound = output.add_stream("libmp3lame", rate=44_100)
        cover = output.add_stream("png", rate=1)
        cover.width = cover.height = 16
        cover.pix_fmt = "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        output.mux(cover.encode(av.VideoFrame(16, 16, "rgb24")))
        frame = av.AudioFrame("s16", "stereo", 44_100)
        frame.sample_rate = 44_100
        output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    found = probe(path, limits)
    assert (found.has_video, found.has_audio) == (False, True)


def test_a_cut_off_file_is_as_long_as_what_can_be_read(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(options={"movflags": "faststart"}))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    assert 0.5 < float(probe(path, limits).duration) < 2.5


def headers_only(data):
    return data[: data.index(b"mdat") + 4]


BAD = {
    "text.mp4": b"Dear Sir or Madam,\n" * 100,
    "text.srt": b"1\n00:00:00,000 --> 00:00:01,000\nHello\n\n" * 50,
    "list.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n",
    "list.txt": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n",
    "zeros.mp4": bytes(100_000),
    "random.mp4": bytes((i * 7919 + i // 3) % 251 for i in range(50_000)),
    "half.mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41",
    "page.mp4": b"<!doctype html><html><body>" + b"x" * 5000,
    "picture.mp4": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "ansi.mp4": b"\x1b[31mred\x1b[0m\n" * 500,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_media_is_refused(tmp_path, limits, name):
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(ServiceError) as caught:
        probe(path, limits)
    assert caught.value.reason in {"MEDIA_UNREADABLE", "MEDIA_NO_STREAMS"}


def test_a_file_without_contents_has_zero_length(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(options={"movflags": "faststart"}))
    path.write_bytes(headers_only(path.read_bytes()))
    with pytest.raises(ServiceError) as caught:
        probe(path, limits)
    assert caught.value.reason in {"MEDIA_ZERO_LENGTH", "MEDIA_UNREADABLE"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"max_duration_s": 1}, "MEDIA_TOO_LONG"), ({"max_pixels": 4096}, "MEDIA_TOO_LARGE")],
)
def test_limits_hold(tmp_path, limits, change, reason):
    strict = type(limits)(**{"max_duration_s": 9, "max_pixels": 9999, "decode_threads": 1} | change)
    with pytest.raises(ServiceError) as caught:
        probe(make(tmp_path / "a.mp4"), strict)
    assert caught.value.reason == reason


def test_codecs_that_nobody_needs_are_not_decoded(tmp_path, limits):
    clip = Clip(video_codec="magicyuv", audio_codec=None, pix_fmt="gbrp")
    with pytest.raises(ServiceError) as caught:
        probe(make(tmp_path / "a.avi", clip), limits)
    assert caught.value.reason == "CODEC_UNSUPPORTED"


def test_a_probe_ends_in_time(tmp_path, limits):
    with pytest.raises(ServiceError) as caught:
        describe(make(tmp_path / "a.mp4"), limits=limits, budget=Budget(-1))
    assert caught.value.reason == "DECODE_TIMEOUT"
