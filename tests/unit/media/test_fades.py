"""The sound of a range is exactly as long as the range and quiet at its ends."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_media.fades import RangeSound


def written(length, pieces, *, fade=10):
    sound = RangeSound(length, fade=fade, channels=1)
    parts = [part for index, samples in pieces for part in sound.add(index, samples)]
    return np.concatenate([loud(0), *parts, *sound.finish()])[:, 0]


def loud(count):
    return np.full((count, 1), 1000, np.int16)


def test_ends_are_faded_and_the_middle_is_kept():
    out = written(100, [(0, loud(40)), (40, loud(60))])
    assert (out[0], out[-1]) == (0, 0)
    assert np.all(out[10:90] == 1000)
    assert np.all(np.diff(out[:10]) == 100)


@pytest.mark.parametrize("pieces", [[], [(0, loud(5))], [(30, loud(500))], [(-20, loud(50))]])
def test_the_length_is_exact_whatever_comes(pieces):
    assert len(written(100, pieces)) == 100


def test_missing_sound_is_silence():
    out = written(100, [(0, loud(30)), (60, loud(40))])
    assert np.all(out[30:60] == 0)
    assert out[60] == 1000


@pytest.mark.parametrize("length", [0, 1, 5])
def test_ranges_shorter_than_two_fades_work(length):
    assert len(written(length, [(0, loud(20))])) == length
