"""Made-up detectors and the films they are shown, for tests of following."""

from __future__ import annotations

import numpy as np
from emotionmap_face.detect import Box, Detection
from emotionmap_face.follow import CARRY_NS
from emotionmap_face.pace import Pace
from emotionmap_face.track import FaceTracker

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
