"""The comparison of detectors counts hits, misses and inventions rightly."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face.detect import Box

from training.detectors import Picture, Tally, hard_copies, judge, merge, shrunk, table

FACE, ELSEWHERE = Box(10, 10, 50, 50), Box(100, 10, 140, 50)
FRAMES = [Picture(np.full((60, 160), 100, np.uint8), i) for i in range(4)]


@pytest.mark.parametrize(
    ("found", "truth", "hits", "false"),
    [
        ([FACE], [FACE], 1, 0),
        ([], [FACE], 0, 0),
        ([ELSEWHERE], [FACE], 0, 1),
        ([FACE, Box(12, 12, 52, 52)], [FACE], 1, 1),
        ([FACE], [], 0, 1),
    ],
    ids=["hit", "miss", "elsewhere", "twice", "nobody there"],
)
def test_a_frame_is_counted(found, truth, hits, false):
    tally = Tally()
    tally.add(found, truth, seconds=0.5)
    assert (tally.hits, tally.false, tally.true) == (hits, false, len(truth))
    assert tally.figures()["ms_per_frame"] == 500


def test_a_share_of_no_faces_is_none():
    assert Tally(frames=1, seconds=[0.1]).figures()["recall"] is None


def test_a_slow_way_sees_some_frames_only():
    assert judge(lambda _: [FACE], FRAMES, [[FACE]] * 4, every=2).frames == 2


def test_tallies_add_up():
    both = merge([judge(lambda _: [FACE], FRAMES, [[FACE]] * 4, every=1) for _ in range(2)])
    assert (both.frames, both.hits, len(both.seconds)) == (8, 8, 8)


def test_hard_copies_keep_their_size_and_are_the_same_each_time():
    for spoil in hard_copies().values():
        gray = spoil(FRAMES[0].gray)
        assert (gray.shape, gray.dtype) == (FRAMES[0].gray.shape, np.uint8)
        assert (spoil(FRAMES[0].gray) == gray).all()


def test_faces_move_with_the_small_copy():
    assert shrunk(Box(30, 60, 90, 120)) == Box(10, 20, 30, 40)


def test_the_table_has_a_row_for_each_way():
    figures = judge(lambda _: [FACE], FRAMES, [[FACE]] * 4, every=1).figures()
    assert "| plain | mine | 1.000 | 0 in 4 |" in table({"plain": {"mine": figures}})
