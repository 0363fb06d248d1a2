"""Of a file in fragments that nobody names, what is told is told for good, however little it is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.decode import SegmentSpec, decode_segment
from emotionmap_media.growing import GrowingMedia
from emotionmap_media.plan import SoFar
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
    "first_in_front.mp4": Clip(seconds=14, options={"movflags": "frag_keyframe"}),
}


@pytest.fixture(scope="module", params=UNNAMED)
def path(request, tmp_path_factory):
    return make(tmp_path_factory.mktemp("unnamed") / request.param, UNNAMED[request.param])


def growing(path, readable_bytes):
    return GrowingMedia(path, readable_bytes=readable_bytes, total_bytes=path.stat().st_size)


def told(path, readable_bytes, limits, so_far=WISH.so_far):
    """Return what is told of the beginning of a file; None if nothing is."""
    source, wish = growing(path, readable_bytes), replace(WISH, so_far=so_far)
    try:
        return look_ahead(source, wish, limits=limits, budget=Budget(30))
    except ServiceError as error:
        assert error.reason == "MEDIA_INCOMPLETE"  # noqa: PT017 - any number may come
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
    for readable in prefixes(path, steps=20):
        for span, expected in zip(spans, whole, strict=True):
            try:
                assert decoded(growing(path, readable), span, limits) == expected
            except ServiceError as error:
                assert error.reason == "MEDIA_INCOMPLETE"  # noqa: PT017 - any number may come
                refused += 1
    assert 0 < refused < 20 * len(spans)
