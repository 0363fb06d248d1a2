"""Gray frames are upright, full range, with square pixels, and never too large."""

from __future__ import annotations

from fractions import Fraction
from sys import getrefcount

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from emotionmap_media.geometry import MAX_GRAY_BYTES, Orientation, display_size, to_bgr, to_gray

from tests.unit.media.clips import Clip, full_luma, make, picture

GRAY_TOLERANCE = 1
"""Rounding of two ways to expand the range."""


def gray(frame, *, aspect=None, width=640):
    return to_gray(frame, pixel_aspect=aspect, max_width_px=width)


@pytest.mark.parametrize(
    "pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "nv12", "yuv420p10le", "yuv444p12le", "p010le"]
)
@pytest.mark.parametrize("index", [0, 1, 4, 5])
def test_limited_range_is_expanded(pix_fmt, index):
    image = gray(picture(Clip(pix_fmt="yuv420p"), index).reformat(format=pix_fmt))
    assert abs(int(image[-1, -1]) - full_luma(index)) <= GRAY_TOLERANCE


@pytest.mark.parametrize("pix_fmt", ["gray", "rgb24", "bgr24", "bgra", "gbrp"])
@pytest.mark.parametrize("value", [0, 77, 200, 255])
def test_full_range_is_kept(pix_fmt, value):
    source = np.full((16, 16, 3), value, np.uint8)
    frame = VideoFrame.from_ndarray(source, format="rgb24")
    if pix_fmt == "gray":
        frame = VideoFrame.from_ndarray(source[:, :, 0].copy(), format="gray")
    image = gray(frame.reformat(format=pix_fmt))
    assert abs(int(image[8, 8]) - value) <= GRAY_TOLERANCE


def test_a_full_range_file_is_not_expanded(tmp_path):
    path = make(tmp_path / "a.mp4", Clip(full_range=True, audio_codec=None, seconds=0.2))
    with av.open(str(path)) as container:
        image = gray(next(container.decode(video=0)))
    assert abs(int(image[-1, -1]) - 20) <= 2


def test_our_gray_equals_that_of_swscale():
    noise = np.random.default_rng(1).integers(16, 236, (64, 96), np.uint8)
    frame = picture(Clip(), 0)
    frame.planes[0].update(_padded(noise, frame.planes[0].line_size))
    theirs = frame.reformat(format="gray", src_color_range=1, dst_color_range=2).to_ndarray()
    assert np.abs(gray(frame).astype(int) - theirs).max() <= GRAY_TOLERANCE


def _padded(image, line_size):
    rows = np.zeros((image.shape[0], line_size), np.uint8)
    rows[:, : image.shape[1]] = image
    return rows.tobytes()


@pytest.mark.parametrize(
    ("size", "aspect", "width", "wanted"),
    [
        ((96, 64), None, 640, (96, 64)),
        ((96, 64), None, 48, (48, 32)),
        ((97, 63), None, 640, (97, 63)),
        ((96, 64), Fraction(2), 640, (96, 32)),
        ((96, 64), Fraction(1, 2), 640, (48, 64)),
        ((96, 64), Fraction(1, 2), 24, (24, 32)),
    ],
)
def test_sizes(size, aspect, width, wanted):
    frame = VideoFrame(*size, "gray")
    assert gray(frame, aspect=aspect, width=width).shape[::-1] == wanted


@pytest.mark.parametrize("size", [(400, 8000), (1920, 1440), (3, 70_000)])
def test_a_frame_never_passes_two_mebibytes(size):
    image = gray(VideoFrame(*size, "gray"), width=1920)
    assert image.size <= MAX_GRAY_BYTES
    assert image.shape[0] / image.shape[1] == pytest.approx(size[1] / size[0], rel=0.02)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rotated_files_come_out_upright(tmp_path, degrees):
    path = make(tmp_path / "a.mp4", Clip(rotation_degrees=degrees, audio_codec=None, seconds=0.2))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    image = gray(frame)
    turned = np.rot90(gray(picture(Clip(), 0)), degrees // 90)  # set_display_rotation: clockwise
    assert image.shape == turned.shape
    assert np.abs(image.astype(int) - turned).mean() < 3
    assert to_bgr(frame, pixel_aspect=None).shape[:2] == image.shape


def test_mirrored_and_turned():
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    turned = Orientation(is_transposed=True, is_mirrored_x=True).apply(image)
    assert turned.tolist() == [[3, 0], [4, 1], [5, 2]]
    assert Orientation(is_mirrored_y=True).apply(image).tolist() == [[3, 4, 5], [0, 1, 2]]


@pytest.mark.parametrize(
    ("aspect", "wanted"), [(None, (96, 64)), (Fraction(2), (192, 64)), (Fraction(1, 2), (96, 128))]
)
def test_display_size_is_what_a_browser_shows(aspect, wanted):
    assert display_size(VideoFrame(96, 64, "gray"), aspect) == wanted


def test_limited_range_is_expanded_as_by_a_table():
    plane = np.tile(np.arange(256, dtype=np.uint8), (2, 1))
    frame = VideoFrame.from_ndarray(np.vstack([plane, np.full((1, 256), 128, np.uint8)]), "yuv420p")
    wanted = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255)
    gray = to_gray(frame, pixel_aspect=None, max_width_px=256)
    assert np.array_equal(gray, np.tile(wanted, (2, 1)))


def test_looking_at_a_picture_does_not_keep_it():
    frame = VideoFrame(96, 64, "yuv420p")
    references = getrefcount(frame)
    to_gray(frame, pixel_aspect=None, max_width_px=640)
    assert getrefcount(frame) == references
