"""Pictures that no sample needs are not decoded, and nobody can tell."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.container import open_media
from emotionmap_media.decode import SegmentSpec, decode_segment
from emotionmap_media.disposable import Marks
from emotionmap_media.sampling import Grid
from emotionmap_media.skipping import Skipping

from tests.unit.media.clips import Clip, make

FILES = {
    "a.mp4": Clip(gop=23, audio_codec=None),
    "three.mp4": Clip(gop=40, b_frames=3, audio_codec=None),
    "five.mkv": Clip(gop=40, b_frames=5, audio_codec=None),
    "a.ts": Clip(gop=23, b_frames=1, audio_codec=None),
    "a.flv": Clip(b_frames=3, audio_codec=None),
    "hevc.mp4": Clip(video_codec="libx265", audio_codec=None),
    "times.mp4": Clip(
        b_frames=3,
        audio_codec=None,
        video_times=tuple(Fraction(i * i, 600) + Fraction(i, 90) for i in range(40)),
    ),
}


def decode(path, limits, start, end, fps):
    spec = SegmentSpec(
        Span(Fraction(start), Fraction(end)), Fraction(fps), 640, Fraction(0), Fraction(1)
    )
    return list(decode_segment(path, spec, limits=limits, budget=Budget(60)))


def counts(path, limits, grid):
    """Return how many packets a file has, and how many of them are needed."""
    with open_media(path, limits=limits) as media:
        skipping = Skipping.of(media, grid)
        if skipping is None:
            return None
        packets = list(media.packets(Budget(60)))
        needed = [one for packet in packets for one in skipping.take(packet)]
        needed += skipping.rest()
        order = [packet.pts for packet in packets]
        assert [one.pts for one in needed] == [p for p in order if p in {q.pts for q in needed}]
        return len(packets), len(needed)


def every(rate):
    return Grid(0, Fraction(rate), Fraction(0))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("fps", [15, 7, Fraction(24000, 1001), 29])
def test_samples_are_those_of_decoding_everything(tmp_path, limits, monkeypatch, name, fps):
    path = make(tmp_path / name, FILES[name])
    spans = [(0, 2), (Fraction(7, 5), 2)]
    skipped = [decode(path, limits, *span, fps) for span in spans]
    monkeypatch.setattr(Marks, "of", lambda _: None)
    assert [decode(path, limits, *span, fps) for span in spans] == skipped


@pytest.mark.parametrize("name", [name for name in FILES if name != "a.flv"])
def test_pictures_are_left_out(tmp_path, limits, name):
    path = make(tmp_path / name, FILES[name])
    packets, needed = counts(path, limits, every(5))
    assert needed < 0.8 * packets
    assert counts(path, limits, Grid(10**6, Fraction(5), Fraction(0)))[1] <= needed


def test_nothing_is_left_out_where_all_are_referred_to(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(b_frames=0, audio_codec=None))
    packets, needed = counts(path, limits, every(15))
    assert packets == needed


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("a.avi", Clip(b_frames=2)),
        ("a.webm", Clip(video_codec="libvpx", audio_codec="libopus", b_frames=0)),
    ],
)
def test_streams_that_mark_nothing_are_decoded_in_full(tmp_path, limits, name, clip):
    assert counts(make(tmp_path / name, clip), limits, every(5)) is None


def test_a_rate_as_high_as_the_file_s_needs_everything(tmp_path, limits):
    assert counts(make(tmp_path / "a.mp4"), limits, every(30)) is None


def test_interlaced_pictures_are_kept(tmp_path, limits):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.options = {"x264-params": "tff=1", "bf": "2"}
        for index in range(25):
            frame = av.VideoFrame(96, 64, "yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert counts(path, limits, every(5)) is None
