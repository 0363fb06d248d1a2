"""Frames are searched where and when there is need, no more."""

from __future__ import annotations

import pytest
from emotionmap_face.detect import Box
from emotionmap_face.pace import UNHURRIED, Pace

from tests.unit.face.films import FRAME_NS, HERE, OTHER_SCENE, RARE, SCENE, Film, Scripted


def test_a_cut_ends_tracks_and_makes_the_frame_be_searched():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(2)
    [face] = film.show(scene=OTHER_SCENE).faces
    assert face.track == 2
    assert detector.scans == [True, False]


def test_a_shot_that_seems_empty_is_searched_thoroughly_next():
    detector = Scripted(HERE)
    film = Film(detector, pace=Pace(4 * FRAME_NS, 1000 * FRAME_NS, follow_every_ns=0))
    film.show(2)
    detector.faces = []
    film.show(3, scene=OTHER_SCENE)
    assert detector.scans == [True, False, True]


def test_while_no_face_is_followed_frames_are_searched_twice_as_often():
    counts = {}
    for faces in ((), (HERE,)):
        detector = Scripted(*faces)
        Film(detector, pace=Pace(4 * FRAME_NS, 1000 * FRAME_NS, follow_every_ns=0)).show(9)
        counts[faces] = len(detector.scans)
    assert counts == {(): 5, (HERE,): 3}


@pytest.mark.parametrize(("is_still", "scans"), [(True, 1), (False, 4)])
def test_a_picture_that_stands_still_is_not_searched_again(is_still, scans):
    detector = Scripted(HERE)
    Film(detector).show(20, is_still=is_still)
    assert len(detector.scans) == scans


def test_a_still_picture_but_for_a_followed_face_is_not_searched_again():
    detector = Scripted(HERE)
    film = Film(detector)
    for light in range(20):
        nodding = SCENE.copy()
        nodding[HERE.top : HERE.bottom, HERE.left : HERE.right] = 10 * light
        film.show(scene=nodding, is_still=True)
    assert len(detector.scans) == 1


def test_a_face_that_looks_the_same_is_detected_now_and_then():
    detector = Scripted(HERE)
    film = Film(detector, pace=Pace(1000 * FRAME_NS, 1000 * FRAME_NS, follow_every_ns=3 * FRAME_NS))
    sightings = [face for _ in range(10) for face in film.show().faces]
    assert {(face.box, face.track, face.is_carried) for face in sightings} == {(HERE, 1, False)}
    assert (len(sightings), detector.follows) == (10, 3)


def test_a_face_that_changes_is_detected_at_once():
    detector = Scripted(HERE)
    film = Film(detector, pace=Pace(1000 * FRAME_NS, 1000 * FRAME_NS, follow_every_ns=3 * FRAME_NS))
    film.show()
    changed = SCENE.copy()
    changed[20:40, 20:40] = 255 - changed[20:40, 20:40]
    film.show(scene=changed)
    assert detector.follows == 1


def test_a_frame_of_another_size_is_a_cut():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(2)
    [face] = film.show(scene=SCENE[:-10]).faces
    assert face.track == 2


def test_whole_frames_are_searched_now_and_then_and_every_third_time_thoroughly():
    detector = Scripted(HERE)
    Film(detector).show(20)
    assert detector.scans == [True, False, False, True]


def test_a_lost_face_is_searched_for_but_not_in_every_frame():
    detector = Scripted(HERE)
    film = Film(detector, pace=RARE)
    film.show(4)
    detector.faces = []
    film.show(15)
    assert len(detector.scans) == 4


def test_a_lost_face_that_jumped_keeps_its_track():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(4)
    detector.faces = [Box(30, 30, 70, 70)]
    [face] = film.show(2).faces
    assert face.track == 1


def test_the_unhurried_way_searches_every_frame_thoroughly():
    detector = Scripted(HERE)
    Film(detector, pace=UNHURRIED).show(4)
    assert (detector.scans, detector.follows) == ([True] * 4, 3)
