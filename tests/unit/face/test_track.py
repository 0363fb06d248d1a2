"""Faces are followed, trusted once they have proved themselves, and let go."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face.detect import Box
from emotionmap_face.follow import CARRIED_QUALITY, CARRY_NS, PROFILE_QUALITY, FrameSightings

from tests.unit.face.films import CARRIED_FRAMES, HERE, SCENE, THERE, Film, Scripted


def test_a_sure_face_counts_at_once():
    [face] = Film(Scripted(HERE)).show().faces
    assert (face.box, face.track) == (HERE, 1)


def test_an_unsure_face_counts_from_the_third_time():
    film = Film(Scripted(HERE, score=0.1))
    counts = [(len(found.faces), found.rejected) for found in (film.show() for _ in range(4))]
    assert counts == [(0, 1), (0, 1), (1, 0), (1, 0)]


def test_a_face_that_the_second_opinion_denies_never_counts():
    found = Film(Scripted(HERE, agrees=False)).show(20)
    assert (found.faces, found.rejected) == ((), 1)


def test_a_face_that_is_denied_later_is_no_longer_trusted():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(5)
    detector.agrees = False
    assert film.show(20).rejected == 1


def test_a_face_that_is_denied_in_a_still_picture_is_no_longer_trusted():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(5, is_still=True)
    detector.agrees = False
    assert film.show(20, is_still=True).rejected == 1
    assert len(detector.scans) == 1


def test_a_face_keeps_its_track_while_it_moves():
    detector = Scripted(HERE)
    film = Film(detector)
    tracks = set()
    for step in range(30):
        detector.faces = [Box(10 + 4 * step, 10, 50 + 4 * step, 50)]
        tracks |= {face.track for face in film.show().faces}
    assert tracks == {1}


def test_faces_come_largest_first_and_have_tracks_of_their_own():
    faces = Film(Scripted(HERE, THERE)).show().faces
    assert [face.box for face in faces] == [THERE, HERE]
    assert {face.track for face in faces} == {1, 2}


def test_a_face_that_the_detector_misses_is_carried_with_lower_quality():
    detector = Scripted(HERE)
    film = Film(detector)
    [seen] = film.show(2).faces
    detector.faces = []
    for _ in range(CARRIED_FRAMES):
        [carried] = film.show().faces
        assert (carried.box, carried.track, carried.is_carried) == (HERE, 1, True)
        assert carried.quality == pytest.approx(CARRIED_QUALITY * seen.quality)
    assert film.show().faces == ()


def test_a_missed_face_comes_back_with_its_track():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(2)
    detector.faces = []
    film.show(3)
    detector.faces = [HERE]
    [face] = film.show().faces
    assert (face.track, face.is_carried) == (1, False)


def test_a_face_is_carried_to_where_it_moved():
    detector = Scripted(HERE)
    film = Film(detector)
    before, after = (np.full_like(SCENE, 128) for _ in range(2))
    before[5:55, 5:55] = after[7:57, 9:59] = SCENE[5:55, 5:55]
    film.show(2, scene=before)
    detector.faces = []
    [face] = film.show(scene=after).faces
    assert abs(face.box.left - HERE.left - 4) <= 1
    assert abs(face.box.top - HERE.top - 2) <= 1


def test_a_face_that_is_covered_is_not_carried():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(2)
    detector.faces = []
    covered = SCENE.copy()
    covered[HERE.top : HERE.bottom, HERE.left : HERE.right] = 128
    assert film.show(scene=covered) == FrameSightings(faces=(), rejected=0)


@pytest.mark.parametrize("detector", [Scripted(HERE, score=0.1), Scripted(HERE, agrees=False)])
def test_a_face_that_does_not_count_is_not_carried(detector):
    film = Film(detector)
    film.show(2)
    detector.faces = []
    assert film.show().faces == ()


def test_a_face_is_not_carried_onto_another():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(2)
    detector.faces = [Box(12, 12, 52, 52)]
    assert len(film.show(2).faces) == 1


def test_frames_far_apart_carry_nothing():
    detector = Scripted(HERE)
    film = Film(detector, step_ns=CARRY_NS + 1)
    film.show(2)
    detector.faces = []
    assert film.show().faces == ()


def test_a_face_from_the_side_has_lower_quality():
    [front], [side] = (Film(Scripted(HERE, is_profile=p)).show().faces for p in (False, True))
    assert side.quality == pytest.approx(PROFILE_QUALITY * front.quality)


def test_a_face_that_stays_away_gets_a_new_track():
    detector = Scripted(HERE)
    film = Film(detector)
    film.show(2)
    detector.faces = []
    film.show(10)
    detector.faces = [HERE]
    [face] = film.show(6).faces
    assert face.track == 2


def test_a_face_too_small_is_rejected():
    found = Film(Scripted(HERE), min_face_px=41).show()
    assert (found.faces, found.rejected) == ((), 1)
