"""Finds the faces of frames that have nothing to do with each other: each is looked at once.

Nothing is followed, carried or remembered. Where a track must be confirmed by several looks, here
one counts if a second method agrees, so more is taken for a face by mistake. Small and turned
faces are left out: they would take four times as long, and someone waits for a first glance.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from emotionmap_face.follow import PROFILE_QUALITY, FrameSightings, SearchedFrame, Sighting
from emotionmap_face.pace import UNHURRIED
from emotionmap_face.quality import look_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emotionmap_face.detect import Detection, FaceDetector


class Glances:
    """Looks at frames one by one; fulfils `FaceFinder`.

    Args:
        detector: How faces are found.
        min_face_px: Smallest side of a valid face, px.
    """

    def __init__(self, detector: FaceDetector, *, min_face_px: int) -> None:
        self._detector = detector
        self._min_face_px = min_face_px
        self._numbers = itertools.count(1)
        self.pace = UNHURRIED

    def take(self, gray: NDArray[np.uint8], *, time_ns: int) -> list[SearchedFrame]:
        """Search a frame; each of its faces is a track of its own.

        Args:
            gray: uint8 [H, W], full range.
            time_ns: When it is on screen; makes no difference.
        """
        found = self._detector.scan(gray, min_face_px=self._min_face_px, is_thorough=False)
        faces = [face for one in found if (face := self._sighting(gray, one)) is not None]
        faces.sort(key=lambda face: (-face.box.area, face.track))
        sightings = FrameSightings(faces=tuple(faces), rejected=len(found) - len(faces))
        return [SearchedFrame(gray, time_ns, sightings)]

    def rest(self) -> list[SearchedFrame]:
        """Return nothing: no frame waits."""
        return []

    def _sighting(self, gray: NDArray[np.uint8], found: Detection) -> Sighting | None:
        """Return a face that counts and is fit for scoring."""
        if not self._detector.confirms(gray, found):
            return None
        look = look_at(gray, found.box)
        if not look.is_valid(min_face_px=self._min_face_px):
            return None
        factor = PROFILE_QUALITY if found.is_profile else 1.0
        return Sighting(found.box, next(self._numbers), look.quality * factor)
