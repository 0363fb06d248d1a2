"""Tells from the index in front of an MP4 what the complete file will be, and where it lies.

That is an index of all packets, or of all fragments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from emotionmap_media.beginning import read_beginnings
from emotionmap_media.container import open_media
from emotionmap_media.growing import incomplete
from emotionmap_media.preflight import MAX_BEGINNING_BYTES
from emotionmap_media.probe import HEADER_TOLERANCE, Description, describe_tallies
from emotionmap_media.streams import time_base
from emotionmap_media.tally import from_fragments, from_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av.stream import Stream
    from numpy.typing import NDArray

    from emotionmap_media.budget import Budget
    from emotionmap_media.clock import Span
    from emotionmap_media.container import Media
    from emotionmap_media.fragments import FragmentIndex
    from emotionmap_media.growing import GrowingMedia
    from emotionmap_media.plan import SoFar
    from emotionmap_media.streams import Limits
    from emotionmap_media.tally import Tally

PICTURES_AHEAD_S = Fraction(1)
"""Pictures that are read behind the end of a segment: a decoder holds some back."""
SOUND_AHEAD_S = Fraction(1, 2)
"""Sound that is read behind what is wanted of it: what the resampler holds back, and more."""
AHEAD_S = max(PICTURES_AHEAD_S, SOUND_AHEAD_S)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Up to where a file must be read for the packets of one stream.

    `times_s` are those of decoding, ascending, float64 [T]; `ends` int64 [T] are positions in the
    file of which each lies behind all packets up to that one.
    """

    times_s: NDArray[np.float64]
    ends: NDArray[np.int64]
    ahead_s: Fraction

    def until(self, time: Fraction) -> int:
        """Return how many bytes are needed up to a time, seconds."""
        count = int(np.searchsorted(self.times_s, float(time + self.ahead_s), side="right"))
        return int(self.ends[min(count, len(self.ends) - 1)])


def describe_growing(
    source: GrowingMedia,
    *,
    limits: Limits,
    budget: Budget,
    so_far: SoFar | None = None,
) -> tuple[Description, list[_Reach]]:
    """Describe a file by its index and its first packets, and tell where its packets lie.

    Args:
        source: The file.
        limits: What is read at most.
        budget: What bounds the work.
        so_far: What was planned of it before, if the plan may grow: then files of fragments that
            nobody names are described as well, as far as they are there.

    Raises:
        ServiceError: FAILED_PRECONDITION `MEDIA_INCOMPLETE`: the index is not there, or is not one
            of all, or contradicts the header; as in the comment of MediaService.
    """
    with open_media(source, limits=limits) as media:
        if media.is_open_ended:
            if so_far is None:
                raise incomplete()
            if source.size_bytes == MAX_BEGINNING_BYTES:
                raise incomplete()  # no more of it is told
            return _describe_beginning(media, limits, budget, since=so_far.end)
        if media.fragments:
            tallies = from_fragments(media, budget)
            if tallies is None:
                raise incomplete()
            indexes = media.fragments.values()
            reaches = [_reach_of_fragments(media, one, source.size_bytes) for one in indexes]
            return describe_tallies(media, tallies, limits), reaches
        tallies = from_index(media, budget)
        if tallies is None or not all(_agrees(media, tally) for tally in tallies):
            raise incomplete()
        # Of all: FFmpeg reads what lies between those that count.
        streams = [one for one in media.container.streams if len(one.index_entries)]
        reaches = [_reach(media, stream) for stream in streams]
        if any(reach.ends[-1] > source.size_bytes for reach in reaches):
            raise incomplete()
        return describe_tallies(media, tallies, limits), reaches


def _describe_beginning(
    media: Media, limits: Limits, budget: Budget, *, since: Fraction
) -> tuple[Description, list[_Reach]]:
    beginnings = read_beginnings(media, budget, since=since)
    if beginnings is None:
        raise incomplete()
    found = describe_tallies(media, [one.tally for one in beginnings], limits)
    # Up to there all streams are: where one ends before the others, nobody knows yet.
    there = min(media.time(one.places[-1][0], one.tally.stream) for one in beginnings)
    reaches = [_reach_of(media, one.tally.stream, one.places) for one in beginnings]
    return replace(found, duration=there, is_open_ended=True), reaches


def segment_end_bytes(
    spans: Sequence[Span], reaches: Sequence[_Reach], *, audio_margin: Fraction
) -> list[int]:
    """Return how many bytes each segment is likely to need, not decreasing."""
    ends, most = [], 0
    for span in spans:
        most = max(most, *(reach.until(span.end + audio_margin) for reach in reaches))
        ends.append(most)
    return ends


def _agrees(media: Media, tally: Tally) -> bool:
    """Tell whether the header and the index name the same length: then reading all does, too."""
    stream = tally.stream
    if stream.duration is None or tally.end_ticks is None:
        return False
    header = media.start(stream) + stream.duration * time_base(stream)
    return abs(header - media.time(tally.end_ticks, stream)) <= HEADER_TOLERANCE


def _reach_of_fragments(media: Media, index: FragmentIndex, size_bytes: int) -> _Reach:
    """Each is needed up to its end once one of its packets is; behind the last, all is read."""
    times_s = index.times[1:] / index.ticks_per_s - float(media.zero)
    ends = np.append(index.places[1:-1], size_bytes)
    return _Reach(times_s, ends, AHEAD_S)


def _reach(media: Media, stream: Stream) -> _Reach:
    return _reach_of(
        media, stream, [(one.timestamp, one.pos + one.size) for one in stream.index_entries]
    )


def _reach_of(media: Media, stream: Stream, places: Sequence[tuple[int, int]]) -> _Reach:
    """Return it for packets in the order of decoding: their times, ticks, and where they end."""
    ticks = np.array([at for at, _ in places], np.float64)
    ends = np.array([end for _, end in places], np.int64)
    times_s = ticks * float(time_base(stream)) - float(media.zero)
    ahead_s = PICTURES_AHEAD_S if stream.type == "video" else SOUND_AHEAD_S
    return _Reach(times_s, np.maximum.accumulate(ends), ahead_s)
