"""Decides when whole frames are searched for faces, and when a followed face is detected anew."""

from __future__ import annotations

from dataclasses import dataclass

RESCAN_FRAMES = 3
"""A lost face makes the whole frame be searched, but at most once in this many frames."""
STILL_SCANS = 5
"""How many searches a picture that stands still goes without."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is searched, in media time; `UNHURRIED` searches every frame for everything.

    Attributes:
        scan_every_ns: Between searches of whole frames while faces are followed; while none is,
            all searches are twice as frequent.
        thorough_every_ns: Between searches for small and turned faces too.
        follow_every_ns: Between detections of a followed face that looks the same; in between its
            looks say where it is.
    """

    scan_every_ns: int = 1_000_000_000
    thorough_every_ns: int = 5_000_000_000
    follow_every_ns: int = 250_000_000

    @property
    def seek_every_ns(self) -> int:
        """Between searches of whole frames while no face is followed, ns."""
        return self.scan_every_ns // 2

    @property
    def thorough_seek_every_ns(self) -> int:
        """Between searches for small and turned faces while no face is followed, ns."""
        return self.thorough_every_ns // 2

    @property
    def still_ns(self) -> int:
        """How long a picture that stands still is not searched, ns."""
        return STILL_SCANS * self.scan_every_ns


UNHURRIED = Pace(scan_every_ns=0, thorough_every_ns=0, follow_every_ns=0)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of a frame when it is decided whether to search it.

    Attributes:
        time_ns: When it is on screen.
        is_cut: Whether it begins a shot.
        is_still: Whether it looks like the one that was last searched.
        is_following: Whether a face that counts is being followed in it.
        has_lost: Whether one was lost.
    """

    time_ns: int
    is_cut: bool
    is_still: bool
    is_following: bool
    has_lost: bool


class Schedule:
    """The searches of whole frames of one stream."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._scanned_ns: int | None = None
        self._thorough_ns: int | None = None
        self._frames_since_scan = 0
        self._is_shot_known = False  # a thorough search since the last cut

    def is_due(self, now: Moment) -> bool:
        """Tell whether to search a frame; asked once for every frame."""
        self._frames_since_scan += 1
        if now.is_cut or self._scanned_ns is None:
            return True
        if now.has_lost and self._frames_since_scan >= RESCAN_FRAMES:
            return True
        pace, since_ns = self._pace, now.time_ns - self._scanned_ns
        if now.is_still and self._is_shot_known and since_ns < pace.still_ns:
            return False
        return since_ns >= (pace.scan_every_ns if now.is_following else pace.seek_every_ns)

    def is_thorough_due(self, now: Moment) -> bool:
        """Tell whether to search a frame for small and turned faces too."""
        if self._thorough_ns is None:
            return True
        pace, since_ns = self._pace, now.time_ns - self._thorough_ns
        return since_ns >= (
            pace.thorough_every_ns if now.is_following else pace.thorough_seek_every_ns
        )

    def note(self, now: Moment, *, is_thorough: bool, has_found: bool) -> None:
        """Take note of a search: a shot that seems empty is searched thoroughly next."""
        self._scanned_ns = now.time_ns
        self._frames_since_scan = 0
        self._is_shot_known = is_thorough or (self._is_shot_known and not now.is_cut)
        if is_thorough:
            self._thorough_ns = now.time_ns
        elif now.is_cut and not has_found:
            self._thorough_ns = None
