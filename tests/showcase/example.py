"""Draws and encodes the example video of the page: `python -m tests.showcase.example`.

A real face (scikit-image's astronaut: NASA, public domain) that the camera wanders over, drawn
scenes between, and synthetic voices of several pitches. Nobody speaks a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import skimage.data
from scipy.signal import resample

from tests.clips import FPS, HEIGHT_PX, SAMPLE_RATE_HZ, WIDTH_PX, plain_picture, voice

if TYPE_CHECKING:
    from numpy.typing import NDArray

OUT = Path(__file__).parents[2] / "web/public/example.mp4"
MAX_BYTES = 1_000_000
FADE_S = 0.4


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of the example; `pitch` 0 is silence, 1 a man's voice, 2 an octave above."""

    seconds: float
    face: bool
    pitch: float = 0.0
    seed: int = 7


SHOTS = (
    Shot(5, face=True),
    Shot(4, face=False, pitch=1.5, seed=2),
    Shot(4, face=False, pitch=1.0),
    Shot(4, face=True),
    Shot(4, face=False, pitch=2.4, seed=6),
    Shot(2, face=False),
    Shot(5, face=True),
)


def portrait(share: float) -> NDArray[np.uint8]:
    """Return the astronaut as a slow zoom sees her: uint8 [H, W, 3], RGB."""
    whole = skimage.data.astronaut()
    width = 420 - 90 * share
    height = width * HEIGHT_PX / WIDTH_PX
    left, top = 20 + 20 * share, 4 + 6 * share
    edges = np.array([[left, top], [left + width, top], [left, top + height]], np.float32)
    corners = np.array([[0, 0], [WIDTH_PX, 0], [0, HEIGHT_PX]], np.float32)
    move = cv2.getAffineTransform(edges, corners)
    return cv2.warpAffine(whole, move, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_AREA)


def pictures(shot: Shot, *, start_s: float) -> NDArray[np.uint8]:
    """Return a shot that fades in, but for the first: uint8 [T, H, W, 3]."""
    count = round(shot.seconds * FPS)
    made = []
    for index in range(count):
        drawn = portrait(index / count) if shot.face else plain_picture(start_s + index / FPS)
        light = 1.0 if start_s == 0 else min(1.0, (index + 1) / FPS / FADE_S)
        made.append(drawn * light)
    return np.stack(made).astype(np.uint8)


def sound(shot: Shot) -> NDArray[np.int16]:
    """Return what is heard: int16 [S] at 48 kHz."""
    count = round(shot.seconds * SAMPLE_RATE_HZ)
    if shot.pitch == 0:
        return np.zeros(count, np.int16)
    spoken = resample(voice(shot.seconds * shot.pitch, seed=shot.seed), count)
    return (np.clip(spoken, -1, 1) * 30_000).astype(np.int16)


def write(path: Path) -> None:
    """Write the example as H.264 and AAC."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        options = {"preset": "veryslow", "crf": "30", "g": "50"}
        video = out.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        heard = out.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono", bit_rate=48_000)
        index = 0
        for shot in SHOTS:
            for picture in pictures(shot, start_s=index / FPS):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, FPS)
                out.mux(video.encode(frame))
                index += 1
        out.mux(video.encode())
        samples = np.concatenate([sound(shot) for shot in SHOTS])
        block = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        block.sample_rate, block.pts = SAMPLE_RATE_HZ, 0
        out.mux(heard.encode(block))
        out.mux(heard.encode())


def main() -> None:
    """Write the example where the page has it.

    Raises:
        ValueError: It has become too large.
    """
    OUT.parent.mkdir(parents=True, exist_ok=True)
    write(OUT)
    size_bytes = OUT.stat().st_size
    if size_bytes > MAX_BYTES:
        raise ValueError(f"{OUT.name} has {size_bytes} bytes")


if __name__ == "__main__":
    main()
