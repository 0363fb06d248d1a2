"""What every detector of faces must do; each is tested by a subclass with a fixture `detector`.

Needs a real face: scikit-image's astronaut (public domain).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import skimage.data
from emotionmap_face.detect import Box

FACE = Box(177, 66, 272, 161)
"""The astronaut's face in her picture, as the Haar cascade would lay it."""
HEAD = Box(120, 5, 330, 225)
WIDTH_PX, HEIGHT_PX = 640, 360
SIZES_PX = (40, 64, 96, 150)
"""All above the smallest face of any detector's coarse search."""
LEAST_SHARED = 0.5
"""Of the area that a box and the truth cover together, what both cover; a hit by common usage."""


def astronaut():
    """Return her picture, uint8 [512, 512]."""
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)


def wall():
    """Return a frame without a face: soft light from one side."""
    return np.tile(np.linspace(90, 150, WIDTH_PX), (HEIGHT_PX, 1)).astype(np.uint8)


def scene(side_px, *, x=0.5, y=0.5):
    """Return a frame with a face of a size, and its box; x and y in [0, 1] say where it stands."""
    factor = side_px / FACE.side
    head = astronaut()[HEAD.top : HEAD.bottom, HEAD.left : HEAD.right]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    head = cv2.resize(head, None, fx=factor, fy=factor, interpolation=how)
    height, width = head.shape
    left, top = round(x * (WIDTH_PX - width)), round(y * (HEIGHT_PX - height))
    frame = wall()
    frame[top : top + height, left : left + width] = head
    face_left, face_top = (
        left + round((FACE.left - HEAD.left) * factor),
        top + round((FACE.top - HEAD.top) * factor),
    )
    return frame, Box(face_left, face_top, face_left + side_px, face_top + side_px)


def is_hit(box, truth):
    shared = box.overlap(truth)
    return shared >= LEAST_SHARED * (box.area + truth.area - shared)


def scan(detector, gray, *, min_face_px=20):
    gray.setflags(write=False)  # frames lie in the messages that brought them
    return detector.scan(gray, min_face_px=min_face_px, is_thorough=True)


NO_FACES = {
    "black": np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8),
    "white": np.full((HEIGHT_PX, WIDTH_PX), 255, np.uint8),
    "wall": wall(),
    "noise": np.random.default_rng(0).integers(0, 256, (HEIGHT_PX, WIDTH_PX), np.uint8),
    "blocks": np.kron(
        np.random.default_rng(1).integers(0, 256, (9, 16), np.uint8), np.ones((40, 40), np.uint8)
    ),
}


class DetectorContract:
    """Tests of `emotionmap_face.detect.FaceDetector`."""

    @pytest.mark.parametrize("side_px", SIZES_PX)
    def test_a_face_is_found_at_any_size(self, detector, side_px):
        gray, truth = scene(side_px)
        [found] = scan(detector, gray)
        assert is_hit(found.box, truth)
        assert 0 <= found.score <= 1
        assert detector.confirms(gray, found)

    @pytest.mark.parametrize("x", [0.0, 1.0])
    @pytest.mark.parametrize("y", [0.0, 1.0])
    def test_a_face_is_found_anywhere(self, detector, x, y):
        gray, truth = scene(80, x=x, y=y)
        [found] = scan(detector, gray)
        assert is_hit(found.box, truth)

    @pytest.mark.parametrize(("factor", "offset"), [(0.3, 5), (0.35, 160)], ids=["dark", "bright"])
    def test_a_face_is_found_in_any_light(self, detector, factor, offset):
        gray, truth = scene(96)
        [found] = scan(detector, (gray * factor + offset).astype(np.uint8))
        assert is_hit(found.box, truth)

    def test_faces_come_largest_first(self, detector):
        [left, small], [right, large] = scene(64, x=0.1), scene(120, x=0.9)
        middle = WIDTH_PX // 2
        found = scan(detector, np.hstack((left[:, :middle], right[:, middle:])))
        assert [is_hit(d.box, t) for d, t in zip(found, (large, small), strict=True)] == [True] * 2

    @pytest.mark.parametrize("name", NO_FACES)
    def test_nothing_is_found_where_nobody_is(self, detector, name):
        gray = NO_FACES[name].copy()
        assert scan(detector, gray) == []
        assert detector.follow(gray, Box(250, 130, 350, 230)) is None

    def test_the_smallest_size_is_kept_to(self, detector):
        gray, _ = scene(96)
        assert len(scan(detector, gray, min_face_px=60)) == 1
        assert scan(detector, gray, min_face_px=150) == []

    @pytest.mark.parametrize("cut_px", [10, 25, 40, 60])
    def test_boxes_lie_within_the_frame(self, detector, cut_px):
        frame, truth = scene(96, x=0.0)
        gray = np.ascontiguousarray(frame[:, truth.left + cut_px :])
        followed = detector.follow(gray, Box(0, truth.top, 96 - cut_px, truth.bottom))
        for found in [*scan(detector, gray), *([followed] if followed else [])]:
            assert 0 <= found.box.left < found.box.right <= gray.shape[1]
            assert 0 <= found.box.top < found.box.bottom <= gray.shape[0]

    @pytest.mark.parametrize("shape", [(1, 1), (1, 640), (360, 1), (19, 19), (300, 30), (1, 2**21)])
    def test_frames_of_any_shape_are_taken(self, detector, shape):
        gray = np.zeros(shape, np.uint8)
        assert scan(detector, gray) == []
        assert detector.follow(gray, Box(0, 0, min(shape[1], 30), min(shape[0], 30))) is None

    def test_a_face_is_found_in_the_largest_frame(self, detector):
        small, truth = scene(64)
        gray = cv2.resize(small, (1920, 1080), interpolation=cv2.INTER_LINEAR)
        hits = [d for d in scan(detector, gray) if d.box.side > 3 * 0.7 * truth.side]
        assert [is_hit(d.box, Box(*(3 * e for e in edges(truth)))) for d in hits] == [True]

    @pytest.mark.parametrize("shift", [(0.0, 0.0), (0.15, -0.1), (-0.15, 0.1)])
    def test_following_agrees_with_scanning(self, detector, shift):
        gray, truth = scene(96)
        [found] = scan(detector, gray)
        by_x, by_y = (round(part * truth.side) for part in shift)
        left, top, right, bottom = edges(found.box)
        before = Box(left + by_x, top + by_y, right + by_x, bottom + by_y)
        assert is_hit(detector.follow(gray, before).box, found.box)

    def test_searches_give_the_same_each_time_and_on_every_thread(self, detector):
        scenes = [scene(side_px)[0] for side_px in SIZES_PX] * 3
        alone = [scan(detector, gray) for gray in scenes]
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda gray: scan(detector, gray), scenes)) == alone


def edges(box):
    return box.left, box.top, box.right, box.bottom
