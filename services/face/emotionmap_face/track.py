"""Finds the faces in the frames of one segment, one after the other.

Whole frames are searched now and then, and at cuts; in between each face is searched for only where
it was, and while it looks the same not even that, a few times a second excepted.

Not for telling who is who: a track ends at a cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotionmap_face.change import Changes
from emotionmap_face.follow import Follower, FrameSightings, Sighting, Track, holds
from emotionmap_face.pace import Moment, Pace, Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from emotionmap_face.detect import Detection, FaceDetector


class FaceTracker:
    """Follows the faces of one stream. Deterministic; one frame at a time.

    Args:
        detector: How faces are found.
        min_face_px: Smallest side of a valid face, px.
        pace: How often is searched.
    """

    def __init__(self, detector: FaceDetector, *, min_face_px: int, pace: Pace) -> None:
        self.pace = pace
        self.is_cut = False
        """Whether the last frame begins a shot."""
        self._follower = Follower(detector, min_face_px=min_face_px, pace=pace)
        self._schedule = Schedule(pace)
        self._changes = Changes()
        self._doubted_ns = 0
        self._last_ns = 0

    def update(self, gray: NDArray[np.uint8], *, time_ns: int) -> FrameSightings:
        """Take in the next frame.

        Args:
            gray: uint8 [H, W], full range.
            time_ns: When it is on screen; later than the frame before.
        """
        follower, self._last_ns = self._follower, time_ns
        self.is_cut = self._changes.take(gray)
        if self.is_cut:
            follower.tracks = []
        found = follower.follow(gray, time_ns=time_ns)
        followed = [found[track].box for track in found if track.number]
        now = Moment(
            time_ns=time_ns,
            is_cut=self.is_cut,
            is_still=self._changes.is_still(besides=followed),
            is_following=bool(followed),
            has_lost=any(track.number and track not in found for track in follower.tracks),
        )
        if self._schedule.is_due(now):
            self._doubt(gray, found, time_ns=time_ns)
            self._scan(gray, found, now)
            self._changes.mark(besides=followed)
        elif time_ns - self._doubted_ns >= self.pace.scan_every_ns:
            self._doubt(gray, found, time_ns=time_ns)
        return follower.settle(gray, found, time_ns=time_ns)

    def look_back(
        self, frames: Iterable[tuple[NDArray[np.uint8], int]]
    ) -> Iterator[tuple[Sighting, ...]]:
        """Follow the faces detected in the last frame that count back to where they came from.

        Args:
            frames: The frames before it in the same shot, the latest first, and their times.

        Yields:
            Their faces, largest first, of each frame until all are lost.
        """
        follower = self._follower.backwards(time_ns=self._last_ns)
        for gray, time_ns in frames:
            if not follower.tracks:
                return
            mirrored_ns = 2 * self._last_ns - time_ns
            found = follower.follow(gray, time_ns=mirrored_ns)
            yield follower.settle(gray, found, time_ns=mirrored_ns).faces

    def _doubt(
        self, gray: NDArray[np.uint8], found: dict[Track, Detection], *, time_ns: int
    ) -> None:
        self._doubted_ns = time_ns
        self._follower.doubt(gray, found)

    def _scan(self, gray: NDArray[np.uint8], found: dict[Track, Detection], now: Moment) -> None:
        """Search the whole frame: give lost tracks their face back, start new ones."""
        is_thorough, follower = self._schedule.is_thorough_due(now), self._follower
        for detection in follower.detector.scan(
            gray, min_face_px=follower.min_face_px, is_thorough=is_thorough
        ):
            if not holds(found.values(), detection):
                follower.begin(detection, found)
        self._schedule.note(now, is_thorough=is_thorough, has_found=bool(found))
