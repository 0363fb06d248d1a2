"""Tells where a face was before it was found: frames without one wait for what comes after them.

Small faces are searched for every few seconds only, and one that has just come in is found late. So
frames in which nobody counts are kept for a while; who then comes to count is followed back
through them, as far as the shot and the memory go. That costs no search.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from emotionmap_face.follow import FrameSightings, SearchedFrame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emotionmap_face.track import FaceTracker

MOST_KEPT_BYTES = 12 * 2**20
"""Of the frames of one stream: 54 of 640 x 360 px, 3.6 s at 15 a second."""


class Hindsight:
    """Finds the faces of one stream; fulfils `FaceFinder`.

    Args:
        tracker: Finds faces and follows them back.
    """

    def __init__(self, tracker: FaceTracker) -> None:
        self._tracker = tracker
        self.pace = tracker.pace
        self._kept: deque[SearchedFrame] = deque()
        self._kept_bytes = 0
        # Until the next thorough search, which waits for one of those that come twice as often.
        self._keep_ns = self.pace.thorough_seek_every_ns + 2 * self.pace.seek_every_ns

    def take(self, gray: NDArray[np.uint8], *, time_ns: int) -> list[SearchedFrame]:
        """Take in the next frame; return those about which nothing more will be learned, in order.

        Args:
            gray: uint8 [H, W], full range.
            time_ns: When it is on screen; later than the frame before.
        """
        sightings = self._tracker.update(gray, time_ns=time_ns)
        settled = self.rest() if self._tracker.is_cut else []
        frame = SearchedFrame(gray, time_ns, sightings)
        if sightings.faces:
            return [*settled, *self._looked_back(), frame]
        self._kept.append(frame)
        self._kept_bytes += gray.size
        return settled + self._outdated(time_ns)

    def rest(self) -> list[SearchedFrame]:
        """Return the frames that are kept, once no more come."""
        kept, self._kept, self._kept_bytes = [*self._kept], deque(), 0
        return kept

    def _looked_back(self) -> list[SearchedFrame]:
        """Return the frames that are kept, with the faces of now where they are in them."""
        frames = self.rest()[::-1]
        before = ((frame.gray, frame.time_ns) for frame in frames)
        for index, faces in enumerate(self._tracker.look_back(before)):
            # What was not trusted then and is now is no longer rejected.
            rejected = max(0, frames[index].sightings.rejected - len(faces))
            frames[index] = replace(frames[index], sightings=FrameSightings(faces, rejected))
        return frames[::-1]

    def _outdated(self, now_ns: int) -> list[SearchedFrame]:
        """Return the frames that are no longer kept."""
        outdated = []
        while self._kept and (
            self._kept_bytes > MOST_KEPT_BYTES or self._kept[0].time_ns <= now_ns - self._keep_ns
        ):
            outdated.append(self._kept.popleft())
            self._kept_bytes -= outdated[-1].gray.size
        return outdated
