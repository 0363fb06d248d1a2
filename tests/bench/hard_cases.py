"""Films that make it hard to see every face while few frames are searched.

The astronaut of scikit-image (public domain) comes, goes, moves and shrinks before pictures that
pan; gray, 640x360, 15 frames a second, with camera grain. Cases are made up; chance draws others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import skimage.data

from training.detectors import FRAMES_PER_S, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Draw = Callable[["Stage", float], None]

WIDTH_PX, HEIGHT_PX = 640, 360
SECONDS = 8
FACE_PX, FACE_MIDDLE = 95, (224, 113)
"""Side and middle of her face in her picture, as the Haar cascade lays it."""
HEAD = (slice(0, 225), slice(110, 340))
GRAIN = 3.0
CHANCE_FACE_PX, CHANCE_PX_A_S = (20, 140), 80
"""Smallest and largest, and fastest, face that chance draws."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film, and what is true of it.

    Attributes:
        name: What happens in it.
        frames: As the service gets them.
        shows_face: Whether all of a face is in each frame.
    """

    name: str
    frames: list[Picture]
    shows_face: list[bool]


class Stage:
    """One frame while it is drawn."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        self.shows_face = False

    def put(self, x: float, y: float, face_px: float, *, is_mirrored: bool = False) -> None:
        """Draw the head with the middle of its face at (x, y), px; may lie outside."""
        head = _head()[:, ::-1] if is_mirrored else _head()
        scale = face_px / FACE_PX
        middle_x = FACE_MIDDLE[0] - HEAD[1].start
        middle_x = head.shape[1] - middle_x if is_mirrored else middle_x
        moved = np.array([[scale, 0, x - scale * middle_x], [0, scale, y - scale * FACE_MIDDLE[1]]])
        smooth = cv2.GaussianBlur(head, (0, 0), 0.4 / scale) if scale < 1 else head
        frame = (WIDTH_PX, HEIGHT_PX)
        cv2.warpAffine(smooth, moved, frame, self.pixels, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
        half = face_px / 2
        is_inside = half <= x <= WIDTH_PX - half and half <= y <= HEIGHT_PX - half
        self.shows_face = self.shows_face or is_inside


def _head() -> NDArray[np.uint8]:
    gray = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)
    return np.ascontiguousarray(gray[HEAD])


def enters(stage: Stage, moment_s: float) -> None:
    """Slide in from the left after 1.3 s, out to the right after 5.5 s."""
    if 1.3 <= moment_s < 6.8:
        stage.put(min(320, -60 + 260 * (moment_s - 1.3)) + max(0, 300 * (moment_s - 5.5)), 170, 90)


def appears(stage: Stage, moment_s: float) -> None:
    """Be there between two searches, and be gone so."""
    if 1.27 <= moment_s < 3.87 or 5.13 <= moment_s < 7.4:
        stage.put(420, 180, 70)


def two(stage: Stage, moment_s: float) -> None:
    """Stand there, and be joined by another after 2.2 s."""
    stage.put(200 + 10 * np.sin(moment_s), 180, 100)
    if moment_s >= 2.2:
        stage.put(max(460, 700 - 200 * (moment_s - 2.2)), 190, 64, is_mirrored=True)


def cuts(stage: Stage, moment_s: float) -> None:
    """Be in every other shot of 1.3 s."""
    shot = int(moment_s / 1.3)
    if shot % 2:
        stage.put(200 + 60 * shot, 180, 60 + 12 * shot)


def small(face_px: int) -> Draw:
    """Return a drawing of a small face that drifts, there from 0.7 s on."""

    def draw(stage: Stage, moment_s: float) -> None:
        if moment_s >= 0.7:
            stage.put(330 + 30 * np.sin(moment_s), 160 + 10 * np.cos(1.3 * moment_s), face_px)

    return draw


def fast(stage: Stage, moment_s: float) -> None:
    """Swing with up to 500 px/s."""
    stage.put(320 + 160 * np.sin(3.1 * moment_s), 180 + 30 * np.sin(5 * moment_s), 90)


