"""Follows faces from frame to frame and tells which can be trusted; does not search for new ones.

A face counts once it has been found often or surely enough, and a second method agreed: textures
and drawings that look like a face for a moment do not. One that counts and is missed for a moment
is carried: it goes on where a picture that looks just the same lies.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emotionmap_face.carry import find_again, remember
from emotionmap_face.detect import CERTAIN_SCORE, Box, Detection
from emotionmap_face.quality import look_at

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from emotionmap_face.detect import FaceDetector
    from emotionmap_face.pace import Pace

CONFIRMING_LOOKS = 3
"""Confirmed sightings that an unsure face needs."""
MOST_DOUBTS = 3
"""Searches in a row in which the second opinion may differ before a face is no longer trusted."""
MOST_MISSES = 3
"""Frames in a row in which a face may be missed before its track ends, if it is not carried."""
CARRY_NS = 400_000_000
"""How long a face is carried after it was last detected, ns: six frames at 15 a second."""
CARRIED_QUALITY, PROFILE_QUALITY = 0.5, 0.8
"""What the quality of a face is multiplied by that is carried, or seen from the side."""
STEADY_LIKENESS = 0.9
"""Normalised correlation from which a face is taken to be where it looks the same."""
JUMP_SIDES = 0.7
"""How far, in sides of the face, a lost face can be found again in the next search."""
GROWTH = 1.6
"""How much larger or smaller it may be then."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One valid face in one frame.

    Attributes:
        box: Where it is.
        track: Number of its track, from 1.
        quality: Fitness for scoring, in [0, 1].
        is_carried: Whether the detector missed it in this frame, but not its looks.
    """

    box: Box
    track: int
    quality: float
    is_carried: bool = False


@dataclass(frozen=True, slots=True)
class FrameSightings:
    """What was found in one frame.

    Attributes:
        faces: Valid faces, largest first.
        rejected: Number of faces found that are not valid.
    """

    faces: tuple[Sighting, ...]
    rejected: int


@dataclass(frozen=True, slots=True)
class SearchedFrame:
    """A frame and what was found in it.

    Attributes:
        gray: uint8 [H, W], full range.
        time_ns: When it is on screen.
        sightings: Its faces.
    """

    gray: NDArray[np.uint8]
    time_ns: int
    sightings: FrameSightings


@dataclass(slots=True, eq=False)
class Track:
    """What is known of a face that is followed."""

    box: Box
    number: int = 0  # 0 until confirmed
    looks: int = 0
    doubts: int = 0
    misses: int = 0
    is_valid: bool = False  # when last detected
    looks_like: NDArray[np.uint8] | None = None  # likewise
    detected_ns: int = 0
    quality: float = 0.0  # likewise
    is_profile: bool = False  # likewise
    is_steady: bool = False  # in this frame its looks said where it is

    def can_be_carried(self, time_ns: int) -> bool:
        """Tell whether the face may be looked for without a detector."""
        return self.is_valid and time_ns - self.detected_ns <= CARRY_NS


class Follower:
    """Follows the faces of one stream, forwards or back. Deterministic; one frame at a time.

    Args:
        detector: How faces are found.
        min_face_px: Smallest side of a valid face, px.
        pace: How often a face that looks the same is detected.
    """

    def __init__(self, detector: FaceDetector, *, min_face_px: int, pace: Pace) -> None:
        self.detector = detector
        self.min_face_px = min_face_px
        self.pace = pace
        self.tracks: list[Track] = []
        self._numbers = itertools.count(1)

    def follow(self, gray: NDArray[np.uint8], *, time_ns: int) -> dict[Track, Detection]:
        """Find the faces again that are followed, each near where it was."""
        found: dict[Track, Detection] = {}
        for track in self.tracks:
            steady = self._steady(gray, track, time_ns=time_ns)
            detection = steady or self.detector.follow(gray, track.box)
            is_new = detection is not None and not holds(found.values(), detection)
            track.is_steady = is_new and steady is not None
            if detection is not None and is_new:
                found[track] = detection
        return found

    def begin(self, detection: Detection, found: dict[Track, Detection]) -> None:
        """Follow a face from here on: one that was lost, or a new one."""
        found[self._lost_at(detection.box, found) or self._new(detection.box)] = detection

    def doubt(self, gray: NDArray[np.uint8], found: dict[Track, Detection]) -> None:
        """Ask for a second opinion on the faces that count."""
        for track, detection in found.items():
            if track.number:
                agrees = self.detector.confirms(gray, detection)
                track.doubts = 0 if agrees else track.doubts + 1

    def settle(
        self, gray: NDArray[np.uint8], found: dict[Track, Detection], *, time_ns: int
    ) -> FrameSightings:
        """Tell which of the faces found count, carry those that were missed, let others go."""
        faces = self._judge(gray, found, time_ns=time_ns)
        rejected = len(found) - len(faces)
        faces += self._carry(gray, found, time_ns=time_ns)
        self._let_go(found, time_ns=time_ns)
        faces.sort(key=lambda face: (-face.box.area, face.track))
        return FrameSightings(faces=tuple(faces), rejected=rejected)

    def backwards(self, *, time_ns: int) -> Follower:
        """Return what follows the faces that count and were detected at a time back from there.

        Its times are to be mirrored there, so that they increase.
        """
        other = Follower(self.detector, min_face_px=self.min_face_px, pace=self.pace)
        seen = (track for track in self.tracks if track.is_valid and track.detected_ns == time_ns)
        other.tracks = [replace(track) for track in seen]
        return other

    def _steady(self, gray: NDArray[np.uint8], track: Track, *, time_ns: int) -> Detection | None:
        """Find a face without the detector if it was detected lately and looks the same."""
        is_lately = time_ns - track.detected_ns < self.pace.follow_every_ns
        if track.looks_like is None or not track.is_valid or not is_lately:
            return None
        box = find_again(gray, track.looks_like, track.box, least_likeness=STEADY_LIKENESS)
        return None if box is None else Detection(box, 0.0, track.is_profile)

    def _lost_at(self, box: Box, found: Container[Track]) -> Track | None:
        """Return the track whose face was lost and can now be at a box."""
        lost = (track for track in self.tracks if track not in found)
        return next((track for track in lost if _can_be(track.box, box)), None)

    def _new(self, box: Box) -> Track:
        track = Track(box)
        self.tracks.append(track)
        return track

    def _judge(
        self, gray: NDArray[np.uint8], found: dict[Track, Detection], *, time_ns: int
    ) -> list[Sighting]:
        faces = []
        for track, detection in found.items():
            track.box = detection.box
            if track.is_steady:
                faces.append(Sighting(track.box, track.number, track.quality))
                continue
            track.detected_ns, track.is_valid = time_ns, False
            if not track.number and self._is_confirmed(gray, track, detection):
                track.number = next(self._numbers)
            if track.number and track.doubts < MOST_DOUBTS:
                factor = PROFILE_QUALITY if detection.is_profile else 1.0
                if sighting := self._sighting(gray, track, factor):
                    track.is_valid, track.looks_like = True, remember(gray, track.box)
                    track.quality, track.is_profile = sighting.quality, detection.is_profile
                    faces.append(sighting)
        return faces

    def _carry(
        self, gray: NDArray[np.uint8], found: dict[Track, Detection], *, time_ns: int
    ) -> list[Sighting]:
        """Find valid faces that were missed in this frame by how they looked."""
        faces = []
        for track in self.tracks:
            if track in found or track.looks_like is None or not track.can_be_carried(time_ns):
                continue
            box = find_again(gray, track.looks_like, track.box)
            if box is None or holds(found.values(), Detection(box, 0.0)):
                continue
            track.box = box
            if sighting := self._sighting(gray, track, CARRIED_QUALITY):
                faces.append(replace(sighting, is_carried=True))
        return faces

    def _sighting(
        self, gray: NDArray[np.uint8], track: Track, quality_factor: float
    ) -> Sighting | None:
        """Return the face of a track where it is now, or None if it is not fit for scoring."""
        look = look_at(gray, track.box)
        if not look.is_valid(min_face_px=self.min_face_px):
            return None
        return Sighting(track.box, track.number, look.quality * quality_factor)

    def _let_go(self, found: Container[Track], *, time_ns: int) -> None:
        """End the tracks of faces that stay away."""
        for track in self.tracks:
            track.misses = 0 if track in found else track.misses + 1
        self.tracks = [
            track
            for track in self.tracks
            if track.misses <= MOST_MISSES or track.can_be_carried(time_ns)
        ]

    def _is_confirmed(self, gray: NDArray[np.uint8], track: Track, detection: Detection) -> bool:
        if not self.detector.confirms(gray, detection):
            return False
        track.looks += 1
        return track.looks >= CONFIRMING_LOOKS or detection.score >= CERTAIN_SCORE


def holds(known: Iterable[Detection], detection: Detection) -> bool:
    """Tell whether a face is among those known."""
    return any(detection.box.is_same_face(other.box) for other in known)


def _can_be(before: Box, now: Box) -> bool:
    """Tell whether a face that was lost at one box can be the one at another."""
    ratio = now.width / before.width
    reach = JUMP_SIDES * (before.width + now.width) / 2
    return (
        1 / GROWTH < ratio < GROWTH
        and abs(before.left + before.right - now.left - now.right) / 2 < reach
        and abs(before.top + before.bottom - now.top - now.bottom) / 2 < reach
    )
