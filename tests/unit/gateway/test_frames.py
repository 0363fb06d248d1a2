"""Frames of edit lists: exact at every rate, and timecode as SMPTE ST 12-1 counts it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from emotionmap.v1 import timeline_pb2
from emotionmap_gateway.documents.edit_lists.frames import (
    STANDARD_RATES,
    FrameClock,
    clock_of,
    edit_rate,
)
from hypothesis import given
from hypothesis import strategies as st

FILM, PAL, NTSC, NTSC_60 = (
    Fraction(24000, 1001),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(60000, 1001),
)
DAY = 10**9
rates = st.sampled_from(STANDARD_RATES)


def clock(rate, total=DAY):
    return FrameClock(rate, total)


def frame_of(timecode: str, base: int, dropped: int) -> int:
    """Count back from a timecode, the way the standard's examples do."""
    hours, minutes, seconds, frames = (int(part) for part in timecode.replace(";", ":").split(":"))
    total = hours * 60 + minutes
    return (total * 60 + seconds) * base + frames - dropped * (total - total // 10)


@pytest.mark.parametrize(
    ("rate", "frame", "timecode"),
    [
        (PAL, 0, "00:00:00:00"),
        (PAL, 24, "00:00:00:24"),
        (PAL, 90_000, "01:00:00:00"),
        (FILM, 24, "00:00:01:00"),
        (NTSC, 1799, "00:00:59;29"),
        (NTSC, 1800, "00:01:00;02"),
        (NTSC, 17_981, "00:09:59;29"),
        (NTSC, 17_982, "00:10:00;00"),
        (NTSC, 107_892, "01:00:00;00"),
        (NTSC_60, 3599, "00:00:59;59"),
        (NTSC_60, 3600, "00:01:00;04"),
        (NTSC_60, 215_784, "01:00:00;00"),
    ],
)
def test_timecode_counts_as_the_standard_does(rate, frame, timecode):
    assert clock(rate).timecode(frame) == timecode


@given(rate=rates, frame=st.integers(0, 23 * 3600 * 24))
def test_timecode_names_each_frame_once(rate, frame):
    one = clock(rate)
    dropped = {NTSC: 2, NTSC_60: 4}.get(rate, 0)
    assert frame_of(one.timecode(frame), one.base, dropped) == frame


def test_the_hour_is_where_its_timecode_says():
    for rate in STANDARD_RATES:
        assert clock(rate).timecode(clock(rate).hour).replace(";", ":") == "01:00:00:00"


def test_drop_frame_stays_with_the_clock_for_three_hours():
    one = clock(NTSC)
    frame = one.frames(3 * 3600 * 10**9)
    assert one.timecode(frame) in {"03:00:00;00", "03:00:00;01"}


@given(rate=rates, edges=st.lists(st.integers(0, 10_800 * 10**9), min_size=3, max_size=3))
def test_neighbouring_stretches_share_no_frame_and_lose_none(rate, edges):
    first, middle, last = sorted(edges)
    one = clock(rate)
    frames = range(one.frames(first), one.frames(last))
    assert [*range(one.frames(first), one.frames(middle))] == [
        *frames[: one.frames(middle) - one.frames(first)]
    ]
    for frame in {*frames[:1], *frames[-1:]}:
        assert first <= one.seconds(frame) * 10**9 < last


@given(rate=rates, frame=st.integers(0, 600_000))
def test_a_frame_is_found_again_at_its_own_time(rate, frame):
    one = clock(rate)
    start_ns = one.seconds(frame) * 10**9
    # Nanoseconds round down: the frame begins at or just after that.
    assert one.frames(int(start_ns)) == frame


@pytest.mark.parametrize(
    ("average", "length_s", "rate"),
    [
        (NTSC, 10_800, NTSC),
        (Fraction(2997, 100), 10_800, NTSC),
        (Fraction(299, 10), 5, NTSC),
        (Fraction(24), 10_800, Fraction(24)),
        (Fraction(47, 2), 60, Fraction(47, 2)),
        (Fraction(1499, 100), 60, Fraction(1499, 100)),
    ],
)
def test_an_average_beside_a_standard_rate_is_that_rate(average, length_s, rate):
    assert edit_rate(average, Fraction(length_s)) == rate


def test_a_rate_that_no_editor_could_write_is_brought_near():
    odd = Fraction(10**12 + 1, 7 * 10**10)
    found = edit_rate(odd, Fraction(3600))
    assert (1 / found).denominator < 2**31
    assert abs(found - odd) < Fraction(1, 10**9)


@pytest.mark.parametrize(
    ("rate", "length_ns", "total"),
    [
        (FILM, 1_001_000_001, 24),
        (FILM, 1_000_999_999, 24),
        (Fraction(30), 2_419_000_000, 72),  # the sound ends after the last frame
        (PAL, 1, 1),
    ],
)
def test_no_count_goes_beyond_the_frames_of_the_video(rate, length_ns, total):
    media = timeline_pb2.MediaInfo(has_video=True)
    media.duration.FromNanoseconds(length_ns)
    media.frame_rate.numerator, media.frame_rate.denominator = rate.numerator, rate.denominator
    assert clock_of(media) == FrameClock(rate, total)
    assert clock_of(media).frames(length_ns) == total


def test_sound_alone_is_counted_so_that_every_interval_is_whole():
    media = timeline_pb2.MediaInfo(has_audio=True)
    media.duration.FromNanoseconds(2_200_000_000)
    assert (clock_of(media).rate, clock_of(media).total) == (25, 55)
