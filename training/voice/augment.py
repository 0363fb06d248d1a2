"""Random changes to speech that keep its emotion. Not used outside training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.voice.prepare import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SPEED_RANGE = (0.83, 1.2)
"""Speed and pitch change together, as on a tape."""
FILTER_PROBABILITY = 0.5
FILTER_TAPS = 15
FILTER_DEVIATION = 0.25
TILT_RANGE = (-0.5, 0.6)
"""Coefficient of a two-tap filter: dull to bright microphones."""
ECHO_PROBABILITY = 0.2
ECHO_DELAY_S = (0.01, 0.12)
ECHO_GAIN = (0.1, 0.5)
NOISE_PROBABILITY = 0.5
NOISE_SNR_DB = (5.0, 40.0)
SOUND_PROBABILITY = 0.5
"""Share of the noises that are music, weather, animals or machines instead of white or brown."""
CLIP_PROBABILITY = 0.1
SILENCE = 1e-6


def normalize(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 [..., T] with zero mean and unit variance along the last axis.

    Source: `Wav2Vec2FeatureExtractor.zero_mean_unit_var_norm` of transformers, epsilon 1e-7.
    """
    centred = wave - wave.mean(axis=-1, keepdims=True)
    return (centred / np.sqrt(centred.var(axis=-1, keepdims=True) + 1e-7)).astype(np.float32)


def crop(pcm: NDArray[np.int16], samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a random part at a random speed, with silence where it is too short.

    Args:
        pcm: int16 [T].
        samples: length of the result.
        rng: source of chance.

    Returns:
        float32 [samples].
    """
    speed = rng.uniform(*SPEED_RANGE)
    wanted = round(samples * speed)
    start = rng.integers(0, max(1, len(pcm) - wanted + 1))
    part = pcm[start : start + wanted].astype(np.float32) / 32768
    length = min(samples, round(len(part) / speed))
    positions = np.linspace(0, len(part) - 1, length, dtype=np.float32)
    placed = np.zeros(samples, dtype=np.float32)
    offset = rng.integers(0, samples - length + 1)
    placed[offset : offset + length] = np.interp(positions, np.arange(len(part)), part)
    return placed


def color(wave: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Filter float32 [T] as some room and microphone would: random taps and a spectral tilt."""
    taps = rng.normal(0, FILTER_DEVIATION, FILTER_TAPS) * np.exp(-np.arange(FILTER_TAPS) / 5)
    taps[0] = 1
    taps = np.convolve(taps, (1, rng.uniform(*TILT_RANGE))).astype(np.float32)
    return np.convolve(wave, taps)[: len(wave)].astype(np.float32)


def echo(wave: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add a few delayed copies to float32 [T]."""
    result = wave.copy()
    for _ in range(rng.integers(1, 4)):
        delay = int(rng.uniform(*ECHO_DELAY_S) * SAMPLE_RATE_HZ)
        result[delay:] += rng.uniform(*ECHO_GAIN) * wave[:-delay]
    return result


def noise(
    samples: int, sounds: Sequence[NDArray[np.int16]], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return float32 [samples] of a random sound, or of white or brown noise."""
    if sounds and rng.random() < SOUND_PROBABILITY:
        sound = sounds[int(rng.integers(len(sounds)))]
        start = rng.integers(0, max(1, len(sound) - samples + 1))
        return (np.resize(sound[start : start + samples], samples) / 32768).astype(np.float32)
    white = rng.standard_normal(samples, dtype=np.float32)
    if rng.random() < 0.5:
        return white
    brown = np.cumsum(white)
    return (brown - np.linspace(brown[0], brown[-1], samples)).astype(np.float32)


def add_noise(
    wave: NDArray[np.float32], sounds: Sequence[NDArray[np.int16]], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Mix a noise under float32 [T] at a random ratio of their powers."""
    added = noise(len(wave), sounds, rng)
    ratio = 10 ** (-rng.uniform(*NOISE_SNR_DB) / 20)
    return wave + added * (ratio * wave.std() / (added.std() + SILENCE))


def augment_voice(
    pcm: NDArray[np.int16],
    samples: int,
    sounds: Sequence[NDArray[np.int16]],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return float32 [samples], zero mean and unit variance: one random variant of int16 [T]."""
    wave = crop(pcm, samples, rng)
    if rng.random() < FILTER_PROBABILITY:
        wave = color(wave, rng)
    if rng.random() < ECHO_PROBABILITY:
        wave = echo(wave, rng)
    if rng.random() < CLIP_PROBABILITY:
        limit = rng.uniform(0.3, 0.9) * np.abs(wave).max()
        wave = np.clip(wave, -limit, limit)
    if rng.random() < NOISE_PROBABILITY:
        wave = add_noise(wave, sounds, rng)
    return normalize(wave)
