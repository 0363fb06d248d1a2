"""Makes the clip of the bench: 720p30 H.264 and AAC, a real face, scenes without one, a voice.

As ffmpeg's users get it from a phone or a platform: 2.5 Mbit/s, camera grain, moving pictures. Of
ten seconds four show the face while a voice speaks, two another picture with the voice, two the
silent face, two neither; shorter clips hold the same in proportion. Pictures are scikit-image's.
"""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import skimage.data

from tests.clips import SAMPLE_RATE_HZ, Scene, voice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from av.container import OutputContainer
    from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 30
KEY_FRAME_EVERY_S = 4

CYCLE = (
    Scene(4, face=True, voice=True),
    Scene(2, voice=True),
    Scene(2, face=True),
    Scene(2),
)
CYCLE_S = sum(scene.seconds for scene in CYCLE)
FACE_SHARE = sum(scene.seconds for scene in CYCLE if scene.face) / CYCLE_S
VOICE_SHARE = sum(scene.seconds for scene in CYCLE if scene.voice) / CYCLE_S

PORTRAIT_PX = 720
"""The astronaut, head to chest, as high as the picture: a face of about 140 px."""
CANVAS_PX = (WIDTH_PX + 320, HEIGHT_PX + 180)
GRAIN, GRAIN_TILES = 2.5, 8
HUM_HZ, HUM_LEVEL = (110.0, 164.8, 220.0), 0.05


