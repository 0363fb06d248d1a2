"""Of a long MP4 the index of a part is opened, and what is read is the same."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import av
import pytest
from emotionmap_media import preflight
from emotionmap_media.boxes import boxes
from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.container import open_media
from emotionmap_media.decode import SegmentSpec, decode_segment
from emotionmap_media.excerpt import Wanted, excerpt
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.key_frames import GlanceSpec, sample_key_frames
from emotionmap_media.thumbnails import Box, ThumbnailSpec, render_thumbnails

from tests.bench.multiply import repeat
from tests.unit.media.clips import Clip, make

LENGTH_S = 300
FILES = {
    "plain.mp4": Clip(seconds=8, gop=40, options={"movflags": "faststart"}),
    "behind.mp4": Clip(seconds=8, gop=40, options={"brand": "isom"}),
    "negative.mp4": Clip(seconds=8, options={"movflags": "negative_cts_offsets"}),
    "hevc.mov": Clip(seconds=8, video_codec="libx265"),
    "late.mp4": Clip(seconds=8, video_start=Fraction(1, 2)),
    "apart.mp4": Clip(seconds=8, gop=230),
    "silent.mp4": Clip(seconds=8, audio_codec=None),
}
SPANS = [(0, 3), (39, 41), (100, 103), (Fraction(401, 2), 203), (298, 300), (299, 320)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("long")


@pytest.fixture
def long(folder):
    """Return a function that gives one of FILES, made long by repetition."""

    def made(name):
        path = folder / name
        if not path.exists():
            short = make(folder / f"short-{name}", FILES[name])
            copied(repeat(short, folder / f"moved-{name}", LENGTH_S), path, FILES[name].options)
        return path

    return made


def copied(source, path, options):
    """Write a file anew as the options of its container have it."""
    with av.open(str(source)) as file, av.open(str(path), "w", options=dict(options)) as out:
        streams = {s.index: out.add_stream_from_template(s, opaque=True) for s in file.streams}
        for packet in file.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                out.mux(packet)


@pytest.fixture
def whole(limits):
    return replace(limits, whole_index_entries=10**9)


@pytest.fixture
def partly(limits):
    return replace(limits, whole_index_entries=0)


def segment(path, limits, span):
    spec = SegmentSpec(Span(*map(Fraction, span)), Fraction(15), 640, Fraction(3, 2), Fraction(1))
    return list(decode_segment(path, spec, limits=limits, budget=Budget(60)))


def around(start, end):
    return Wanted.around(Span(Fraction(start), Fraction(end)))


def entries(media):
    return [len(stream.index_entries) for stream in media.container.streams]


@pytest.mark.parametrize("name", FILES)
def test_segments_are_those_of_the_whole_index(long, whole, partly, name):
    for span in SPANS:
        assert segment(long(name), partly, span) == segment(long(name), whole, span)


@pytest.mark.parametrize("name", FILES)
def test_key_frames_are_those_of_the_whole_index(long, whole, partly, name):
    spec = GlanceSpec(count=9, frame_width_px=96)
    some, every = (
        list(sample_key_frames(long(name), spec, limits=limits, budget=Budget(60)))
        for limits in (partly, whole)
    )
    assert some == every


@pytest.mark.parametrize("name", FILES)
def test_thumbnails_are_those_of_the_whole_index(long, whole, partly, name):
    for times in ([0], [150, Fraction(701, 4)], [LENGTH_S - Fraction(1, 10)]):
        specs = [ThumbnailSpec(Fraction(time), Box(0, 0, 1, 1)) for time in times]
        some, every = (
            list(render_thumbnails(long(name), specs, width_px=96, limits=one, budget=Budget(60)))
            for one in (partly, whole)
        )
        assert some == every


@pytest.mark.parametrize("name", FILES)
def test_little_is_opened_and_the_header_says_the_same(long, whole, partly, name):
    with (
        open_media(long(name), limits=partly, wanted=around(150, 152)) as part,
        open_media(long(name), limits=whole, wanted=around(150, 152)) as every,
    ):
        assert all(0 < a < b / 2 for a, b in zip(entries(part), entries(every), strict=True))
        for a, b in zip(part.container.streams, every.container.streams, strict=True):
            assert (a.frames, a.duration, a.start_time) == (b.frames, b.duration, b.start_time)
        assert part.video.average_rate == every.video.average_rate
        assert part.zero == every.zero


def test_what_is_read_from_elsewhere_opens_the_whole_index(long, partly):
    for go in (lambda media: media.seek(Fraction(20)), lambda media: media.rewind()):
        with open_media(long("plain.mp4"), limits=partly, wanted=around(150, 152)) as media:
            before = sum(entries(media))
            media.seek(Fraction(140))
            assert sum(entries(media)) == before
            go(media)
            assert sum(entries(media)) > 2 * before
            assert media.packet_time(next(media.packets(Budget(60)))) <= 20


def test_a_segment_of_a_growing_file_needs_no_more_than_its_bytes(long, whole, partly):
    path = long("plain.mp4")
    size_bytes = path.stat().st_size
    growing = GrowingMedia(path, readable_bytes=size_bytes // 2, total_bytes=size_bytes)
    assert segment(growing, partly, (100, 103)) == segment(path, whole, (100, 103))


def test_short_files_are_opened_as_they_are(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(seconds=60, gop=40))
    with open_media(path, limits=limits, wanted=around(50, 51)) as media:
        assert entries(media)[0] == 1800


@pytest.mark.parametrize(("name", "clip"), [
    ("uncompressed.mov", Clip(audio_codec="pcm_s16le")),
    ("same.mp4", Clip(seconds=9)),
])  # fmt: skip
def test_no_excerpt_where_it_is_unusual_or_no_smaller(tmp_path, name, clip):
    path = make(tmp_path / name, clip)
    index = preflight.inspect(path).index
    parts = preflight.parts_of(path, index)
    assert excerpt(parts, index.size_bytes, around(0, 9).choose) is None


@pytest.mark.parametrize(("old", "new"), [
    (b"stss", b"sbgp"), (b"stsc", b"stco"), (b"mvhd", b"free"), (b"stsz", b"stz2"),
])  # fmt: skip
def test_no_excerpt_of_tables_that_are_not_understood(long, old, new):
    path = long("plain.mp4")
    index = preflight.inspect(path).index
    data = path.read_bytes()[index.at + 8 :][: index.size_bytes - 8]
    changed = data.replace(old, new, 1)
    made, unmade = (
        excerpt(boxes(memoryview(one)), index.size_bytes, around(150, 152).choose)
        for one in (data, changed)
    )
    assert made is not None
    assert unmade is None


def test_fragments_have_no_one_index(tmp_path):
    clip = Clip(options={"movflags": "frag_keyframe+empty_moov"})
    assert preflight.inspect(make(tmp_path / "a.mp4", clip)).index is None