def grows(stage: Stage, moment_s: float) -> None:
    """Come nearer, from 30 to 200 px."""
    stage.put(320, 180, 30 * (200 / 30) ** (moment_s / SECONDS))


def nobody(_stage: Stage, _moment_s: float) -> None:
    """Show the background alone."""


CASES: dict[str, Draw] = {
    "enters": enters,
    "appears": appears,
    "two faces": two,
    "cuts": cuts,
    "24 px": small(24),
    "32 px": small(32),
    "40 px": small(40),
    "fast": fast,
    "grows": grows,
    "nobody": nobody,
}
STILL = ("enters", "two faces", "24 px", "40 px", "nobody")
"""Cases also shown before a picture that does not move."""


def hard_cases() -> Iterator[Film]:
    """Give the cases."""
    for name, draw in CASES.items():
        yield _film(name, draw, is_still=False, has_cuts=name == "cuts")
    for name in STILL:
        yield _film(f"{name}, still", CASES[name], is_still=True)


def chance_cases(count: int) -> Iterator[Film]:
    """Give films of one or two faces of any size that come anywhere, stay for 1-6 s and drift."""
    for number in range(count):
        rng = np.random.default_rng([7, number])
        walks = [_walk(rng) for _ in range(1 + number % 2)]

        def draw(stage: Stage, moment_s: float, walks: list[Draw] = walks) -> None:
            for walk in walks:
                walk(stage, moment_s)

        yield _film(f"chance {number}", draw, is_still=number % 4 > 1, background=number % 3)


def _walk(rng: np.random.Generator) -> Draw:
    first_s, stay_s = rng.uniform(0, SECONDS - 2), rng.uniform(1, 6)
    face_px = float(np.exp(rng.uniform(*np.log(CHANCE_FACE_PX))))
    x, y = rng.uniform(80, WIDTH_PX - 80), rng.uniform(80, HEIGHT_PX - 80)
    turn, speed = rng.uniform(0, 2 * np.pi), rng.uniform(0, CHANCE_PX_A_S)
    is_mirrored = bool(rng.integers(2))

    def draw(stage: Stage, moment_s: float) -> None:
        since_s = moment_s - first_s
        if 0 <= since_s < stay_s:
            way = speed * since_s
            place = x + way * np.cos(turn), y + way * np.sin(turn)
            stage.put(*place, face_px, is_mirrored=is_mirrored)

    return draw


def _film(
    name: str, draw: Draw, *, is_still: bool, has_cuts: bool = False, background: int = 0
) -> Film:
    rng = np.random.default_rng(3)
    backgrounds = _backgrounds()
    grain = [rng.normal(0, GRAIN, (HEIGHT_PX, WIDTH_PX)).round() for _ in range(4)]
    frames, shows_face = [], []
    for index in range(SECONDS * FRAMES_PER_S):
        moment_s = index / FRAMES_PER_S
        wide = backgrounds[int(moment_s / 1.3) % len(backgrounds) if has_cuts else background]
        left = 0 if is_still else round(40 + 38 * np.sin(0.7 * moment_s))
        stage = Stage(wide[20 : 20 + HEIGHT_PX, left : left + WIDTH_PX].copy())
        draw(stage, moment_s)
        gray = (stage.pixels + grain[index % len(grain)]).clip(0, 255).astype(np.uint8)
        frames.append(Picture(gray, round(moment_s * 1e9)))
        shows_face.append(stage.shows_face)
    return Film(name, frames, shows_face)


def _backgrounds() -> list[NDArray[np.uint8]]:
    pictures = (skimage.data.coffee(), skimage.data.rocket(), skimage.data.chelsea())
    size = (WIDTH_PX + 80, HEIGHT_PX + 40)
    grays = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures)
    return [np.asarray(cv2.resize(gray, size), np.uint8) for gray in grays]
