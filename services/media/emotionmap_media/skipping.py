"""Leaves out pictures that no sample time needs and no other picture refers to.

What is left decodes to the same pixels, and each sample time finds the same picture on screen: of a
video of 30 pictures a second that is sampled at 15, up to half need not be decoded.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap_media.disposable import Marks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet
    from av.stream import Stream

    from emotionmap_media.clock import TickClock
    from emotionmap_media.container import Media
    from emotionmap_media.sampling import Grid

MAX_HELD = 8
"""Packets that wait, at most, for the one that tells how long a picture is on screen."""
_REMEMBERED = 64
"""Times of pictures that are kept; far more than any stream reorders."""


class Skipping:
    """Packets pass in their order; some do not come out.

    Args:
        marks: How the stream marks pictures that nothing refers to.
        clock: Its clock.
        grid: The sample times.
    """

    def __init__(self, marks: Marks, clock: TickClock, grid: Grid) -> None:
        self._marks, self._clock, self._grid = marks, clock, grid
        self._held: deque[_Held] = deque()
        self._shown: list[tuple[int, int]] = []
        self._decoded_until = 0
        self._is_off = False

    @classmethod
    def of(cls, media: Media, grid: Grid | None) -> Skipping | None:
        """Return what leaves out pictures of a file; None where there is nothing to gain."""
        video = media.video
        if grid is None or video is None or media.has_decode_order_clock:
            return None
        rate = video.average_rate
        if rate is not None and rate <= grid.rate:
            return None
        marks = Marks.of(video)
        return cls(marks, media.clock(video), grid) if marks is not None else None

    def take(self, packet: Packet[Stream]) -> Iterator[Packet[Stream]]:
        """Take the next packet; yield those that are now known to be needed."""
        shown = packet.pts
        if self._is_off or shown is None:
            self._is_off = True  # its time follows from that of the picture before
            yield from self.rest()
            yield packet
            return
        index = self._grid.index_at(self._clock.time(shown))
        is_shown = not packet.is_discard
        if is_shown:
            insort(self._shown, (shown, index))
            del self._shown[:-_REMEMBERED]
        self._decoded_until = packet.dts if packet.dts is not None else self._decoded_until
        is_disposable = is_shown and self._marks.is_disposable(packet)
        self._held.append(_Held(packet, shown, index, is_disposable))
        while self._held and (is_needed := self._is_needed(self._held[0])) is not None:
            held = self._held.popleft()
            if is_needed:
                yield held.packet

    def rest(self) -> Iterator[Packet[Stream]]:
        """Yield what still waits: nothing more follows."""
        while self._held:
            yield self._held.popleft().packet

    def _is_needed(self, held: _Held) -> bool | None:
        """Return whether a packet is needed; None while that is open."""
        if not held.is_disposable:
            return True
        place = bisect_left(self._shown, (held.shown + 1,))
        if place < len(self._shown):
            following, index = self._shown[place]
            if index <= max(held.index, self._grid.first):
                return False  # a picture in between could only shorten its time on screen
            # Packets come in the order of decoding, and none is shown before it is decoded.
            if self._decoded_until >= following:
                return True
        return True if len(self._held) > MAX_HELD else None


@dataclass(frozen=True, slots=True)
class _Held:
    packet: Packet[Stream]
    shown: int
    """Ticks."""
    index: int
    """First sample time that it can be shown at."""
    is_disposable: bool
