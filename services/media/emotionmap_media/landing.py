"""Finds where in a file a pass must begin so that nothing of its stretch is missed.

Containers seek as well as they can: to the key frame, near it, behind it, or not at all. Here a
seek is tried, what lies there is looked at, and if it is too late, one further back is tried.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media

SOUND_LEAD_S = 1
"""Sound is decoded from this much before it is wanted: decoders and the resampler warm up."""
MAX_SKEW_S = 15
"""Streams whose packets lie further apart in the file than this are taken to have ended."""
REACH_BACK_S = (0, 1, 3, 10, 30, 100)
"""Where a seek lands too late, it is tried again from so much earlier; then from the beginning."""


class Landing:
    """Goes to where a stretch can be decoded from.

    Args:
        media: The open file.
        pictures: Pictures on screen in this span are wanted; None leaves them out.
        sound: Sound in this span is wanted; None leaves it out.
        budget: What bounds the work.
    """

    def __init__(
        self, media: Media, *, pictures: Span | None, sound: Span | None, budget: Budget
    ) -> None:
        self._media, self._budget = media, budget
        self._pictures, self._sound = pictures, sound

    def find_key_frame(self, reach_back_s: int | None) -> Fraction | None:
        """Go to where the pass begins; return the time of the key frame to decode from.

        None means: from the first packet on.
        """
        media = self._media
        wanted = [span.start for span in (self._pictures, self._sound) if span is not None]
        start = min(wanted, default=Fraction(0)) if self._pictures is None else self._pictures.start
        key: Fraction | None = None
        if reach_back_s is None or not media.is_seekable:
            media.rewind()
            return None
        if self._pictures is not None:
            key = self._land(start, reach_back_s)
            if key is None:
                media.rewind()
                return None
            start = min(start, key)
        if self._sound is not None:
            start = min(start, self._sound.start - SOUND_LEAD_S)
        self._land_both(start - reach_back_s, key)
        return key

    def _land(self, time: Fraction, reach_back_s: int) -> Fraction | None:
        """Return the time of the key frame that a seek to at most `time` finds; None for none."""
        media, tolerance = self._media, self._media.tolerance
        for more_s in [s for s in REACH_BACK_S if s >= reach_back_s]:
            if time - more_s <= 0:
                return None
            media.seek(time - more_s)
            key = self._next_key_frame(time + MAX_SKEW_S)
            if key is not None and key <= time + tolerance:
                return key
        return None

    def _next_key_frame(self, until: Fraction) -> Fraction | None:
        """Return the time of the next key frame whose time can be trusted; None for none."""
        media, guesses = self._media, self._media.guesses_first_times
        for packet in media.packets(self._budget):
            at = media.packet_time(packet)
            if packet.stream is media.video and packet.is_keyframe:
                if not guesses:
                    return at
                guesses = False
            if at > until:
                break
        return None

    def _land_both(self, time: Fraction, key: Fraction | None) -> None:
        """Go to where sound from `time` on and the key frame can be read, or to the beginning."""
        media = self._media
        for more_s in REACH_BACK_S:
            media.seek(time - more_s)
            if time - more_s <= 0:
                return
            if self._is_before(time, key):
                media.seek(time - more_s)
                return
        media.rewind()

    def _is_before(self, time: Fraction, key: Fraction | None) -> bool:
        """Whether what comes first from here on is early enough."""
        media, guesses = self._media, self._media.guesses_first_times
        needs_key, needs_sound = key is not None, self._sound is not None
        for packet in media.packets(self._budget):
            at = media.packet_time(packet)
            if needs_sound and packet.stream is media.audio:
                if at > time:
                    return False
                needs_sound = False
            elif needs_key and packet.stream is media.video and packet.is_keyframe:
                if key is not None and at > key:
                    return False
                needs_key, guesses = guesses, False
            if not (needs_key or needs_sound):
                return True
            if at > time + MAX_SKEW_S:
                break
        return not needs_key  # of sound there is none
