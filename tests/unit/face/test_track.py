"""Faces are followed, trusted once they have proved themselves, and let go."""

from __future__ import annotations

import numpy as np
import pytest
from emotionmap_face.detect import Box, Detection
from emotionmap_face.follow import CARRIED_QUALITY, CARRY_NS, PROFILE_QUALITY, FrameSightings
from emotionmap_face.pace import UNHURRIED, Pace
from emotionmap_face.track import FaceTracker

SHAPE = (120, 200)
HERE, THERE = Box(10, 10, 50, 50), Box(120, 40, 170, 90)
FRAME_NS = 1_000_000_000 // 15
CARRIED_FRAMES = CARRY_NS // FRAME_NS
CLOSE = Pace(scan_every_ns=5 * FRAME_NS, thorough_every_ns=15 * FRAME_NS, follow_every_ns=0)
RARE = Pace(1000 * FRAME_NS, 1000 * FRAME_NS, follow_every_ns=0)
CLOCK = (slice(100, 120), slice(0, 40))
"""Where pictures change, so that none stands still."""
RNG = np.random.default_rng(0)
SCENE, OTHER_SCENE = (
    np.kron(RNG.integers(0, 256, (12, 20)), np.ones((10, 10))).astype(np.uint8) for _ in range(2)
)


class Scripted:
    """Finds what `faces` says at the moment."""

    def __init__(self, *faces, score=0.9, agrees=True, is_profile=False):
        self.is_profile = is_profile
        self.faces = list(faces)
        self.score = score
        self.agrees = agrees
        self.scans = []
        self.follows = 0

    def scan(self, gray, *, min_face_px, is_thorough):
        self.scans.append(is_thorough)
        return [Detection(face, self.score, self.is_profile) for face in self.faces]

    def follow(self, gray, box):
        self.follows += 1
        near = (face for face in self.faces if face.overlap(box) > 0.3 * face.area)
        return next((Detection(face, self.score, self.is_profile) for face in near), None)

    def confirms(self, gray, detection):
        return self.agrees


class Film:
    """Shows frames to a tracker, one after the other."""

    def __init__(self, detector, *, min_face_px=20, pace=CLOSE, step_ns=FRAME_NS):
        self.step_ns = step_ns
        self.tracker = FaceTracker(detector, min_face_px=min_face_px, pace=pace)
        self.time_ns = self.shown = 0

    def show(self, frames=1, *, scene=SCENE, is_still=False):
        """Return the sightings in the last frame."""
        for _ in range(frames):
            shown = scene.copy()
            if not is_still:
                shown[CLOCK] = self.shown * 37 % 256
            found = self.tracker.update(shown, time_ns=self.time_ns)
            self.time_ns += self.step_ns
            self.shown += 1
        return found


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


def test_a_face_too_small_is_rejected():
    found = Film(Scripted(HERE), min_face_px=41).show()
    assert (found.faces, found.rejected) == ((), 1)
