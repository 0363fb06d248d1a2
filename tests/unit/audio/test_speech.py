"""Probabilities become stretches of speech, and stretches utterances."""

from __future__ import annotations

import pytest
from emotionmap_audio.speech import (
    CLOSES_AT,
    FRAME_SAMPLES,
    MIN_SPEECH_SAMPLES,
    OPENS_AT,
    PAD_SAMPLES,
    SpeechGate,
    Stretch,
    merged,
    own_utterances,
)

RATE_HZ = 16_000
FRAMES = 100
ALL = Stretch(0, FRAMES * FRAME_SAMPLES)


def heard(*parts):
    """Return a gate that heard (probability, frames) parts."""
    gate = SpeechGate()
    for probability, frames in parts:
        gate.take([probability] * frames)
    return gate


def seconds(*spans):
    return [Stretch(round(start * RATE_HZ), round(end * RATE_HZ)) for start, end in spans]


def test_speech_is_padded_at_both_ends():
    [found] = heard((0, 40), (1, 20), (0, 40)).stretches(ALL)
    assert found == Stretch(40 * FRAME_SAMPLES - PAD_SAMPLES, 60 * FRAME_SAMPLES + PAD_SAMPLES)


def test_a_doubtful_frame_does_not_end_speech_and_does_not_begin_it():
    doubtful = (OPENS_AT + CLOSES_AT) / 2
    [found] = heard((doubtful, 20), (1, 10), (doubtful, 10), (0, 60)).stretches(ALL)
    assert found.samples == 20 * FRAME_SAMPLES + 2 * PAD_SAMPLES


def test_short_noises_are_not_speech():
    short = MIN_SPEECH_SAMPLES // FRAME_SAMPLES
    assert heard((0, 40), (1, short), (0, 60 - short)).stretches(ALL) == []
    assert heard((0, 40), (1, short + 1), (0, 59 - short)).stretches(ALL) != []


def test_speech_that_began_long_before_counts_whole():
    within = Stretch(90 * FRAME_SAMPLES, 92 * FRAME_SAMPLES)
    assert heard((1, FRAMES)).stretches(within) == [within]


@pytest.mark.parametrize("later", [0.0, 1.0])
def test_the_answer_does_not_depend_on_what_comes_later(later):
    within = Stretch(0, 30 * FRAME_SAMPLES)
    gate = heard((0, 10), (1, 20))
    before = gate.stretches(within)
    gate.take([later] * 50)
    assert gate.stretches(within) == before != []


def test_stretches_join_where_the_gap_is_small():
    apart = seconds((0, 1), (1.4, 2), (3, 4))
    assert merged(apart, gap_samples=RATE_HZ // 2) == seconds((0, 2), (3, 4))


@pytest.mark.parametrize(
    ("speech", "own"),
    [
        ([], None),
        ([(0, 0.9)], None),
        ([(0, 1.0)], None),
        ([(0, 1.05)], None),
        ([(0.2, 2.8)], (0.2, 2.8)),
        ([(0, 0.9), (1.3, 2)], (0, 2)),
        ([(0, 0.7), (1.3, 2)], (1.3, 2)),
        ([(0, 1.1), (1.8, 3)], (0, 3)),
        ([(0, 1.05), (1.8, 3)], (1.8, 3)),
        ([(0, 0.5), (1.2, 1.8), (2.5, 3)], (1.2, 1.8)),
    ],
)
def test_only_utterances_that_touch_the_interval_are_its_own(speech, own):
    [interval] = seconds((1, 2))
    expected = seconds(own)[0] if own else None
    found = own_utterances(seconds(*speech), interval, least_samples=RATE_HZ // 10)
    assert found == expected
