"""Each interval gets its own speech, in its context, as soon as that is there."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_audio.excerpts import NS_PER_S, Segment, SegmentSound

RATE_HZ = 16_000
ROUNDING = 1e-3


class LoudIsSpeech:
    def listen(self, samples):
        return [1.0 if frame.any() else 0.0 for frame in samples.reshape(-1, 512)]


def segment(start_s=0.0, end_s=10.0, interval_s=1.0, context_s=3.0):
    return Segment(*(round(x * NS_PER_S) for x in (start_s, end_s, interval_s, context_s)))


def sound(*parts):
    """Return loud ("x") and silent ("-") parts of a tenth of a second each."""
    rng = np.random.default_rng(0)
    tenth = RATE_HZ // 10
    noise = [rng.integers(1, 9000, tenth) * (part == "x") for part in "".join(parts)]
    return np.concatenate(noise).astype(np.int16)


def excerpts(asked, samples, *, at_s=0.0, chunk=None):
    taken = SegmentSound(asked, LoudIsSpeech())
    taken.begin(round(at_s * NS_PER_S))
    found = []
    for start in range(0, len(samples), chunk or len(samples)):
        found += taken.take(samples[start : start + (chunk or len(samples))])
    return found + taken.finish()


def lengths_s(found):
    return [None if e.wave is None else len(e.wave) / RATE_HZ for e in found]


def test_intervals_cover_the_range_and_the_last_may_be_short():
    spans = [(a / NS_PER_S, b / NS_PER_S) for a, b in segment(2, 4.5).intervals()]
    assert spans == [(2, 3), (3, 4), (4, 4.5)]


def test_the_context_is_clipped_to_what_exists():
    assert lengths_s(excerpts(segment(end_s=4), sound("x" * 40))) == [2, 3, 3, 2]


def test_a_wave_has_zero_mean_and_unit_variance():
    [first, *_] = excerpts(segment(end_s=4), sound("x" * 40))
    assert abs(first.wave.mean()) < ROUNDING
    assert first.wave.std() == pytest.approx(1, abs=ROUNDING)
    assert first.wave.dtype == np.float32


def test_other_utterances_are_left_out():
    samples = sound("x" * 10, "-" * 8, "x" * 12, "-" * 10)
    found = excerpts(segment(end_s=4), samples)
    assert lengths_s(found) == [1.5, 1.5, 1.5, None]
    assert found[2].speech == pytest.approx(1, abs=0.1)


def test_lengths_are_few():
    rng = np.random.default_rng(1)
    samples = sound(*rng.choice(["x", "-"], 400, p=[0.8, 0.2]))
    lengths = {length for length in lengths_s(excerpts(segment(end_s=40), samples)) if length}
    assert lengths <= {1.0, 1.5, 2.0, 2.5, 3.0}


def test_too_little_speech_has_no_wave():
    samples = sound("x" * 10, "-" * 30)
    found = excerpts(segment(end_s=4), samples)
    assert found[1].wave is None
    assert found[1].speech < 0.1


@pytest.mark.parametrize("interval_s", [0.2, 0.4, 2.0, 10.0])
def test_intervals_of_any_length_are_scored(interval_s):
    asked = segment(end_s=10, interval_s=interval_s, context_s=max(3.0, interval_s))
    found = excerpts(asked, sound("x" * 100))
    assert len(found) == round(10 / interval_s)
    assert all(e.wave is not None and e.speech == 1 for e in found)


def test_a_very_short_sound_is_lengthened():
    [found] = excerpts(segment(end_s=0.3), sound("xxx"))
    assert len(found.wave) == 0.4 * RATE_HZ


@pytest.mark.parametrize("chunk", [100, 512, 3333, 16_000])
def test_chunks_change_nothing(chunk):
    samples = sound("xx-x", "-" * 7, "x" * 30, "-" * 4, "x" * 15)[:-77]
    whole = excerpts(segment(end_s=6), samples)
    parts = excerpts(segment(end_s=6), samples, chunk=chunk)
    assert [e.speech for e in parts] == [e.speech for e in whole]
    for one, other in zip(parts, whole, strict=True):
        assert np.array_equal(one.wave, other.wave) or one.wave is other.wave is None


def test_an_excerpt_comes_with_the_sound_that_completes_it():
    taken = SegmentSound(segment(), LoudIsSpeech())
    taken.begin(0)
    samples = sound("x" * 100)
    counts = [len(taken.take(samples[i * 8000 : (i + 1) * 8000])) for i in range(8)]
    # Contexts end at 2, 3 and 4 s; only the last of these is a border of the detector's frames.
    assert counts == [0, 0, 0, 0, 1, 0, 1, 1]


def test_sound_around_the_range_is_context():
    found = excerpts(segment(2, 4), sound("x" * 60))
    assert lengths_s(found) == [3, 3]
    assert [e.start_ns for e in found] == [2 * NS_PER_S, 3 * NS_PER_S]


def test_sound_that_begins_late_has_silence_before():
    found = excerpts(segment(0, 4), sound("x" * 10), at_s=2)
    assert [round(e.speech) for e in found] == [0, 0, 1, 0]


def test_sound_after_every_context_is_nobodys():
    found = excerpts(segment(0, 2), sound("x" * 10), at_s=3600)
    assert [e.speech for e in found] == [0, 0]


def test_old_sound_is_forgotten():
    taken = SegmentSound(segment(end_s=100), LoudIsSpeech())
    taken.begin(0)
    for _ in range(90):
        taken.take(sound("x" * 10))
    assert len(taken._samples) <= 5 * RATE_HZ
