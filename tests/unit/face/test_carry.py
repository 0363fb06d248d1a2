"""A face is found again where it looks the same, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from emotionmap_face.carry import find_again, remember
from emotionmap_face.detect import Box

from tests.contract.detector_contract import NO_FACES, edges, is_hit, scene


@pytest.fixture(scope="module")
def seen():
    """Return a frame, and where its face is."""
    return scene(80)


def moved(box, by_px):
    return Box(*(edge + by_px for edge in edges(box)))


@pytest.mark.parametrize("by_px", [0, 5, -12, 18])
def test_a_face_that_moved_a_little_is_found(seen, by_px):
    gray, box = seen
    later = np.roll(gray, (by_px, by_px), axis=(0, 1))
    found = find_again(later, remember(gray, box), box)
    assert found.overlap(moved(box, by_px)) > 0.85 * box.area


@pytest.mark.parametrize("by_px", [1, 2, 3, 4])
def test_a_large_face_is_found_to_the_pixel(by_px):
    gray, box = scene(96)
    later = np.roll(gray, (by_px, by_px), axis=(0, 1))
    found = find_again(later, remember(gray, box), box)
    assert edges(found) == pytest.approx(edges(moved(box, by_px)), abs=1)


def test_a_face_in_other_light_is_found(seen):
    gray, box = seen
    assert is_hit(find_again((gray // 2 + 20), remember(gray, box), box), box)


@pytest.mark.parametrize("name", NO_FACES)
def test_a_face_that_is_gone_is_not_found(seen, name):
    gray, box = seen
    assert find_again(NO_FACES[name], remember(gray, box), box) is None


def test_a_face_that_is_half_hidden_is_not_found(seen):
    gray, box = seen
    hidden = gray.copy()
    hidden[box.top : (box.top + box.bottom) // 2 + 10, box.left : box.right] = 200
    assert find_again(hidden, remember(gray, box), box) is None


@pytest.mark.parametrize("box", [Box(0, 0, 30, 60), Box(90, 80, 100, 100), Box(0, 0, 100, 100)])
def test_boxes_at_the_edge_are_taken(box):
    gray = cv2.resize(scene(80)[0], (100, 100), interpolation=cv2.INTER_AREA)
    found = find_again(gray, remember(gray, box), box)
    assert found is None or (0 <= found.left < found.right <= 100 and found.bottom <= 100)
