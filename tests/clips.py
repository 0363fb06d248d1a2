"""Clips that tests are about: a real face (scikit-image's astronaut), and a synthetic voice.

Synthesised on the spot, so that no binary is committed. The face is public domain (NASA).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import skimage.data
from scipy.signal import lfilter

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX, FPS = 640, 360, 25
SAMPLE_RATE_HZ = 48_000
FACE_CROP_PX = (0, 200, 100, 355)  # top, bottom, left, right of the face with its hair

# First three formants of five vowels, Hz (Peterson and Barney 1952, male speakers, rounded).
FORMANTS_HZ = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)
BANDWIDTHS_HZ = (80, 100, 140)


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of a clip.

    Attributes:
        seconds: Length.
        face: Whether the face is on screen.
        voice: Whether the voice speaks.
    """

    seconds: float
    face: bool = False
    voice: bool = False


def face_picture(moment_s: float) -> NDArray[np.uint8]:
    """Return the astronaut's face drifting over a plain wall: uint8 [H, W, 3], RGB."""
    top, bottom, left, right = FACE_CROP_PX
    face = skimage.data.astronaut()[top:bottom, left:right]
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), (92, 104, 112), np.uint8)
    x = round(190 + 40 * np.sin(moment_s))
    y = round(80 + 15 * np.cos(1.3 * moment_s))
    picture[y : y + face.shape[0], x : x + face.shape[1]] = face
    return picture


def plain_picture(moment_s: float) -> NDArray[np.uint8]:
    """Return a moving gradient without a face: uint8 [H, W, 3], RGB."""
    across = np.linspace(0, 1, WIDTH_PX // 8)[None, :] + 0.1 * moment_s
    down = np.linspace(0, 1, HEIGHT_PX // 8)[:, None]
    channels = [0.5 + 0.5 * np.sin(2 * np.pi * (across + k * down / 3)) for k in range(3)]
    blocks = (np.stack(channels, axis=-1) * 200 + 20).astype(np.uint8)
    return blocks.repeat(8, axis=0).repeat(8, axis=1)


def voice(seconds: float, *, seed: int = 7) -> NDArray[np.float64]:
    """Return babble from a source-filter synthesiser: float64 [S] at 48 kHz, within [-1, 1].

    Glottal pulses of a wandering pitch through the formants of changing vowels (Klatt 1980, in
    miniature): speech enough for a speech detector, without words.
    """
    rng = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE_HZ:
        parts.append(_syllable(rng))
        if rng.random() < 0.2:
            parts.append(np.zeros(int(0.08 * SAMPLE_RATE_HZ)))
    sound = np.concatenate(parts)[: int(seconds * SAMPLE_RATE_HZ)]
    return 0.5 * sound / np.abs(sound).max()


def _syllable(rng: np.random.Generator) -> NDArray[np.float64]:
    samples = int(rng.uniform(0.14, 0.28) * SAMPLE_RATE_HZ)
    pitch_hz = rng.uniform(105, 150) * np.linspace(1.1, 0.9, samples)
    phase = np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    sound = np.diff(np.floor(phase), prepend=0.0) + 0.003 * rng.standard_normal(samples)
    sound = lfilter([1], [1, -0.97], sound)  # glottal source: about -6 dB an octave
    for formant_hz, width_hz in zip(rng.choice(FORMANTS_HZ), BANDWIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * width_hz / SAMPLE_RATE_HZ)
        angle = 2 * np.pi * formant_hz / SAMPLE_RATE_HZ
        sound = lfilter([1], [1, -2 * radius * np.cos(angle), radius**2], sound)
    envelope = np.minimum(1, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / 900)
    onset = rng.standard_normal(samples) * np.exp(-np.arange(samples) / 700)
    sound = sound / np.abs(sound).max()
    return envelope * sound + 0.08 * onset


def write_clip(path: Path, scenes: list[Scene]) -> Path:
    """Write scenes as H.264 + AAC, 25 fps, a key frame every two seconds; return the path."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "g": "50"})
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        sound = out.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")
        for index, scene in enumerate(_per_frame(scenes)):
            draw = face_picture if scene.face else plain_picture
            frame = av.VideoFrame.from_ndarray(draw(index / FPS), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        samples = (np.concatenate([_sound(s) for s in scenes]) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, 0
        out.mux(sound.encode(frame))
        out.mux(sound.encode())
    return path


def _per_frame(scenes: list[Scene]) -> list[Scene]:
    return [scene for scene in scenes for _ in range(round(scene.seconds * FPS))]


def _sound(scene: Scene) -> NDArray[np.float64]:
    samples = int(scene.seconds * SAMPLE_RATE_HZ)
    return voice(scene.seconds) if scene.voice else np.zeros(samples)
