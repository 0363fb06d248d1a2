"""From decoded frames to upright pictures with square pixels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np
from av.sidedata.sidedata import SideDataContainer
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import ColorRange

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

Image: TypeAlias = "NDArray[np.uint8]"

MAX_GRAY_BYTES = 2 * 2**20

_LUMA_FORMATS = """
    gray yuv420p yuv422p yuv444p yuv440p yuv411p yuv410p yuvj420p yuvj422p yuvj444p yuvj440p
    yuvj411p yuva420p yuva422p yuva444p nv12 nv21 nv16 nv24 nv42
"""
_LUMA_PLANE = frozenset(_LUMA_FORMATS.split())
"""Pixel formats whose first plane is 8-bit luma."""

_FULL_GAIN, _FULL_OFFSET = 255 / 219, -16 * 255 / 219
"""Limited-range luma (16-235, ITU-R BT.601) to full range, as FFmpeg's own gray conversion."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture is turned to be upright: transposed first, then mirrored."""

    is_transposed: bool = False
    is_mirrored_x: bool = False
    is_mirrored_y: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> Orientation:
        """Read a frame's display matrix; a turn by other than quarters is rounded to one."""
        # Not frame.side_data, which the frame keeps and which keeps the frame: each picture would
        # stay in memory until that cycle is collected.
        container: Any = SideDataContainer  # its stub knows no argument
        matrix = container(frame).get(SideDataType.DISPLAYMATRIX)
        if matrix is None:
            return cls()
        # Row by row (a b u; c d v; x y w): a stored step right goes (a, b), a step down (c, d).
        a, b, _, c, d, *_ = np.frombuffer(bytes(matrix), np.int32).tolist()
        if abs(a) >= abs(b):
            return cls(is_transposed=False, is_mirrored_x=a < 0, is_mirrored_y=d < 0)
        return cls(is_transposed=True, is_mirrored_x=c < 0, is_mirrored_y=b < 0)

    @property
    def is_upright(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.is_transposed or self.is_mirrored_x or self.is_mirrored_y)

    def apply(self, image: Image) -> Image:
        """Return the upright picture: uint8 [H, W] or [H, W, C]."""
        if self.is_transposed:
            image = image.swapaxes(0, 1)
        if self.is_mirrored_x:
            image = image[:, ::-1]
        if self.is_mirrored_y:
            image = image[::-1]
        return np.ascontiguousarray(image)

    def apply_to_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the size of the upright picture."""
        return (height, width) if self.is_transposed else (width, height)


def display_size(frame: VideoFrame, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """Return (width, height), px, upright and with square pixels, as a browser shows it.

    Args:
        frame: A decoded frame.
        pixel_aspect: Width of a stored pixel over its height; None or 0 means square.
    """
    width, height = frame.width, frame.height
    aspect = pixel_aspect or Fraction(1)
    if aspect > 1:
        width = max(1, round(width * aspect))
    else:
        height = max(1, round(height / aspect))
    return Orientation.of(frame).apply_to_size(width, height)


def to_gray(frame: VideoFrame, *, pixel_aspect: Fraction | None, max_width_px: int) -> Image:
    """Return a frame's luma, upright, with square pixels, never larger than stored.

    Args:
        frame: A decoded frame.
        pixel_aspect: Width of a stored pixel over its height; None or 0 means square.
        max_width_px: Largest width of the upright picture.

    Returns:
        uint8 [H, W], full range 0-255, at most 2 MiB.
    """
    orientation = Orientation.of(frame)
    luma, is_limited = _luma(frame)
    stored = (frame.width, frame.height)
    size = _gray_size(stored, pixel_aspect or Fraction(1), max_width_px, orientation.is_transposed)
    if size != stored:
        # Before turning and expanding: both are then done on fewer pixels.
        luma = _image(cv2.resize(luma, size, interpolation=cv2.INTER_AREA))
    if is_limited:
        # Exactly what a table of 256 gives, at less than half its cost.
        luma = _image(cv2.addWeighted(luma, _FULL_GAIN, luma, 0, _FULL_OFFSET))
    return orientation.apply(luma)


def to_bgr(frame: VideoFrame, *, pixel_aspect: Fraction | None) -> Image:
    """Return a frame in colour, upright, with square pixels: uint8 [H, W, 3], BGR."""
    orientation = Orientation.of(frame)
    shown = display_size(frame, pixel_aspect)
    size = orientation.apply_to_size(*shown)  # turning back is the same swap
    image = _image(frame.reformat(format="bgr24").to_ndarray())
    if size != (frame.width, frame.height):
        image = _image(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    return orientation.apply(image)


@lru_cache(maxsize=64)
def _gray_size(
    stored: tuple[int, int],
    aspect: Fraction,
    max_width_px: int,
    is_transposed: bool,  # noqa: FBT001 - as in Orientation
) -> tuple[int, int]:
    """Return the stored (not yet turned) size that gives the wanted upright one."""
    width, height = Fraction(stored[0]), Fraction(stored[1])
    if aspect > 1:
        height /= aspect
    else:
        width *= aspect
    upright_width = height if is_transposed else width
    scale = min(Fraction(1), Fraction(max_width_px) / upright_width)
    if width * height * scale * scale > MAX_GRAY_BYTES:
        scale = Fraction(isqrt(int(MAX_GRAY_BYTES * 10**12 / (width * height))), 10**6)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    if wide * high > MAX_GRAY_BYTES:  # rounding up just passed it
        wide -= 1
    return wide, high


def _luma(frame: VideoFrame) -> tuple[Image, bool]:
    """Return uint8 [H, W] as stored, and whether it is limited range."""
    is_full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    if frame.format.name == "gray":
        is_full = True
    elif frame.format.name not in _LUMA_PLANE:
        source = ColorRange.JPEG if is_full or frame.format.is_rgb else ColorRange.MPEG
        frame = frame.reformat(
            format="gray", src_color_range=source, dst_color_range=ColorRange.JPEG
        )
        is_full = True
    plane: Any = frame.planes[0]  # a buffer, which its stub does not say
    rows = np.frombuffer(plane, np.uint8, count=frame.height * plane.line_size)
    return rows.reshape(frame.height, plane.line_size)[:, : frame.width], not is_full


def _image(array: Any) -> Image:
    image: Image = array
    return image
