"""Spoils face crops as video does, always in the same way. Judging only; not used in training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Spoiler = Callable[[Image, np.random.Generator], Image]

SEED = 48
SIDE_PX = 48
BLUR_SIGMA_PX = 1.5
LIGHT_SHARE = 0.25
LIGHT_NOISE = 4.0
"""Standard deviation of the noise of a dark picture, in gray levels."""
SMALL_PX = 20
"""The smallest face that the product scores."""
JPEG_QUALITY = 10
SHIFT_PX = 6
"""An eighth of the box."""
TURN_DEGREES = 20.0


def blurred(image: Image, _rng: np.random.Generator) -> Image:
    """Return the crop out of focus."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), BLUR_SIGMA_PX), dtype=np.uint8)


def darkened(image: Image, rng: np.random.Generator) -> Image:
    """Return the crop with a quarter of its light, and a sensor's noise."""
    noise = rng.normal(0, LIGHT_NOISE, image.shape)
    return np.clip(image * LIGHT_SHARE + noise, 0, 255).round().astype(np.uint8)


def shrunk(image: Image, _rng: np.random.Generator) -> Image:
    """Return the crop of a face that was only 20 px wide."""
    small = cv2.resize(image, (SMALL_PX, SMALL_PX), interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, dtype=np.uint8)


def compressed(image: Image, _rng: np.random.Generator) -> Image:
    """Return the crop after JPEG of quality 10."""
    _, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def shifted(image: Image, rng: np.random.Generator) -> Image:
    """Return the crop of a box that is off by an eighth to both sides."""
    right, down = rng.choice((-SHIFT_PX, SHIFT_PX), 2)
    move = np.array([[1, 0, right], [0, 1, down]], dtype=np.float64)
    return warped(image, move)


def turned(image: Image, rng: np.random.Generator) -> Image:
    """Return the crop of a head tilted by 20 degrees to either side."""
    middle = (SIDE_PX - 1) / 2
    angle = float(rng.choice((-TURN_DEGREES, TURN_DEGREES)))
    move = cv2.getRotationMatrix2D((middle, middle), angle, 1.0)
    return warped(image, np.asarray(move, dtype=np.float64))


def warped(image: Image, move: NDArray[np.float64]) -> Image:
    """Return the crop moved by an affine map; what comes in repeats the edge."""
    size = (SIDE_PX, SIDE_PX)
    moved = cv2.warpAffine(
        image, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.uint8)


SPOILERS: dict[str, Spoiler] = {
    "blur": blurred,
    "dark": darkened,
    "low_resolution": shrunk,
    "jpeg": compressed,
    "off_centre": shifted,
    "tilted": turned,
}


def spoiled(pixels: NDArray[np.uint8], how: str) -> NDArray[np.uint8]:
    """Return uint8 [N, 48, 48]: the crops, spoiled in one of the ways; the same at every call."""
    rng = np.random.default_rng(SEED)
    return np.stack([SPOILERS[how](image, rng) for image in pixels])
