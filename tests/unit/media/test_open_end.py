"""Of a file of unknown length, what is told is told for good, however little of it is there."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from emotionmap_media import index, preflight
from emotionmap_media.budget import Budget
from emotionmap_media.container import open_media
from emotionmap_media.decode import SegmentSpec, decode_segment
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.plan import NOTHING, SoFar
from emotionmap_media.prospect import PlanWish, look_ahead
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, make

MARGIN = Fraction(2)
WISH = PlanWish(Fraction(1), None, MARGIN, SoFar())
NAMELESS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
DELAYED = {"movflags": "frag_keyframe+delay_moov"}
"""As browsers' recorders write it: the edit list is known when the index is written."""

UNNAMED = {
    "usual.mp4": Clip(seconds=24, options=NAMELESS),
    "delayed.mp4": Clip(seconds=16, options=DELAYED),
    "without_b_frames.mp4": Clip(seconds=12, b_frames=0, options=NAMELESS),
    "far_key_frames.mp4": Clip(seconds=24, gop=150, options=NAMELESS),
    "short_fragments.mp4": Clip(
        seconds=14, gop=90, options={"movflags": "empty_moov", "frag_duration": "200000"}
    ),
    "silent.mp4": Clip(seconds=14, audio_codec=None, options=NAMELESS),
    "blind.m4a": Clip(
        seconds=14,
        video_codec=None,
        options={"movflags": "empty_moov", "frag_duration": "500000"},
    ),
    "late_sound.mp4": Clip(seconds=14, audio_start=Fraction(1), options=NAMELESS),
    "shorter_sound.mp4": Clip(seconds=16, audio_seconds=10, options=NAMELESS),
    "few_pictures.mov": Clip(seconds=20, fps=Fraction(2), options=NAMELESS),
    "hevc.mp4": Clip(seconds=14, video_codec="libx265", options=NAMELESS),
    "named_one_by_one.mp4": Clip(seconds=14, options={"movflags": "dash"}),
    "usual.mkv": Clip(seconds=20),
    "far_key_frames.mkv": Clip(seconds=20, gop=150),
    "silent.mkv": Clip(seconds=14, audio_codec=None),
    "few_pictures.mkv": Clip(seconds=20, fps=Fraction(1), gop=4),
    "late_sound.mkv": Clip(seconds=14, audio_start=Fraction(1)),
    "shorter_sound.mkv": Clip(seconds=16, audio_seconds=10, audio_codec="flac"),
    "recorded.webm": Clip(
        seconds=14, video_codec="libvpx", audio_codec="libopus", b_frames=0, options={"live": "1"}
    ),
    "first_in_front.mp4": Clip(seconds=14, options={"movflags": "frag_keyframe"}),
}
VARIED = "hevc.mp4"
"""Some of its key frames are delayed by more than others, which an index hides."""


@pytest.fixture(scope="module", params=UNNAMED)
def path(request, tmp_path_factory):
    return make(tmp_path_factory.mktemp("unnamed") / request.param, UNNAMED[request.param])


def growing(path, readable_bytes):
    return GrowingMedia(path, readable_bytes=readable_bytes, total_bytes=path.stat().st_size)


def told(path, readable_bytes, limits, so_far=NOTHING):
    """Return what is told of the beginning of a file; None if nothing is."""
    source, wish = growing(path, readable_bytes), replace(WISH, so_far=so_far)
    try:
        return look_ahead(source, wish, limits=limits, budget=Budget(30))
    except ServiceError as error:
        if error.reason != "MEDIA_INCOMPLETE":
            raise
        return None


