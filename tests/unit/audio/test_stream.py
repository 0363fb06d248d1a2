"""Waves of one length are scored together, and each gets its own answer."""

from __future__ import annotations

import numpy as np
from emotionmap_audio.stream import score_waves


class Lengths:
    """Answers with the length of each wave and its first sample."""

    def __init__(self):
        self.batches = []

    def predict(self, waves):
        self.batches.append(waves.shape)
        return np.stack([np.full(len(waves), waves.shape[1]), waves[:, 0]], axis=1)


def test_each_wave_gets_its_own_answer():
    model = Lengths()
    lengths = [3, 5, 3, 4, 5]
    waves = [np.full(length, i, np.float32) for i, length in enumerate(lengths)]
    scores = score_waves(model, waves)
    assert [list(score) for score in scores] == [[n, i] for i, n in enumerate(lengths)]
    assert sorted(model.batches) == [(1, 4), (2, 3), (2, 5)]
