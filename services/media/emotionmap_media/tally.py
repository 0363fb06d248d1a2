"""Counts what the packets of a file come to.

All of them are read, or, of a long file with a sound index, the first and the last alone: two
hours have half a million packets, and someone waits for the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import av.error

from emotionmap_media import formats
from emotionmap_media.streams import time_base

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media

MAX_TRIED_PACKETS = 1000
"""A stream of which nothing decodes within so many packets counts as undecodable."""
MIN_ENTRIES = 20_000
"""Packets from which on a file is not read through: six minutes of pictures and sound."""


@dataclass(slots=True)
class Tally:
    """What the packets of one stream come to.

    Attributes:
        end_ticks: Latest end of a packet; None if none is timed.
        packets: How many were read.
        longest_ticks: Length of the longest.
        last: The last one.
        key_ticks: Times of those with which decoding can begin.
        key_delays: By how much these are shown after they are decoded, ticks.
        sample: The first thing that was decoded.
    """

    stream: Stream
    end_ticks: int | None = None
    packets: int = 0
    longest_ticks: int = 0
    last: Packet[Stream] | None = None
    key_ticks: list[int] = field(default_factory=list)
    key_delays: set[int] = field(default_factory=set)
    sample: VideoFrame | AudioFrame | None = None

    def add(self, packet: Packet[Stream]) -> None:
        """Count a packet; try to decode it while nothing of the stream was decoded."""
        self.packets += 1
        self.last = packet
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is not None:
            self.longest_ticks = max(self.longest_ticks, packet.duration or 0)
            end = ticks + (packet.duration or 0)
            self.end_ticks = end if self.end_ticks is None else max(self.end_ticks, end)
            if packet.is_keyframe:
                self.key_ticks.append(ticks)
                self.key_delays.add(ticks - (packet.dts if packet.dts is not None else ticks))
        if self.sample is None and self.packets <= MAX_TRIED_PACKETS:
            self._try(packet)

    def finish(self) -> None:
        """Flush the decoder if nothing has come out of it yet."""
        if self.sample is None and self.packets:
            self._try(None)

    def _try(self, packet: Packet[Stream] | None) -> None:
        try:
            frames = self.stream.codec_context.decode(packet)  # type: ignore[attr-defined]
        except (av.error.FFmpegError, ValueError):
            return
        self.sample = next(iter(frames), None)


def by_packets(media: Media, budget: Budget) -> list[Tally]:
    """Read a file from end to end."""
    media.rewind()
    tallies = tallies_of(media)
    for packet in media.packets(budget):
        tallies[packet.stream_index].add(packet)
    for tally in tallies.values():
        tally.finish()
    return list(tallies.values())


def by_index(media: Media, budget: Budget, *, min_entries: int = MIN_ENTRIES) -> list[Tally] | None:
    """Read the first packets of a long MP4 and the last ones; its index names those between.

    Returns:
        What reading all would give, but for the number of packets, and times of key frames that
        are off by a picture or two where their delays vary; None where that is not sure.
    """
    tallies = tallies_of(media)
    if media.video is None or not _has_sound_index(media, tallies, min_entries):
        return None
    if not read_head(media, tallies, budget):
        return None
    # Times of an index are those of decoding.
    keys = [entry.timestamp for entry in media.video.index_entries if entry.is_keyframe]
    if not keys:
        return None
    media.container.seek(keys[-1], stream=media.video)
    for packet in media.packets(budget):
        tallies[packet.stream_index].add(packet)
    picture = tallies[media.video.index]
    if not picture.key_delays or not _is_read_through(picture):
        return None
    delay = max(picture.key_delays)
    picture.key_ticks = [ticks + delay for ticks in keys]
    return list(tallies.values())


def from_index(media: Media, budget: Budget) -> list[Tally] | None:
    """Read the first packets of an MP4 alone; its index names all others.

    Returns:
        As `by_index`, but for the last packets, which are not known, and ends that are off by as
        much as the last packet is longer or shorter than the one before it.
    """
    tallies = tallies_of(media)
    if not _has_sound_index(media, tallies, 1) or not read_head(media, tallies, budget):
        return None
    for tally in tallies.values():
        entries = list(tally.stream.index_entries)
        if not tally.key_delays:
            return None
        delay = max(tally.key_delays)
        tally.key_ticks = [entry.timestamp + delay for entry in entries if entry.is_keyframe]
        step = entries[-1].timestamp - entries[-2].timestamp if len(entries) > 1 else 0
        tally.end_ticks = entries[-1].timestamp + delay + step
    return list(tallies.values())


def from_fragments(media: Media, budget: Budget) -> list[Tally] | None:
    """Read the first packets of an MP4 alone; an index names all its fragments.

    Returns:
        What reading all would give, but for the number of packets, the last ones, and key frames
        within fragments; None where it does not name both streams, or no key frame.
    """
    tallies = tallies_of(media)
    indexes = [media.fragments.get(tally.stream.id) for tally in tallies.values()]
    if not all(indexes) or not read_head(media, tallies, budget):
        return None
    for tally, index in zip(tallies.values(), indexes, strict=True):
        assert index is not None
        ticks = index.ticks(time_base(tally.stream))
        tally.key_ticks = [at for at, is_key in zip(ticks, index.has_key, strict=False) if is_key]
        tally.end_ticks = ticks[-1]
        if tally.stream is media.video and not tally.key_ticks:
            return None
    return list(tallies.values())


def tallies_of(media: Media) -> dict[int, Tally]:
    """Return an empty one for each of the two streams that there is, by its number."""
    return {
        stream.index: Tally(stream) for stream in (media.video, media.audio) if stream is not None
    }


def _has_sound_index(media: Media, tallies: dict[int, Tally], min_entries: int) -> bool:
    """Tell whether a file has an index of every packet, and that is long."""
    if formats.MP4 not in media.container.format.name.split(",") or media.is_cut_off:
        return False
    # Fragments are indexed as they are read; their header counts no packets.
    counts = [(len(tally.stream.index_entries), tally.stream.frames) for tally in tallies.values()]
    return sum(count for count, _ in counts) >= min_entries and all(a == b for a, b in counts)


def read_head(media: Media, tallies: dict[int, Tally], budget: Budget) -> bool:
    """Read until something of each stream was decoded; False if nothing is within reach."""
    for packet in media.packets(budget):
        tally = tallies[packet.stream_index]
        tally.add(packet)
        if tally.packets > MAX_TRIED_PACKETS:
            return False
        if all(tally.sample is not None for tally in tallies.values()):
            return True
    return False


def _is_read_through(tally: Tally) -> bool:
    """Tell whether the last packet that was read of a stream is the last of its index."""
    entries = tally.stream.index_entries
    return tally.last is not None and tally.last.dts == entries[len(entries) - 1].timestamp
