"""Reads the pictures of a range: whole groups as they are stored, those at its edges decoded.

A group starts with a picture that all decoding can start from (IDR), so none behind it refers to
one before it, and none is shown before it. Any first part of a group that is also the first part
of what is shown can be copied without the rest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, TypeAlias

import av.error

from emotionmap_media import avc
from emotionmap_media.avc_sequence import SPS, Malformed
from emotionmap_media.disposable import Marks
from emotionmap_media.group_order import copyable, disorder
from emotionmap_media.landing import REACH_BACK_S, Landing
from emotionmap_media.reading import Picture
from emotionmap_media.splicing import Hindrance, Unsuitable
from emotionmap_media.streams import time_base
from emotionmap_media.tracks import TICK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.splicing import Splice

MAX_GROUP_BYTES = 32 * 2**20
MAX_GROUP_PICTURES = 2000
_HARMLESS_UNITS = frozenset((avc.SLICE, avc.IDR_SLICE, 6, 9, 10, 11, 12))
"""Slices, remarks, delimiters, ends, filling; others belong to layers that are not understood."""


@dataclass(frozen=True, slots=True)
class Run:
    """Pictures to be copied: packets in the order of decoding, and when each is shown."""

    packets: list[Packet[Stream]]
    times: list[Fraction]

    @property
    def start(self) -> Fraction:
        """When the first is shown."""
        return self.times[0]

    @property
    def last(self) -> Fraction:
        """When the last is shown."""
        return max(self.times)


Event: TypeAlias = Picture | Run


@dataclass(slots=True)
class _Group:
    """A group that is being read."""

    hindrance: Hindrance | None
    is_decoded: bool = False
    """Whether its packets are decoded as they come, not kept."""
    bytes: int = 0
    packets: list[Packet[Stream]] = field(default_factory=list)
    ticks: list[int] = field(default_factory=list)
    """When each is shown, on the file's clock."""
    behind_end: int = 0
    """Packets that are shown behind the range."""
    unseen_until: int | None = None
    """Pictures before it, on the file's clock, are not shown from decoding; None: all are."""

    def keep(self, packet: Packet[Stream], ticks: int) -> None:
        self.packets.append(packet)
        self.ticks.append(ticks)
        self.bytes += packet.size
        if packet.is_discard:
            self.hindrance = Hindrance.EDIT_LIST
        elif packet.is_corrupt:
            self.hindrance = Hindrance.DAMAGE
        elif self.bytes > MAX_GROUP_BYTES or len(self.packets) > MAX_GROUP_PICTURES:
            self.hindrance = Hindrance.LENGTH


