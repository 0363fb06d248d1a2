"""Random changes to face crops that keep the expression. Not used outside training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE_PX = 48
ROTATION_DEGREES = 15.0
SCALE_RANGE = (0.78, 1.22)
"""Haar boxes vary in size by about this much around the crops of FER2013."""
SHIFT_SHARE = 0.10
ASPECT_SHARE = 0.08
CONTRAST_RANGE = (0.6, 1.4)
BRIGHTNESS_SHIFT = 0.2
SOFTEN_PROBABILITY = 0.2
"""Faces in video are often smaller than 48 px, or out of focus."""
SOFTEN_RANGE = (0.3, 0.85)
SMEAR_PROBABILITY = 0.1
SMEAR_LENGTHS_PX = (3, 5, 7)
"""Heads move while a frame is exposed."""
TURN_PROBABILITY = 0.2
TURN_SHARE = 0.22
"""A head turned to half-profile: one side of the face looks smaller by up to this."""
DARK_PROBABILITY = 0.2
DARK_GAMMA = (1.2, 2.6)
JPEG_PROBABILITY = 0.2
JPEG_QUALITY = (8, 50)
"""Blocks and ringing of compressed video, whose key frames are coded much as JPEG is."""
ERASE_PROBABILITY = 0.3
ERASE_SHARE = (0.15, 0.4)
NOISE_PROBABILITY = 0.15
NOISE_DEVIATION = 0.04


def random_affine(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return float64 [2, 3]: a small rotation, scaling and shift, and a flip half of the time."""
    angle = np.deg2rad(rng.uniform(-ROTATION_DEGREES, ROTATION_DEGREES))
    scale = np.exp(rng.uniform(*np.log(SCALE_RANGE)))
    aspect = np.exp(rng.uniform(-ASPECT_SHARE, ASPECT_SHARE))
    flip = rng.choice((-1.0, 1.0))
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array(
        [[flip * cosine * aspect, -sine / aspect], [flip * sine * aspect, cosine / aspect]]
    )
    centre = np.full(2, (SIDE_PX - 1) / 2)
    shift = rng.uniform(-SHIFT_SHARE, SHIFT_SHARE, 2) * SIDE_PX
    return np.column_stack([linear, centre + shift - linear @ centre])


def soften(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Lose detail by going through a smaller size."""
    side = max(8, round(SIDE_PX * rng.uniform(*SOFTEN_RANGE)))
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    restored = cv2.resize(small, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(restored, dtype=np.float32)


def smear(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Blur along a random direction, as motion does."""
    length = int(rng.choice(SMEAR_LENGTHS_PX))
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    for step in np.linspace(-middle, middle, 2 * length):
        x, y = round(middle + step * np.cos(angle)), round(middle + step * np.sin(angle))
        kernel[y, x] = 1
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.float32)


def turn(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Squeeze one side of the face by a perspective, as when the head turns away."""
    last, by = SIDE_PX - 1, rng.uniform(0, TURN_SHARE) * SIDE_PX
    corners = np.array([[0, 0], [last, 0], [last, last], [0, last]], np.float32)
    moved = corners + np.array([[0, 0], [-by, by], [-by, -by], [0, 0]], np.float32)
    if rng.random() < 0.5:
        moved[:, 0] = last - moved[[1, 0, 3, 2], 0]
        moved[:, 1] = moved[[1, 0, 3, 2], 1]
    squeeze = cv2.getPerspectiveTransform(corners, moved)
    size = (SIDE_PX, SIDE_PX)
    return np.asarray(
        cv2.warpPerspective(image, squeeze, size, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def compress(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Lose what strong compression loses."""
    quality = int(rng.integers(*JPEG_QUALITY))
    pixels = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) / 255, np.float32)


def erase(image: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Fill a random rectangle with gray, in place: hands, hair and glasses hide parts of faces."""
    height, width = (rng.uniform(*ERASE_SHARE, 2) * SIDE_PX).astype(int)
    top, left = rng.integers(0, SIDE_PX - height), rng.integers(0, SIDE_PX - width)
    image[top : top + height, left : left + width] = rng.random()


def augment_face(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return float32 [48, 48], about [0, 1]: one random variant of a uint8 [48, 48] crop."""
    image = (pixels / 255).astype(np.float32)
    if rng.random() < SOFTEN_PROBABILITY:
        image = soften(image, rng)
    if rng.random() < TURN_PROBABILITY:
        image = turn(image, rng)
    moved = cv2.warpAffine(
        image,
        random_affine(rng),
        (SIDE_PX, SIDE_PX),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    image = np.asarray(moved, dtype=np.float32)
    if rng.random() < SMEAR_PROBABILITY:
        image = smear(image, rng)
    if rng.random() < DARK_PROBABILITY:
        image = np.clip(image, 0, 1) ** np.float32(rng.uniform(*DARK_GAMMA))
    image = (image - np.float32(0.5)) * np.float32(rng.uniform(*CONTRAST_RANGE)) + np.float32(0.5)
    image += np.float32(rng.uniform(-BRIGHTNESS_SHIFT, BRIGHTNESS_SHIFT))
    if rng.random() < ERASE_PROBABILITY:
        erase(image, rng)
    if rng.random() < NOISE_PROBABILITY:
        image += rng.normal(0, NOISE_DEVIATION, image.shape).astype(np.float32)
    if rng.random() < JPEG_PROBABILITY:
        image = compress(image, rng)
    return np.clip(image, 0, 1).astype(np.float32)


def augment_batch(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return float32 [N, 48, 48, 1] variants of uint8 [N, 48, 48] crops."""
    return np.stack([augment_face(image, rng) for image in pixels])[..., None]
