"""Frames travel together: few messages, bounded in number, size and delay; nothing is lost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from emotionmap_media.decode import GrayFrame, SoundChunk, Summary
from emotionmap_media.together import MAX_BYTES, FrameGroup, together

SUMMARY = Summary(frames=0, samples=0, is_truncated=False)
MEBI = 1024 * 1024


def frame(time, size=100):
    return GrayFrame(Fraction(time), size, 1, bytes(size))


def sound(time):
    return SoundChunk(Fraction(time), b"")


def film(rate, count, size=100):
    return [frame(Fraction(i, rate), size) for i in range(count)]


def parcels(*pieces):
    return list(together(piece for piece in pieces))


def sizes(*pieces):
    return [len(one.frames) for one in parcels(*pieces) if isinstance(one, FrameGroup)]


@pytest.mark.parametrize(
    ("rate", "count", "groups"),
    [
        (15, 20, [8, 8, 4]),
        (60, 20, [8, 8, 4]),
        (10, 12, [5, 5, 2]),
        (4, 5, [2, 2, 1]),
        (1, 2, [1, 1]),
    ],
)
def test_eight_frames_or_half_a_second_travel_together(rate, count, groups):
    assert sizes(*film(rate, count), SUMMARY) == groups


@pytest.mark.parametrize(("size", "groups"), [(MEBI, [3, 2]), (2 * MEBI, [1] * 5)])
def test_a_group_is_never_larger_than_a_message_may_be(size, groups):
    found = parcels(*film(60, 5, size), SUMMARY)[:-1]
    assert [len(one.frames) for one in found] == groups
    assert max(sum(len(frame.gray) for frame in one.frames) for one in found) <= MAX_BYTES


def test_everything_comes_once_and_in_order():
    frames, sounds = film(15, 40), [sound(Fraction(i, 2)) for i in range(6)]
    pieces = sorted([*frames, *sounds], key=lambda piece: piece.time)
    found = parcels(*pieces, SUMMARY)
    groups = [one.frames for one in found if isinstance(one, FrameGroup)]
    assert [frame for group in groups for frame in group] == frames
    assert [one for one in found if isinstance(one, SoundChunk)] == sounds
    assert found[-1] == SUMMARY


def test_sound_does_not_wait_for_frames_nor_frames_for_long():
    first, early, late = frame(0), sound(Fraction(1, 4)), sound(Fraction(1, 2))
    assert parcels(first, early, late) == [early, FrameGroup((first,)), late]


def test_leaving_ends_the_decoding():
    is_closed = []

    def pieces():
        try:
            yield from film(15, 100)
        finally:
            is_closed.append(True)

    parcels = together(pieces())
    next(parcels)
    parcels.close()
    assert is_closed == [True]
