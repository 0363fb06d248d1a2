"""Of a file that is still being written, what is told is what the complete file tells."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.container import open_media
from emotionmap_media.decode import SegmentSpec, decode_segment
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.index import describe_growing, segment_end_bytes
from emotionmap_media.plan import plan_segments
from emotionmap_media.probe import describe
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, make

FAST_START = {"movflags": "faststart"}
NAMED = "frag_keyframe+empty_moov+default_base_moof+global_sidx"
"""Fragments, and what names all of them before the first."""
MARGIN = Fraction(2)

IN_FRONT = {
    "usual.mp4": Clip(seconds=12, options=FAST_START),
    "without_b_frames.mp4": Clip(seconds=6, b_frames=0, options=FAST_START),
    "silent.mp4": Clip(audio_codec=None, options=FAST_START),
    "blind.m4a": Clip(video_codec=None, options=FAST_START),
    "longer_sound.mp4": Clip(audio_seconds=5, options=FAST_START),
    "shorter_sound.mp4": Clip(seconds=5, audio_seconds=1, options=FAST_START),
    "late_sound.mp4": Clip(audio_start=Fraction(1), options=FAST_START),
    "few_pictures.mov": Clip(seconds=6, fps=Fraction(2), options=FAST_START),
    "hevc.mp4": Clip(video_codec="libx265", options=FAST_START),
    "fragments.mp4": Clip(seconds=12, options={"movflags": NAMED}),
    "fragments_alone.mp4": Clip(seconds=12, options={"movflags": f"{NAMED}+skip_trailer"}),
    "one_key_frame.mp4": Clip(seconds=8, gop=1000, options=FAST_START),
}
ELSEWHERE = {
    "at_the_end.mp4": Clip(),
    "unnamed.mp4": Clip(b_frames=0, options={"movflags": "frag_keyframe+empty_moov"}),
    "named_one_by_one.mp4": Clip(seconds=6, options={"movflags": "dash"}),
    "other.mkv": Clip(),
    "raw.ts": Clip(),
}


def growing(path, readable_bytes):
    total = path.stat().st_size
    return GrowingMedia(path, readable_bytes=readable_bytes, total_bytes=total)


def planned(found):
    return plan_segments(
        found.duration, interval=Fraction(1), segment=Fraction(4), key_frames=found.key_frames
    )


def decoded(source, span, limits):
    spec = SegmentSpec(span, Fraction(15), 640, MARGIN, Fraction(1))
    return list(decode_segment(source, spec, limits=limits, budget=Budget(60)))


def data_start(path):
    """Return where the media data begins: the index lies before."""
    return path.read_bytes().index(b"mdat")


def early(path, limits):
    """Describe a file of which as little is there as is enough; of these small ones, that is much.

    FFmpeg wants to see some pictures, whatever their size.
    """
    size = path.stat().st_size
    for readable in [*range(data_start(path), size, 1 + size // 20), size]:
        try:
            return describe_growing(growing(path, readable), limits=limits, budget=Budget(30))
        except ServiceError as error:
            assert error.reason == "MEDIA_INCOMPLETE"  # noqa: PT017 - any number may come
    raise AssertionError("never")


@pytest.mark.parametrize("name", IN_FRONT)
def test_an_index_in_front_tells_the_same(tmp_path, limits, name):
    path = make(tmp_path / name, IN_FRONT[name])
    found, _ = early(path, limits)
    whole = describe(path, limits=limits, budget=Budget(30))
    assert planned(found) == planned(whole)
    if name != "hevc.mp4":  # whose delays vary
        assert found == whole


@pytest.mark.parametrize("name", IN_FRONT)
def test_a_segment_whose_bytes_are_there_is_the_same(tmp_path, limits, name):
    path = make(tmp_path / name, IN_FRONT[name])
    found, reaches = early(path, limits)
    spans = planned(found)
    ends = segment_end_bytes(spans, reaches, audio_margin=MARGIN)
    assert ends == sorted(ends)
    assert ends[-1] <= path.stat().st_size
    for span, end in zip(spans, ends, strict=True):
        assert decoded(growing(path, end), span, limits) == decoded(path, span, limits)


def test_the_first_segment_needs_a_small_part(tmp_path, limits):
    path = make(tmp_path / "usual.mp4", IN_FRONT["usual.mp4"])
    found, reaches = early(path, limits)
    ends = segment_end_bytes(planned(found), reaches, audio_margin=Fraction(0))
    assert ends[0] < data_start(path) + 0.4 * (path.stat().st_size - data_start(path))


def test_a_segment_that_lacks_a_byte_is_refused_or_the_same(tmp_path, limits):
    path = make(tmp_path / "usual.mp4", IN_FRONT["usual.mp4"])
    span = planned(describe(path, limits=limits, budget=Budget(30)))[1]
    whole, refused, size = decoded(path, span, limits), 0, path.stat().st_size
    for readable in range(data_start(path), size, size // 20):
        try:
            assert decoded(growing(path, readable), span, limits) == whole
        except ServiceError as error:
            assert error.reason == "MEDIA_INCOMPLETE"  # noqa: PT017 - any number may come
            refused += 1
    assert 3 < refused < 18


@pytest.mark.parametrize("name", ELSEWHERE)
def test_without_an_index_in_front_nothing_is_told(tmp_path, limits, name):
    path = make(tmp_path / name, ELSEWHERE[name])
    for share in (0.1, 0.5, 0.99):
        source = growing(path, round(path.stat().st_size * share))
        with pytest.raises(ServiceError) as caught:
            describe_growing(source, limits=limits, budget=Budget(30))
        assert caught.value.reason in ("MEDIA_INCOMPLETE", "MEDIA_UNREADABLE")


def test_an_index_that_names_more_than_the_file_will_have_is_not_believed(tmp_path, limits):
    path = make(tmp_path / "usual.mp4", IN_FRONT["usual.mp4"])
    total = path.stat().st_size - 1000
    source = GrowingMedia(path, readable_bytes=total, total_bytes=total)
    with pytest.raises(ServiceError) as caught:
        describe_growing(source, limits=limits, budget=Budget(30))
    assert caught.value.reason == "MEDIA_INCOMPLETE"


def test_a_fragment_that_is_not_all_there_is_not_looked_at(tmp_path, limits):
    path = make(tmp_path / "fragments.mp4", IN_FRONT["fragments.mp4"])
    third = [found.start() for found in re.finditer(b"moof", path.read_bytes())][2]
    source = growing(path, third + 50)
    with open_media(source, limits=limits) as media:
        assert media.fragments.keys() == {1, 2}
    assert source.there_bytes == third - 4


def test_an_index_of_fragments_that_leaves_some_out_is_not_believed(tmp_path, limits):
    path = make(tmp_path / "fragments.mp4", IN_FRONT["fragments.mp4"])
    with path.open("ab") as file:
        file.write(path.read_bytes())
    with pytest.raises(ServiceError) as caught:
        describe_growing(growing(path, 100_000), limits=limits, budget=Budget(30))
    assert caught.value.reason == "MEDIA_INCOMPLETE"