class GroupReading:
    """One pass over the pictures of a range.

    Args:
        media: The open file.
        span: The range.
        splice: How its pictures can be copied.
        budget: What bounds the work.

    Attributes:
        hindrances: Why groups inside the range could not be copied, and how many.
    """

    def __init__(self, media: Media, span: Span, splice: Splice, budget: Budget) -> None:
        assert media.video is not None
        self._media, self._span, self._splice, self._budget = media, span, splice, budget
        self._known = frozenset(splice.source.sequences + splice.source.pictures)
        self._tick = time_base(media.video)
        self._marks = Marks.of(media.video)
        # On the file's clock, so that packets are compared by whole numbers.
        self._last_before = floor((span.start + TICK + media.zero) / self._tick)
        self._end = ceil((span.end - TICK + media.zero) / self._tick)
        self._key: Fraction | None = None
        self._is_over = False
        self.hindrances: Counter[Hindrance] = Counter()

    def events(self) -> Iterator[Event]:
        """Yield pictures and runs in time order, from the one on screen at the start.

        Earlier pictures may come first.

        Raises:
            Unsuitable: The file changes on the way so that nothing of it can be copied.
        """
        for reach_back_s in (*REACH_BACK_S, None):
            landing = Landing(self._media, pictures=self._span, sound=None, budget=self._budget)
            self._key = landing.find_key_frame(reach_back_s)
            is_last_try = reach_back_s is None or self._key is None
            self._is_over, first = False, True
            for event in self._pass():
                if first and self._is_late(event) and not is_last_try:
                    break
                first = False
                yield event
            else:
                return

    def _is_late(self, event: Event) -> bool:
        start = event.start if isinstance(event, Run) else event.time
        return start > self._span.start + self._media.tolerance

    def _pass(self) -> Iterator[Event]:
        group: _Group | None = None
        for packet, ticks in self._packets():
            starts, hindrance = self._inspect(packet)
            if group is None or starts:
                if group is not None:
                    yield from self._finish(group)
                if self._is_over or (group is not None and ticks >= self._end):
                    return
                group = _Group(hindrance if starts else Hindrance.OPEN_GROUP)
            yield from self._add(group, packet, ticks, hindrance)
            if self._is_over:
                return
        if group is not None:
            yield from self._finish(group)

    def _packets(self) -> Iterator[tuple[Packet[Stream], int]]:
        """Yield the pictures' packets from the key frame on, and when they are shown."""
        media, is_before = self._media, self._key is not None
        for packet in media.packets(self._budget):
            if packet.stream is not media.video:
                continue
            if is_before and not (packet.is_keyframe and media.packet_time(packet) == self._key):
                continue
            is_before = False
            if packet.pts is None:
                raise Unsuitable(Hindrance.TIMES)
            yield packet, packet.pts

    def _inspect(self, packet: Packet[Stream]) -> tuple[bool, Hindrance | None]:
        """Return whether a group starts with a packet, and what hinders copying it."""
        is_first = False
        hindrance: Hindrance | None = None
        units = avc.packet_units(memoryview(packet), self._splice.source.length_bytes)
        if packet.has_sidedata("new_extradata"):
            raise Unsuitable(Hindrance.PARAMETER_CHANGE)
        try:
            for kind, unit in units:
                if kind == avc.IDR_SLICE:
                    is_first = True
                elif kind in (SPS, avc.PPS):
                    self._check(bytes(unit))
                elif kind not in _HARMLESS_UNITS:
                    hindrance = Hindrance.PROFILE
        except Malformed:
            hindrance = Hindrance.DAMAGE
        return is_first, hindrance

    def _check(self, unit: bytes) -> None:
        """Refuse parameter sets that replace those of the file: all behind them is other, too."""
        if unit.rstrip(b"\x00") not in self._known and unit not in self._known:
            raise Unsuitable(Hindrance.PARAMETER_CHANGE)

    def _add(
        self, group: _Group, packet: Packet[Stream], ticks: int, hindrance: Hindrance | None
    ) -> Iterator[Event]:
        if group.is_decoded:
            if packet.is_keyframe and group.hindrance is None:
                self._count(group, Hindrance.OPEN_GROUP)
            if not self._is_unseen(group, packet, ticks):
                yield from self._decode(packet)
            return
        group.keep(packet, ticks)
        group.hindrance = group.hindrance or hindrance
        starts_inside = group.ticks[0] < ticks <= self._last_before
        if group.hindrance is not None or starts_inside:
            yield from self._decode_all(group)
            return
        group.behind_end += ticks >= self._end
        if group.behind_end > self._splice.reordered_frames:
            yield from self._finish(group)
            self._is_over = True

    def _finish(self, group: _Group) -> Iterator[Event]:
        """Yield what is left of a group once all of it is read that is shown in the range."""
        last: Fraction | None = None
        if not group.is_decoded:
            reordered = self._splice.reordered_frames
            group.hindrance = disorder(group.ticks, reordered=reordered, tick=self._tick)
            copied = copyable(group.ticks, self._end) if group.hindrance is None else 0
            if copied:
                times = [self._media.time(ticks, self._video) for ticks in group.ticks[:copied]]
                last, group.unseen_until = max(times), max(group.ticks[:copied]) + 1
                yield Run(group.packets[:copied], times)
            if all(ticks >= self._end for ticks in group.ticks[copied:]):
                return
            yield from _later(self._decode_all(group), last)
        yield from _later(self._decode(None), last)
        self._video.codec_context.flush_buffers()

    def _decode_all(self, group: _Group) -> Iterator[Picture]:
        """Decode what was kept, and from now on what comes."""
        if group.hindrance is not None:
            self._count(group, group.hindrance)
        group.is_decoded = True
        packets, group.packets = group.packets, []
        for packet, ticks in zip(packets, group.ticks, strict=True):
            if not self._is_unseen(group, packet, ticks):
                yield from self._decode(packet)

    def _is_unseen(self, group: _Group, packet: Packet[Stream], ticks: int) -> bool:
        """Whether decoding can do without a picture: it is not shown, and none refers to it."""
        if group.hindrance is not None or self._marks is None:
            return False
        if group.unseen_until is not None and ticks < group.unseen_until:
            return self._marks.is_disposable(packet)
        if ticks <= self._last_before:
            group.unseen_until = ticks  # on screen when the range starts, unless a later one is
        return False

    @property
    def _video(self) -> VideoStream:
        video = self._media.video  # another one once the file was opened again
        assert video is not None
        return video

    def _count(self, group: _Group, hindrance: Hindrance) -> None:
        group.hindrance = hindrance
        self.hindrances[hindrance] += 1

    def _decode(self, packet: Packet[Stream] | None) -> Iterator[Picture]:
        """Yield the pictures that a packet completes; None flushes the decoder."""
        try:
            frames = self._video.codec_context.decode(packet)
        except (av.error.FFmpegError, ValueError):
            return  # a damaged picture; the one before stays on screen
        for frame in frames:
            if frame.pts is None:
                raise Unsuitable(Hindrance.TIMES)
            time = frame.pts * (frame.time_base or self._tick) - self._media.zero
            if self._key is not None and time < self._key:
                continue  # shown before the key frame, so built on pictures that were not read
            if time >= self._span.end - TICK:
                self._is_over = True
                return
            yield Picture(time, frame)


def _later(pictures: Iterator[Picture], time: Fraction | None) -> Iterator[Picture]:
    for picture in pictures:
        if time is None or picture.time > time:
            yield picture
