"""Has MoviePy draw what a polished cut adds: a title card, captions, crossfades.

MoviePy is an extra. Only its drawing and compositing are used: files are read and written as for
every other cut, without its ffmpeg.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
import numpy as np
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons

if TYPE_CHECKING:
    from collections.abc import Callable

    from emotionmap_media.geometry import Image

GROUND_RGB = (20, 24, 33)
"""Of title cards."""
TITLE_WIDTH, TITLE_HEIGHT = 0.8, 0.8
"""Shares of the picture that a title fills at most."""
TITLE_SIZES = (0.1, 0.07, 0.05, 0.035, 0.025)
"""Sizes of its letters, shares of the height; the first that fits is taken."""
CAPTION_SIZE, CAPTION_WIDTH = 0.045, 0.9
CAPTION_MARGIN = 0.04
"""Share of the height between a caption and the edges of the picture."""
GROUND_OPACITY = 0.6
MIN_LETTER_PX = 8
FONTS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
"""Looked for on the system, in this order."""
_PLAIN_MARKS = str.maketrans("\u2013\u2014\u2018\u2019\u201c\u201d", "--''\"\"")

MoviePy: TypeAlias = Any  # it has no types


@dataclass(frozen=True, slots=True)
class Pen:
    """What letters are drawn with.

    Attributes:
        moviepy: The library.
        font: Path of a font; None means Pillow's own, which has the letters of ASCII alone.
    """

    moviepy: MoviePy
    font: str | None

    def writable(self, text: str) -> str:
        """Return a text in one line, without what is not written or has no letter."""
        if self.font is None:
            # Accents are parted from their letters, and then dropped.
            text = unicodedata.normalize("NFKD", text.translate(_PLAIN_MARKS))
            text = text.encode("ascii", "ignore").decode()
        kept = (" " if unicodedata.category(c)[0] in "ZC" else c for c in text)
        return " ".join("".join(kept).split())


def load() -> Pen:
    """Return what can draw.

    Raises:
        ServiceError: UNIMPLEMENTED `POLISHED_UNAVAILABLE`: it is not installed.
    """
    # Otherwise it runs the ffmpeg that comes with it, and reads a file .env from above.
    os.environ.setdefault("FFMPEG_BINARY", "auto-detect")
    os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
    try:
        import moviepy  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        raise ServiceError(
            grpc.StatusCode.UNIMPLEMENTED,
            reasons.POLISHED_UNAVAILABLE,
            "This server cannot make polished cuts: MoviePy is not installed.",
        ) from None
    return Pen(moviepy, _font())


def _font() -> str | None:
    """Return the path of a font of the system."""
    from PIL import ImageFont  # noqa: PLC0415 - comes with MoviePy

    for name in FONTS:
        try:
            return str(ImageFont.truetype(name).path)
        except OSError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Plate:
    """A caption: where it lies, and what it covers the picture with."""

    top: int
    left: int
    rgb: Image
    opacity: Image
    """uint8 [H, W, 1], 0-255."""

    def stamp(self, image: Image) -> Image:
        """Return a picture, uint8 [H, W, 3], with the caption on it."""
        height, width = self.opacity.shape[:2]
        area = np.s_[self.top : self.top + height, self.left : self.left + width]
        stamped = image.copy()
        weight = self.opacity.astype(np.uint16)
        mixed = stamped[area] * (255 - weight) + self.rgb * weight
        stamped[area] = (mixed + 127) // 255
        return stamped


def draw_title(pen: Pen, text: str, size_px: tuple[int, int]) -> Image:
    """Return a title card: uint8 [H, W, 3]."""
    width, height = size_px
    moviepy = pen.moviepy
    for share in TITLE_SIZES:
        letters = moviepy.TextClip(
            text=pen.writable(text) or " ",
            font=pen.font,
            font_size=max(MIN_LETTER_PX, round(height * share)),
            size=(max(1, round(width * TITLE_WIDTH)), None),
            margin=(0, round(height * share / 3)),
            color="white",
            method="caption",
            text_align="center",
        )
        if letters.h <= height * TITLE_HEIGHT:
            break
    ground = moviepy.ColorClip(size_px, color=GROUND_RGB)
    card = moviepy.CompositeVideoClip([ground, letters.with_position("center")], use_bgclip=True)
    return np.ascontiguousarray(card.get_frame(0), dtype=np.uint8)


def draw_caption(pen: Pen, text: str, color_rgb: int, size_px: tuple[int, int]) -> Plate:
    """Return a caption with a mark of a colour before it."""
    width, height = size_px
    letter_px = max(MIN_LETTER_PX, round(height * CAPTION_SIZE))
    pad = letter_px // 2
    ink = _ink(pen, text, letter_px)
    ink = ink[:height, : max(1, round(width * CAPTION_WIDTH) - letter_px - 3 * pad)]
    plate_width = min(width, ink.shape[1] + letter_px + 3 * pad)
    opacity = np.full((ink.shape[0], plate_width, 1), round(255 * GROUND_OPACITY), np.uint8)
    rgb = np.zeros((ink.shape[0], plate_width, 3), np.uint8)
    left, room = letter_px + 2 * pad, max(0, plate_width - letter_px - 2 * pad)
    ink = ink[:, :room]
    rgb[:, left : left + ink.shape[1]] = ink[:, :, None]
    words = opacity[:, left : left + ink.shape[1], 0]
    np.maximum(words, ink, out=words)
    top = max(0, (ink.shape[0] - letter_px) // 2)
    mark = np.s_[top : top + letter_px, pad : pad + letter_px]
    rgb[mark] = color_rgb >> 16 & 0xFF, color_rgb >> 8 & 0xFF, color_rgb & 0xFF
    opacity[mark] = 255
    edge = round(height * CAPTION_MARGIN)
    return Plate(
        top=max(0, height - ink.shape[0] - edge),
        left=min(edge, width - plate_width),
        rgb=rgb,
        opacity=opacity,
    )


def _ink(pen: Pen, text: str, letter_px: int) -> Image:
    """Return how much of each pixel a text covers: uint8 [H, W]."""
    written = pen.moviepy.TextClip(
        text=pen.writable(text) or " ",
        font=pen.font,
        font_size=letter_px,
        color="white",
        margin=(0, letter_px // 4),
    )
    ink: Image = (written.mask.get_frame(0) * 255).astype(np.uint8)
    return ink


def crossfade(
    pen: Pen,
    before: Callable[[float], Image],
    after: Callable[[float], Image],
    length_s: float,
) -> Callable[[float], Image]:
    """Return pictures, by seconds from their beginning, that turn from some into others."""
    moviepy = pen.moviepy
    first = moviepy.VideoClip(before, duration=length_s)
    second = moviepy.VideoClip(after, duration=length_s)
    second = second.with_effects([moviepy.vfx.CrossFadeIn(length_s)])
    mixed = moviepy.CompositeVideoClip([first, second], use_bgclip=True)

    def at(time_s: float) -> Image:
        return np.ascontiguousarray(mixed.get_frame(time_s), dtype=np.uint8)

    return at
