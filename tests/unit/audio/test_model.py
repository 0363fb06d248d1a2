"""The shipped weights and the real speech gate, on real and synthetic sound."""

from __future__ import annotations

import av
import numpy as np
import pytest
from emotionmap_audio.excerpts import NS_PER_S, Segment, SegmentSound
from emotionmap_audio.manifest import read_weights
from emotionmap_audio.onnx_model import load_model
from emotionmap_audio.settings import SHIPPED_WEIGHTS
from emotionmap_audio.silero_model import SileroDetector
from emotionmap_audio.stream import score_waves

RATE_HZ = 16_000
BATCH_TOLERANCE = 1e-4
"""What the company in a batch may change."""
SECONDS = 6
RNG = np.random.default_rng(0)
TIME_S = np.arange(SECONDS * RATE_HZ) / RATE_HZ

NO_SPEECH = {
    "silence": np.zeros_like(TIME_S),
    "hiss": RNG.normal(0, 2000, TIME_S.shape),
    "hum": 6000 * np.sin(2 * np.pi * 110 * TIME_S),
    "chord": sum(2500 * np.sin(2 * np.pi * hz * TIME_S) for hz in (262, 330, 392, 523)),
    "beat": 15_000 * RNG.normal(0, 1, TIME_S.shape) * np.exp(-20 * (TIME_S % 0.5)),
}


def excerpts(samples):
    seconds = len(samples) / RATE_HZ
    segment = Segment(0, round(seconds * NS_PER_S), NS_PER_S, 3 * NS_PER_S)
    sound = SegmentSound(segment, SileroDetector())
    sound.begin(0)
    return sound.take(samples.astype(np.int16)) + sound.finish()


def soundtrack(path):
    """Return int16 [N], mono, 16 kHz."""
    resampler = av.AudioResampler("s16", "mono", RATE_HZ)
    with av.open(str(path)) as container:
        parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])


@pytest.fixture(scope="module")
def model():
    if not (SHIPPED_WEIGHTS / "manifest.json").is_file():
        pytest.skip("the weights are not here")
    return load_model(read_weights(SHIPPED_WEIGHTS), threads=1)


@pytest.mark.parametrize("name", NO_SPEECH)
def test_the_gate_stays_closed_without_speech(name):
    assert [e.speech for e in excerpts(NO_SPEECH[name])] == [0] * SECONDS


@pytest.mark.parametrize("name", ["grid_bbaf2n.mpg", "grid_lbax4n.mpg", "grid_sbia1a.mpg"])
def test_the_gate_opens_for_speech(shared_media, name):
    spoken = [e.speech for e in excerpts(soundtrack(shared_media / name))]
    assert 0.3 < np.mean(spoken) <= 1


@pytest.mark.parametrize("name", ["cartoon_no_face.mp4", "face_then_cartoon.mov"])
def test_the_gate_stays_closed_for_music(shared_media, name):
    assert all(e.wave is None for e in excerpts(soundtrack(shared_media / name)))


@pytest.mark.model
def test_company_in_a_batch_changes_nothing(model):
    lengths = [16_000, 24_000, 16_000, 48_000, 24_000]
    waves = [RNG.normal(0, 1, length).astype(np.float32) for length in lengths]
    together = np.stack(score_waves(model, waves))
    alone = np.concatenate([score_waves(model, [wave]) for wave in waves])
    assert np.abs(together - alone).max() < BATCH_TOLERANCE
    assert together.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.model
@pytest.mark.parametrize("samples", [6_400, 160_000])
def test_the_shortest_and_the_longest_sound_are_scored(model, samples):
    wave = RNG.normal(0, 1, samples).astype(np.float32)
    [scores] = score_waves(model, [wave])
    assert scores.shape == (7,)
    assert scores.sum() == pytest.approx(1, abs=1e-5)