def prefixes(path, steps=100):
    size = path.stat().st_size
    return [size * number // steps for number in range(1, steps)]


def decoded(source, span, limits):
    spec = SegmentSpec(span, Fraction(15), 640, MARGIN, Fraction(1))
    return list(decode_segment(source, spec, limits=limits, budget=Budget(60)))


def test_what_is_told_is_how_the_plan_of_the_complete_file_begins(path, limits):
    whole, last = look_ahead(path, WISH, limits=limits, budget=Budget(30)), []
    for readable in prefixes(path):
        found = told(path, readable, limits)
        spans = found.spans if found else []
        assert spans[: len(last)] == last
        if path.name != VARIED:
            assert spans == whole.spans[: len(spans)]
        assert all(end <= readable for end in (found.end_bytes if found else []))
        last = spans
    assert last
    assert last != whole.spans


def test_a_plan_that_is_gone_on_with_is_the_same(path, limits):
    whole, spans = look_ahead(path, WISH, limits=limits, budget=Budget(30)), []
    for readable in prefixes(path, steps=25):
        found = told(path, readable, limits, so_far(spans))
        spans += found.spans if found else []
    rest = look_ahead(path, replace(WISH, so_far=so_far(spans)), limits=limits, budget=Budget(30))
    assert rest.grows
    if path.name != VARIED:
        assert spans + rest.spans == whole.spans
    assert rest.found == whole.found


def so_far(spans):
    return SoFar(len(spans), spans[-1].end if spans else Fraction(0))


def test_a_segment_that_is_told_is_the_same(path, limits):
    whole = {}
    for readable in prefixes(path, steps=20):
        found = told(path, readable, limits)
        for span in found.spans if found else []:
            expected = whole.setdefault(span.start, decoded(path, span, limits))
            assert decoded(growing(path, readable), span, limits) == expected
    assert whole


def test_whatever_segment_is_refused_or_the_same(path, limits):
    spans = look_ahead(path, WISH, limits=limits, budget=Budget(30)).spans
    whole = [decoded(path, span, limits) for span in spans]
    refused = 0
    for readable in prefixes(path, steps=10):
        for span, expected in zip(spans, whole, strict=True):
            try:
                assert decoded(growing(path, readable), span, limits) == expected
            except ServiceError as error:
                assert error.reason == "MEDIA_INCOMPLETE"  # noqa: PT017 - any number may come
                refused += 1
    assert 0 < refused < 10 * len(spans)


@pytest.fixture
def usual(tmp_path):
    return make(tmp_path / "usual.mp4", replace(UNNAMED["usual.mp4"], seconds=12))


def fragments(path):
    """Return where fragments begin."""
    return [found.start() - 4 for found in re.finditer(b"moof", path.read_bytes())]


def test_a_fragment_counts_once_the_next_box_begins(usual, limits):
    there = fragments(usual)[15]
    for readable, ends in ((there + 15, 14), (there + 16, 15)):
        source = growing(usual, readable)
        with open_media(source, limits=limits) as media:
            assert media.is_open_ended
        assert source.size_bytes == fragments(usual)[ends]


def test_what_plans_alone_is_not_told_of_it(usual, limits):
    assert told(usual, usual.stat().st_size * 9 // 10, limits, so_far=None) is None


def test_a_damaged_fragment_is_refused_as_it_comes(usual, limits):
    data, at = bytearray(usual.read_bytes()), fragments(usual)[18]
    run = data.index(b"trun", at)
    data[run + 8 : run + 12] = b"\x7f\xff\xff\xff"  # packets that its bytes cannot hold
    usual.write_bytes(data)
    assert told(usual, at + 8, limits).spans
    with pytest.raises(ServiceError) as caught:
        told(usual, fragments(usual)[19] + 16, limits)
    assert caught.value.reason == "MEDIA_UNREADABLE"


def test_a_video_that_turns_out_too_long_is_refused_as_it_comes(usual, limits):
    short = replace(limits, max_duration_s=9)
    assert told(usual, fragments(usual)[16], short).spans
    source = growing(usual, fragments(usual)[22])
    with pytest.raises(ServiceError) as caught:
        look_ahead(source, WISH, limits=short, budget=Budget(30))
    assert caught.value.reason == "MEDIA_TOO_LONG"


def test_a_file_that_is_shorter_than_it_was_is_refused(usual, limits):
    longer = replace(WISH, so_far=SoFar(4, Fraction(30)))
    with pytest.raises(ServiceError) as caught:
        look_ahead(usual, longer, limits=limits, budget=Budget(30))
    assert caught.value.reason == "MEDIA_UNREADABLE"


def test_of_a_long_matroska_file_no_more_is_told(tmp_path, limits, monkeypatch):
    path = make(tmp_path / "long.mkv", UNNAMED["usual.mkv"])
    size = path.stat().st_size
    found = told(path, size * 6 // 10, limits)
    monkeypatch.setattr(preflight, "MAX_BEGINNING_BYTES", size // 2)
    monkeypatch.setattr(index, "MAX_BEGINNING_BYTES", size // 2)
    assert told(path, size * 6 // 10, limits) is None
    span = found.spans[0]
    assert decoded(growing(path, size - 1), span, limits) == decoded(path, span, limits)


@pytest.mark.parametrize("name", ["usual.mkv", "usual.mp4"])
def test_little_of_a_file_is_too_little_not_damaged(tmp_path, limits, name):
    path = make(tmp_path / name, replace(UNNAMED[name], seconds=3))
    for readable in range(1, 6000, 37):
        assert told(path, readable, limits) is None
