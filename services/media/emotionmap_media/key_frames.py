"""Decodes some key frames of a whole file, for a first glance at it.

Each is reached by a seek of its own, so its cost depends on how many are wanted, not on how long
the file is. Best effort: what cannot be reached at once is left out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av.error
import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.clock import Span
from emotionmap_media.container import open_media
from emotionmap_media.decode import GrayFrame
from emotionmap_media.excerpt import Wanted
from emotionmap_media.geometry import to_gray
from emotionmap_media.landing import Landing
from emotionmap_media.streams import time_base
from emotionmap_media.together import MAX_BYTES, MAX_FRAMES, FrameGroup

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from av.packet import Packet
    from av.stream import Stream

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.objects import Source
    from emotionmap_media.streams import Limits

PATIENCE_S = 4.0
"""Time that all frames together may take; in a file that needs longer every second is left out, or
more."""
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class GlanceSpec:
    """How many frames are wanted at most, and how wide they may be, px."""

    count: int
    frame_width_px: int


def sample_key_frames(
    path: Source, spec: GlanceSpec, *, limits: Limits, budget: Budget
) -> Generator[FrameGroup, None, None]:
    """Yield key frames spread evenly over a file, in time order, a few at a time.

    Args:
        path: Absolute path of a regular file, or an object.
        spec: What is wanted.
        limits: What is read at most.
        budget: What bounds the work.

    Raises:
        ServiceError: As in the comment of SampleKeyFrames.
    """
    # Several threads would each wait for a picture of their own.
    lone = replace(limits, decode_threads=1)
    with open_media(path, limits=lone, wanted=Wanted.key_frames()) as media:
        if media.video is None:
            raise ServiceError(
                grpc.StatusCode.FAILED_PRECONDITION,
                reasons.MEDIA_NO_VIDEO,
                "The file has no pictures.",
            )
        if media.is_seekable:
            yield from _grouped(_frames(media, spec, budget))


def _grouped(frames: Iterator[GrayFrame]) -> Iterator[FrameGroup]:
    waiting: list[GrayFrame] = []
    for frame in frames:
        size = sum(len(one.gray) for one in waiting) + len(frame.gray)
        if waiting and (len(waiting) == MAX_FRAMES or size > MAX_BYTES):
            yield FrameGroup(tuple(waiting))
            waiting.clear()
        waiting.append(frame)
    if waiting:
        yield FrameGroup(tuple(waiting))


def _frames(media: Media, spec: GlanceSpec, budget: Budget) -> Iterator[GrayFrame]:
    length = _length(media)
    start_s, last = time.monotonic(), Fraction(-1)
    for number in range(spec.count):
        if time.monotonic() - start_s > PATIENCE_S * (number + 1) / spec.count:
            continue  # behind time
        moment = length * (2 * number + 1) / (2 * spec.count)
        at = Landing(media, pictures=Span(moment, moment), sound=None, budget=budget)
        key = at.find_key_frame(0)
        if key is None or key <= last:
            continue  # out of reach, or seen already
        last = key
        if (frame := _decode_at(media, key, spec, budget)) is not None:
            yield frame


def _length(media: Media) -> Fraction:
    """Return how long the header says that the file is, seconds; 0 if it does not say."""
    video = media.video
    assert video is not None
    if video.duration:
        return media.start(video) + video.duration * time_base(video)
    return Fraction(media.container.duration or 0, MICROSECONDS)


def _decode_at(media: Media, key: Fraction, spec: GlanceSpec, budget: Budget) -> GrayFrame | None:
    """Return the key frame that is shown at a time, to which the file was led; None if it fails."""
    video = media.video
    assert video is not None
    packet = _packet_at(media, key, budget)
    try:
        pictures = packet and [*video.codec_context.decode(packet), *video.codec_context.decode()]
    except (av.error.FFmpegError, ValueError):
        return None
    if not pictures:
        return None
    gray = to_gray(
        pictures[0], pixel_aspect=video.sample_aspect_ratio, max_width_px=spec.frame_width_px
    )
    height, width = gray.shape
    return GrayFrame(max(key, Fraction(0)), width, height, gray.tobytes())


def _packet_at(media: Media, key: Fraction, budget: Budget) -> Packet[Stream] | None:
    guesses = media.guesses_first_times
    for packet in media.packets(budget):
        if packet.stream is not media.video or not packet.is_keyframe:
            continue
        at = media.packet_time(packet)
        if not guesses and at >= key - media.tolerance:
            return packet if at <= key + media.tolerance else None
        guesses = False
    return None
