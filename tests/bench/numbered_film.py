"""A long film whose every picture shows its number and whose every second begins with a click.

The bench's pictures and sound, encoded once for a minute and written again and again as they are
(multiply.py); numbers begin anew with each copy.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

from tests.bench.clip import (
    FPS,
    KEY_FRAME_EVERY_S,
    Format,
    Pictures,
    audio_frame,
    per_frame,
    scenes_of,
    sound_of,
)
from tests.bench.multiply import repeat
from tests.clips import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

PERIOD_S = 64
"""A multiple of 8 s, so that packets of sound fill it."""
PICTURES = PERIOD_S * FPS
BITS, BAR_PX, ROW_PX = 12, 64, 48
DARK, BRIGHT = 30, 220
CLICK_SAMPLES, CLICK_HZ, CLICK_LEVEL = 240, 6000, 30_000


def write_film(folder: Path, seconds: float) -> Path:
    """Write a film of so many seconds and return its path; the minute it is made of is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    minute, film = folder / "minute.mp4", folder / "film.mp4"
    if not minute.exists():
        _write_minute(minute)
    return repeat(minute, film, seconds)


def number_of(frame: av.VideoFrame) -> int:
    """Return the number that a picture shows."""
    luma = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
    middles = [luma[ROW_PX // 2, BAR_PX * bit + BAR_PX // 2] for bit in range(BITS)]
    return sum(1 << bit for bit, value in enumerate(middles) if value > (DARK + BRIGHT) / 2)


def clicks_in(samples: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return where clicks begin, samples: int16 [S] at 48 kHz."""
    middle = np.exp(-2j * np.pi * CLICK_HZ / SAMPLE_RATE_HZ * np.arange(len(samples)))
    shifted = np.cumsum(samples * middle)
    window = CLICK_SAMPLES // 2
    level = np.abs(shifted[window:] - shifted[:-window]) / window
    loud = np.flatnonzero(level > CLICK_LEVEL / 4)  # a sine's level is half its height
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-SAMPLE_RATE_HZ) > SAMPLE_RATE_HZ // 4)]
    # Half of a window's worth of a click is half its level.
    return np.asarray(starts + window // 2, np.int64)


def _write_minute(path: Path) -> None:
    form = Format()
    partial = path.with_suffix(".partial.mp4")
    with av.open(str(partial), "w") as out:
        options = {"g": str(KEY_FRAME_EVERY_S * FPS), **form.options}
        video = out.add_stream(form.codec, rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = form.width_px, form.height_px, "yuv420p"
        video.bit_rate = form.bit_rate
        sound = out.add_stream(form.sound_codec, rate=SAMPLE_RATE_HZ, layout="stereo")
        sound.bit_rate = form.sound_bit_rate
        for picture, heard in _frames():
            out.mux(video.encode(picture))
            out.mux(sound.encode(heard))
        out.mux(video.encode())
        out.mux(sound.encode())
    partial.replace(path)


def _frames() -> Iterator[tuple[av.VideoFrame, av.AudioFrame]]:
    scenes, pictures = scenes_of(PERIOD_S), Pictures.load()
    samples = _with_clicks(sound_of(scenes))
    for index, scene, number in per_frame(scenes):
        pixels = pictures.draw(index, scene, number)
        for bit in range(BITS):
            value = BRIGHT if index >> bit & 1 else DARK
            pixels[:ROW_PX, BAR_PX * bit : BAR_PX * (bit + 1)] = value
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        start, end = (SAMPLE_RATE_HZ * at // FPS for at in (index, index + 1))
        yield frame, audio_frame(samples[start:end], start)


def _with_clicks(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return sound as long as the pictures, half as loud, with a click at every whole second."""
    film = np.zeros(PERIOD_S * SAMPLE_RATE_HZ, np.int16)
    film[: len(samples)] = samples[: len(film)] // 4
    moments_s = np.arange(CLICK_SAMPLES) / SAMPLE_RATE_HZ
    click = (CLICK_LEVEL * np.sin(2 * np.pi * CLICK_HZ * moments_s)).astype(np.int16)
    film.reshape(PERIOD_S, SAMPLE_RATE_HZ)[:, :CLICK_SAMPLES] = click
    return film
