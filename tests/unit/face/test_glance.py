"""Frames that have nothing to do with each other are searched one by one."""

from __future__ import annotations

import numpy as np
from emotionmap_face.detect import Box, Detection
from emotionmap_face.follow import PROFILE_QUALITY
from emotionmap_face.glance import Glances
from emotionmap_face.haar import HaarDetector

from tests.contract.detector_contract import astronaut

SCENE = np.kron(np.random.default_rng(0).integers(0, 256, (12, 20)), np.ones((10, 10)))
SCENE = SCENE.astype(np.uint8)
HERE, THERE = Box(10, 10, 50, 50), Box(110, 30, 170, 90)


class Scripted:
    """Finds what it is told, and remembers how it was asked."""

    def __init__(self, *faces, agrees=True, is_profile=False):
        self.found = [Detection(face, 0.1, is_profile) for face in faces]
        self.agrees = agrees
        self.searches = []

    def scan(self, gray, *, min_face_px, is_thorough):
        self.searches.append((min_face_px, is_thorough))
        return self.found

    def follow(self, gray, box):
        raise AssertionError("nothing is followed")

    def confirms(self, gray, detection):
        return self.agrees


def look(glances, *, time_ns=0, scene=SCENE):
    """Return what is found in a frame, which is answered at once."""
    [searched] = glances.take(scene, time_ns=time_ns)
    assert searched.time_ns == time_ns
    return searched.sightings


def test_one_look_is_enough_even_at_an_unsure_face():
    [face] = look(Glances(Scripted(HERE), min_face_px=20)).faces
    assert (face.box, face.track) == (HERE, 1)
    assert 0 < face.quality <= 1


def test_every_frame_is_searched_even_a_still_one():
    detector = Scripted(HERE)
    glances = Glances(detector, min_face_px=30)
    found = [look(glances, time_ns=number) for number in range(5)]
    assert detector.searches == [(30, False)] * 5
    assert [face.track for one in found for face in one.faces] == [1, 2, 3, 4, 5]


def test_nothing_is_carried_into_a_frame_without_faces():
    detector = Scripted(HERE)
    glances = Glances(detector, min_face_px=20)
    look(glances)
    detector.found = []
    assert look(glances, time_ns=1).faces == ()
    assert glances.rest() == []


def test_what_the_second_method_denies_or_is_too_small_is_rejected():
    denied = look(Glances(Scripted(HERE, agrees=False), min_face_px=20))
    small = look(Glances(Scripted(HERE, THERE), min_face_px=50))
    assert (denied.faces, denied.rejected) == ((), 1)
    assert ([face.box for face in small.faces], small.rejected) == ([THERE], 1)


def test_the_largest_face_comes_first_and_a_turned_one_counts_less():
    faces = look(Glances(Scripted(HERE, THERE), min_face_px=20)).faces
    turned = look(Glances(Scripted(HERE, is_profile=True), min_face_px=20))
    assert [face.box for face in faces] == [THERE, HERE]
    assert turned.faces[0].quality == faces[1].quality * PROFILE_QUALITY


def test_a_real_face_is_found_at_once():
    [face] = look(Glances(HaarDetector(), min_face_px=20), scene=astronaut()).faces
    assert face.quality > 0
