"""Finds out what a file really is: from all its packets, and a little of each stream decoded.

Headers lie about lengths, or have none, so nothing here believes them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import grpc
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons
from emotionmap_media.container import open_media
from emotionmap_media.geometry import display_size
from emotionmap_media.streams import time_base
from emotionmap_media.tally import by_index, by_packets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame
    from av.video.frame import VideoFrame

    from emotionmap_media.budget import Budget
    from emotionmap_media.container import Media
    from emotionmap_media.objects import Source
    from emotionmap_media.streams import Limits
    from emotionmap_media.tally import Tally

MAX_TITLE_CHARS = 256
HEADER_TOLERANCE = Fraction(1, 10)
"""An MP4's own length, seconds, is believed if it is that near: it knows of padding."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a file is; times in seconds from time zero.

    If it is open-ended, `duration` is what is there of it, and `key_frames` may be the last ones.
    """

    duration: Fraction
    frame_rate: Fraction | None
    width_px: int
    height_px: int
    container: str
    video_codec: str
    audio_codec: str
    title: str
    key_frames: tuple[Fraction, ...]
    is_open_ended: bool = False

    @property
    def has_video(self) -> bool:
        """Whether pictures can be decoded."""
        return bool(self.video_codec)

    @property
    def has_audio(self) -> bool:
        """Whether sound can be decoded."""
        return bool(self.audio_codec)


def describe(path: Source, *, limits: Limits, budget: Budget) -> Description:
    """Look at a file from end to end.

    Raises:
        ServiceError: As in the comment of MediaService.
    """
    with open_media(path, limits=limits) as media:
        tallies = by_index(media, budget) or by_packets(media, budget)
        return describe_tallies(media, tallies, limits)


def describe_tallies(media: Media, tallies: list[Tally], limits: Limits) -> Description:
    """Describe an open file by what its packets come to.

    Raises:
        ServiceError: As `describe`.
    """
    duration = max((_end(media, tally) for tally in tallies if tally.packets), default=Fraction(0))
    _check(duration, tallies, limits)
    picture = next((t for t in tallies if t.stream is media.video and t.sample is not None), None)
    sound = next((t for t in tallies if t.stream is media.audio and t.sample is not None), None)
    width, height = _size(media, picture)
    video = media.video
    rate = (video.average_rate or video.guessed_rate) if video is not None and picture else None
    return Description(
        duration=duration,
        frame_rate=rate or None,
        width_px=width,
        height_px=height,
        container=media.container.format.name,
        video_codec=picture.stream.codec_context.codec.canonical_name if picture else "",
        audio_codec=sound.stream.codec_context.codec.canonical_name if sound else "",
        title=media.container.metadata.get("title", "")[:MAX_TITLE_CHARS],
        key_frames=tuple(_key_frames(media, picture)) if picture else (),
    )


def _size(media: Media, picture: Tally | None) -> tuple[int, int]:
    if picture is None or media.video is None:
        return 0, 0
    frame: VideoFrame = picture.sample  # type: ignore[assignment]  # of the stream of pictures
    return display_size(frame, media.video.sample_aspect_ratio)


def _end(media: Media, tally: Tally) -> Fraction:
    """Return when a stream ends."""
    stream = tally.stream
    tick = time_base(stream)
    if tally.end_ticks is None:  # a raw stream has no clock but its frame rate
        return tally.packets * _packet_seconds(tally)
    end = media.time(tally.end_ticks, stream) - _padding(tally)
    if tally.last is not None and not tally.last.duration:
        end += _packet_seconds(tally)
    if stream.duration is not None and "mp4" in media.container.format.name:
        header = media.start(stream) + stream.duration * tick
        if abs(header - end) <= HEADER_TOLERANCE:
            return header
    return end


def _packet_seconds(tally: Tally) -> Fraction:
    """Return about how long a packet is on."""
    stream = tally.stream
    if stream.type == "video":
        rate = stream.average_rate or stream.guessed_rate
        return 1 / rate if rate else Fraction(1, 25)
    frame: AudioFrame | None = tally.sample  # type: ignore[assignment]  # of the stream of sound
    return Fraction(frame.samples, frame.sample_rate) if frame is not None else Fraction(0)


def _padding(tally: Tally) -> Fraction:
    """Return how much of the last packet of sound is only there to fill it, seconds."""
    packet, rate = tally.last, getattr(tally.stream.codec_context, "sample_rate", 0)
    if packet is None or not rate or not packet.has_sidedata("skip_samples"):
        return Fraction(0)
    if (packet.duration or 0) < tally.longest_ticks:
        return Fraction(0)  # the container has taken it off already
    data = bytes(packet.get_sidedata("skip_samples"))
    _, at_end = struct.unpack_from("<II", data)  # AV_PKT_DATA_SKIP_SAMPLES: start, end, reasons
    return Fraction(at_end, rate)


def _key_frames(media: Media, picture: Tally) -> Iterator[Fraction]:
    for ticks in sorted(picture.key_ticks):
        yield media.time(ticks, picture.stream)


def _check(duration: Fraction, tallies: list[Tally], limits: Limits) -> None:
    if duration <= 0:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_ZERO_LENGTH,
            "The file has a length of zero.",
        )
    if all(tally.sample is None for tally in tallies):
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_UNREADABLE,
            "Nothing in the file can be decoded.",
        )
    if duration > limits.max_duration_s:
        raise ServiceError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            reasons.MEDIA_TOO_LONG,
            f"The file is {float(duration):.0f} s long;"
            f" at most {limits.max_duration_s} s are accepted.",
            metadata={
                "duration_s": f"{float(duration):.0f}",
                "max_duration_s": str(limits.max_duration_s),
            },
        )