@dataclass(frozen=True, slots=True)
class Format:
    """How a clip is encoded.

    Attributes:
        codec, sound_codec: Encoders, by FFmpeg's names.
        width_px, height_px: Size; pictures are drawn at 720p and enlarged.
        fps: Pictures a second.
        bit_rate, sound_bit_rate: Bits a second.
        options: The encoder's own.
        suffix: That a file's name should have; tells the container.
    """

    codec: str = "libx264"
    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX
    fps: int = FPS
    bit_rate: int = 2_500_000
    options: Mapping[str, str] = field(default_factory=lambda: {"preset": "veryfast"})
    sound_codec: str = "aac"
    sound_bit_rate: int = 128_000
    suffix: str = ".mp4"


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is drawn from, RGB.

    Attributes:
        portrait: uint8 [PORTRAIT_PX, PORTRAIT_PX, 3].
        backgrounds: uint8, of CANVAS_PX; the first is the one behind the face.
        grain: int16 [HEIGHT_PX, WIDTH_PX, 3] each.
    """

    portrait: NDArray[np.uint8]
    backgrounds: tuple[NDArray[np.uint8], ...]
    grain: tuple[NDArray[np.int16], ...]

    @classmethod
    def load(cls) -> Pictures:
        rng = np.random.default_rng(5)
        rocket, coffee, cat = (
            cv2.resize(picture, CANVAS_PX, interpolation=cv2.INTER_CUBIC)
            for picture in (skimage.data.rocket(), skimage.data.coffee(), skimage.data.chelsea())
        )
        wall = cv2.GaussianBlur(coffee, (0, 0), 12)
        grain = [
            rng.normal(0, GRAIN, (HEIGHT_PX, WIDTH_PX, 3)).round().astype(np.int16)
            for _ in range(GRAIN_TILES)
        ]
        side = (PORTRAIT_PX, PORTRAIT_PX)
        portrait = cv2.resize(skimage.data.astronaut(), side, interpolation=cv2.INTER_CUBIC)
        return cls(portrait, (wall, coffee, rocket, cat), tuple(grain))

    def draw(self, index: int, scene: Scene, number: int, *, fps: int = FPS) -> NDArray[np.uint8]:
        """Return picture `index` of the clip, in its scene `number`: uint8 [H, W, 3], RGB."""
        moment_s = index / fps
        others = self.backgrounds[1:]
        background = self.backgrounds[0] if scene.face else others[number // 2 % len(others)]
        left = round(160 + 150 * np.sin(0.5 * moment_s))
        top = round(90 + 80 * np.cos(0.4 * moment_s))
        picture = background[top : top + HEIGHT_PX, left : left + WIDTH_PX].copy()
        if scene.face:
            x = round((WIDTH_PX - PORTRAIT_PX) / 2 + 140 * np.sin(0.9 * moment_s))
            y = round(20 + 20 * np.cos(1.3 * moment_s))
            picture[y:, x : x + PORTRAIT_PX] = self.portrait[: HEIGHT_PX - y]
        grainy = cv2.add(picture, self.grain[index % GRAIN_TILES], dtype=cv2.CV_8U)
        return np.asarray(grainy, np.uint8)


def scenes_of(seconds: float) -> list[Scene]:
    """Return scenes that fill a clip: whole cycles of about CYCLE_S, the same shares of each."""
    cycles = max(1, round(seconds / CYCLE_S))
    scale = seconds / (cycles * CYCLE_S)
    return [Scene(s.seconds * scale, s.face, s.voice) for s in CYCLE] * cycles


def per_frame(scenes: list[Scene], *, fps: int = FPS) -> Iterator[tuple[int, Scene, int]]:
    """Give number of the picture, scene and number of the scene for each picture."""
    index, end_s = 0, 0.0
    for number, scene in enumerate(scenes):
        end_s += scene.seconds
        while index < round(end_s * fps):
            yield index, scene, number
            index += 1


def sound_of(scenes: list[Scene]) -> NDArray[np.int16]:
    """Return voice, and a low hum where there is none: int16 [S] at 48 kHz."""
    parts = []
    for scene in scenes:
        if scene.voice:
            parts.append(voice(scene.seconds))
        else:
            moments_s = np.arange(int(scene.seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
            parts.append(HUM_LEVEL * sum(np.sin(2 * np.pi * hz * moments_s) for hz in HUM_HZ))
    return (np.concatenate(parts) * 32767).astype(np.int16)


def write_clip(path: Path, seconds: float, form: Format | None = None) -> Path:
    """Write a clip and return its path; it appears there only when it is whole."""
    form = form or Format()
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path) as out:
        options = {"g": str(KEY_FRAME_EVERY_S * form.fps), **form.options}
        video = out.add_stream(form.codec, rate=form.fps, options=options)
        video.width, video.height, video.pix_fmt = form.width_px, form.height_px, "yuv420p"
        video.bit_rate = form.bit_rate
        sound = out.add_stream(form.sound_codec, rate=SAMPLE_RATE_HZ, layout="stereo")
        sound.bit_rate = form.sound_bit_rate
        for picture, heard in _frames(scenes_of(seconds), form):
            out.mux(video.encode(picture))
            out.mux(sound.encode(heard))
        out.mux(video.encode())
        out.mux(sound.encode())
    return path


@contextmanager
def writing(path: Path) -> Iterator[OutputContainer]:
    """Give a container to write; it appears only if it is whole, and leaves nothing if not."""
    partial = path.with_suffix(f".partial{path.suffix}")
    movable = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
    try:
        with av.open(str(partial), "w", options=movable) as out:
            yield out
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _frames(scenes: list[Scene], form: Format) -> Iterator[tuple[av.VideoFrame, av.AudioFrame]]:
    """Give each picture with the sound that is heard while it is on screen."""
    pictures, samples, heard = Pictures.load(), sound_of(scenes), 0
    for index, scene, number in per_frame(scenes, fps=form.fps):
        pixels = pictures.draw(index, scene, number, fps=form.fps)
        if form.width_px != WIDTH_PX:
            pixels = cv2.resize(pixels, (form.width_px, form.height_px))
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, form.fps)
        until = (index + 1) * SAMPLE_RATE_HZ // form.fps
        yield frame, audio_frame(samples[heard:until], heard)
        heard = until


def audio_frame(samples: NDArray[np.int16], start: int) -> av.AudioFrame:
    """Return int16 [S] as stereo from the sample numbered `start` on."""
    both = np.repeat(samples, 2)[None, :]
    frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
    frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, start
    frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
    return frame


def main() -> None:
    """Write a clip unless it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not options.out.exists():
        write_clip(options.out, options.seconds)


if __name__ == "__main__":
    main()
