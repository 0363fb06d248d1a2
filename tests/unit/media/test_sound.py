"""Sound lies where its timestamps say, whatever the container's clock."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from av.audio.frame import AudioFrame
from emotionmap_media.clock import Span
from emotionmap_media.reading import Sound
from emotionmap_media.sound import SoundClock, SoundSource

RATE_HZ = 16_000


def frames(values, rate_hz, *, size=1024, start=0, dtype="s16"):
    """Yield sound as decoded frames, `start` source samples behind time zero."""
    for at in range(0, len(values), size):
        frame = AudioFrame.from_ndarray(values[None, at : at + size], dtype, "mono")
        frame.sample_rate = rate_hz
        yield Sound(Fraction(start + at, rate_hz), frame)


def laid(sounds, span, *, origin=Fraction(0), tick=Fraction(1, 48_000), chunk=8000):
    clock = SoundClock(
        span, SoundSource(origin, tick, 0), rate_hz=RATE_HZ, channels=1, chunk_samples=chunk
    )
    chunks = [chunk for sound in sounds for chunk in clock.add(sound)]
    return [*chunks, *clock.finish()]


def joined(chunks):
    for one, following in pairwise(chunks):
        assert one.index + len(one.samples) == following.index
    return np.concatenate([chunk.samples for chunk in chunks])[:, 0]


def tone(seconds, rate_hz):
    times = np.arange(int(seconds * rate_hz)) / rate_hz
    return (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000, 96000])
def test_a_tone_keeps_its_place(rate_hz):
    out = joined(laid(frames(tone(2, rate_hz), rate_hz), Span(Fraction(0), Fraction(2))))
    wanted = tone(2, RATE_HZ)
    assert abs(len(out) - len(wanted)) <= 1
    middle = slice(1000, 31_000)
    assert np.abs(out[middle].astype(int) - wanted[middle]).max() < 100


@pytest.mark.parametrize("rate_hz", [44100, 48000, 22050])
@pytest.mark.parametrize("first_frame", [20, 33])
def test_starting_later_gives_the_same_samples(rate_hz, first_frame):
    sounds = list(frames(tone(4, rate_hz), rate_hz))
    whole = joined(laid(sounds, Span(Fraction(0), Fraction(4))))
    again = list(frames(tone(4, rate_hz), rate_hz))[first_frame:]
    part = joined(laid(again, Span(Fraction(5, 2), Fraction(3))))
    assert np.array_equal(part, whole[40_000:48_000])


def test_a_gap_is_silence_and_what_follows_keeps_its_time():
    values = tone(1, 48_000)
    sounds = [*frames(values, 48_000), *frames(values, 48_000, start=96_000)]
    out = joined(laid(sounds, Span(Fraction(0), Fraction(3))))
    assert np.abs(out[16_100:31_900]).max() == 0
    assert np.abs(out[32_100:47_000].astype(int) - tone(1, RATE_HZ)[100:15_000]).max() < 100


def test_an_overlap_is_cut():
    values = tone(1, 48_000)
    sounds = [*frames(values, 48_000), *frames(values, 48_000, start=24_000)]
    assert len(joined(laid(sounds, Span(Fraction(0), Fraction(3))))) == 24_000


def test_millisecond_clocks_leave_no_cracks():
    rounded = [
        Sound(Fraction(round(sound.time * 1000), 1000), sound.frame)
        for sound in frames(tone(2, 44_100), 44_100)
    ]
    out = joined(laid(rounded, Span(Fraction(0), Fraction(2)), tick=Fraction(1, 1000)))
    assert np.abs(out[1000:31_000].astype(int) - tone(2, RATE_HZ)[1000:31_000]).max() < 100


def test_nothing_is_filled_in_before_the_stream_starts():
    sounds = frames(tone(1, 48_000), 48_000, start=48_000)
    chunks = laid(sounds, Span(Fraction(0), Fraction(3)), origin=Fraction(1))
    assert chunks[0].index == 16_000


def test_unsigned_sound_rests_in_its_middle():
    values = np.full(48_000, 128, np.uint8)
    sounds = frames(values, 44_100, start=100, dtype="u8")
    assert np.abs(joined(laid(sounds, Span(Fraction(0), Fraction(1))))).max() == 0


def test_a_change_of_rate_is_followed():
    sounds = [*frames(tone(1, 48_000), 48_000), *frames(tone(1, 44_100), 44_100, start=44_100)]
    out = joined(laid(sounds, Span(Fraction(0), Fraction(2))))
    assert np.abs(out[17_000:31_000].astype(int) - tone(1, RATE_HZ)[1000:15_000]).max() < 100


def test_chunks_have_the_wanted_length():
    chunks = laid(frames(tone(1.2, 48_000), 48_000), Span(Fraction(0), Fraction(2)))
    assert [len(chunk.samples) for chunk in chunks] == [8000, 8000, 3200]


@pytest.mark.parametrize("size", [160, 1024, 5000, 20_000])
def test_the_size_of_frames_does_not_change_what_is_heard(size):
    span = Span(Fraction(0), Fraction(2))
    wanted = joined(laid(frames(tone(2, 44_100), 44_100), span))
    assert np.array_equal(joined(laid(frames(tone(2, 44_100), 44_100, size=size), span)), wanted)
