"""Thumbnails show the picture on screen at their time."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from emotionmap_media.budget import Budget
from emotionmap_media.thumbnails import MAX_JPEG_BYTES, Box, ThumbnailSpec, render_thumbnails
from emotionmap_runtime.errors import ServiceError

from tests.unit.media.clips import Clip, full_luma, make

WHOLE = Box()
TOLERANCE = 6
"""Loss of two codecs and a colour conversion."""


def render(path, limits, *specs, width=96):
    wanted = [ThumbnailSpec(Fraction(time), crop) for time, crop in specs]
    found = render_thumbnails(path, wanted, width_px=width, limits=limits, budget=Budget(30))
    return [cv2.imdecode(np.frombuffer(one.jpeg, np.uint8), cv2.IMREAD_COLOR) for one in found]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_picture_is_that_on_screen(tmp_path, limits, name):
    times = ["0", "0.5", "0.51", "1.999", "2.9"]
    images = render(make(tmp_path / name), limits, *[(time, WHOLE) for time in times])
    for image, index in zip(images, (0, 15, 15, 59, 87), strict=True):
        assert image.shape == (64, 96, 3)
        assert abs(int(image[50, 80, 0]) - full_luma(index)) <= TOLERANCE


@pytest.mark.parametrize(
    ("crop", "width", "shape"),
    [
        (Box(0.5, 0.5, 1.0, 1.0), 48, (32, 48, 3)),
        (Box(0.0, 0.0, 0.001, 1.0), 16, (1024, 16, 3)),
        (WHOLE, 192, (128, 192, 3)),
    ],
)
def test_crops_and_widths(tmp_path, limits, crop, width, shape):
    [image] = render(make(tmp_path / "a.mp4"), limits, ("1", crop), width=width)
    assert image.shape == shape


def test_a_rotated_file_gives_upright_thumbnails(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(rotation_degrees=90))
    assert render(path, limits, ("0", WHOLE), width=64)[0].shape == (96, 64, 3)


def test_times_without_a_picture_show_the_nearest(tmp_path, limits):
    path = make(tmp_path / "a.mp4", Clip(video_start=Fraction(1), seconds=1, audio_seconds=4))
    before, after = render(path, limits, ("0", WHOLE), ("3.5", WHOLE))
    assert abs(int(before[50, 80, 0]) - full_luma(0)) <= TOLERANCE
    assert abs(int(after[50, 80, 0]) - full_luma(29)) <= TOLERANCE


@pytest.mark.parametrize(
    ("clip", "time", "reason"),
    [(Clip(), "9", "OFFSET_PAST_END"), (Clip(video_codec=None), "0", "MEDIA_NO_VIDEO")],
)
def test_errors(tmp_path, limits, clip, time, reason):
    with pytest.raises(ServiceError) as caught:
        render(make(tmp_path / "a.mp4", clip), limits, (time, WHOLE))
    assert caught.value.reason == reason


def test_noise_in_full_width_stays_within_a_message(tmp_path, limits):
    from emotionmap_media.thumbnails import _jpeg

    noise = np.random.default_rng(1).integers(0, 256, (4096, 1920, 3), np.uint8)
    assert len(_jpeg(noise)) <= MAX_JPEG_BYTES
