"""Looks through the beginning of a file that is still being written, as far as it is there.

What is read again and again as the file grows is only what is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap_media import formats
from emotionmap_media.container import packet_ticks
from emotionmap_media.tally import read_head, tallies_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.tally import Tally


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is there of one stream.

    Attributes:
        tally: Its end is that up to which all is there; its key frames are those from the last one
            at or before a time on.
        places: Of the packets from there on in the order of decoding: times, ticks, and where in
            the file they end. Not empty.
    """

    tally: Tally
    places: list[tuple[int, int]]


def read_beginnings(media: Media, budget: Budget, *, since: Fraction) -> list[Beginning] | None:
    """Look through both streams.

    Args:
        media: The open file; it may be an MP4 or Matroska.
        budget: What bounds the work.
        since: What is wanted lies behind this time, seconds.

    Returns:
        None if too little is there.
    """
    if formats.MP4 in media.container.format.name.split(","):
        tallies = tallies_of(media)
        if not read_head(media, tallies, budget):
            return None
        found = [_by_index(media, tally, since) for tally in tallies.values()]
    else:
        found = list(_by_packets(media, budget, since))
    for one in found:
        one.tally.finish()
    if not all(one.places and one.tally.sample is not None for one in found):
        return None
    for one in found:
        one.tally.end_ticks = one.places[-1][0]
    return found


def _by_index(media: Media, tally: Tally, since: Fraction) -> Beginning:
    """Read what an index names, from its end on."""
    entries, first = tally.stream.index_entries, media.clock(tally.stream).first_at(since)
    delay, places = max(tally.key_delays, default=0), []
    tally.key_ticks.clear()
    for number in range(len(entries) - 1, -1, -1):
        entry = entries[number]
        places.append((entry.timestamp, entry.pos + entry.size))
        if entry.is_keyframe:
            tally.key_ticks.append(entry.timestamp + delay)
            if entry.timestamp + delay <= first:
                break
    return Beginning(tally, places[::-1])


def _by_packets(media: Media, budget: Budget, since: Fraction) -> Iterator[Beginning]:
    """Read the packets themselves, from the last key frame at or before a time on."""
    media.seek(since)
    tallies = tallies_of(media)
    places: dict[int, list[tuple[int, int]]] = {number: [] for number in tallies}
    for packet in media.packets_there(budget):
        placed = places[packet.stream_index]
        tallies[packet.stream_index].add(packet)
        ticks = packet.dts if packet.dts is not None else packet_ticks(packet)
        latest = max([ticks, *(at for at, _ in placed[-1:])])
        placed.append((latest, (packet.pos or 0) + packet.size))
    for number, tally in tallies.items():
        yield Beginning(tally, places[number])
