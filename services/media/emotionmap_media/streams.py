"""Which streams of a file count, and how their clocks are read."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import grpc
from av.stream import Disposition
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import formats, reasons

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

PEEKED_PACKETS = 64
"""Packets that are looked at for a first timestamp where a container names none."""
COARSEST_ROUNDED_TICK = Fraction(1, 500)
"""Clocks with longer ticks, seconds, tick once a picture and do not round."""
_STEADY_DECODERS = {"mp1": "mp1float", "mp2": "mp2float", "mp3": "mp3float"}
"""Decoders in place of those that carry rounding noise from packet to packet."""
_OPUS_HEAD = b"OpusHead"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most, and with how much."""

    max_duration_s: int
    max_pixels: int
    decode_threads: int
    whole_index_entries: int = 40_000
    """Packets up to which the index of an MP4 is read whole for a part of it: nine minutes."""


def choose(
    container: InputContainer, limits: Limits
) -> tuple[VideoStream | None, AudioStream | None]:
    """Return the first decodable stream of each kind; a cover picture is none.

    Raises:
        ServiceError: MEDIA_NO_STREAMS, CODEC_UNSUPPORTED or MEDIA_TOO_LARGE.
    """
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    sounding = list(container.streams.audio)
    if not moving and not sounding:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_NO_STREAMS,
            "The file holds neither pictures nor sound.",
        )
    video = next((s for s in moving if _has_decoder(s) and s.width > 0), None)
    audio = next((s for s in sounding if _has_decoder(s)), None)
    if video is None and audio is None:
        raise ServiceError(
            grpc.StatusCode.UNIMPLEMENTED,
            reasons.CODEC_UNSUPPORTED,
            "No decoder for this file is built in.",
        )
    if video is not None:
        _prepare(video, limits)
    return video, audio


def _has_decoder(stream: Stream) -> bool:
    context: Any = stream.codec_context  # None where PyAV found no decoder
    is_known = formats.is_video_codec if stream.type == "video" else formats.is_audio_codec
    return context is not None and is_known(context.name)


def _prepare(video: VideoStream, limits: Limits) -> None:
    if video.width * video.height > limits.max_pixels:
        raise ServiceError(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            reasons.MEDIA_TOO_LARGE,
            f"The picture has {video.width} x {video.height} pixels;"
            f" at most {limits.max_pixels} are accepted.",
            metadata={
                "width_px": str(video.width),
                "height_px": str(video.height),
                "max_pixels": str(limits.max_pixels),
            },
        )
    context = video.codec_context
    context.thread_type = "AUTO"
    context.thread_count = limits.decode_threads
    context.options = {"max_pixels": str(limits.max_pixels)}


def time_base(stream: Stream) -> Fraction:
    """Return the length of a stream's tick, seconds."""
    return stream.time_base or Fraction(1, av.time_base)


def tolerance(stream: Stream | None) -> Fraction:
    """Return by how much, seconds, a stream's clock may have rounded a time."""
    tick = time_base(stream) if stream is not None else Fraction(0)
    return tick / 2 if tick <= COARSEST_ROUNDED_TICK else Fraction(0)


def start_time(stream: Stream) -> Fraction | None:
    """Return a stream's first timestamp, seconds; None if the container names none.

    What a sound codec only warms up with lies before it.
    """
    if stream.start_time is None:
        return None
    start = stream.start_time * time_base(stream)
    return max(start, Fraction(0)) if stream.type == "audio" else start


def first_times(container: InputContainer, wanted: list[Stream]) -> dict[int, Fraction]:
    """Return the first timestamps of streams by number, from their first packets."""
    found: dict[int, Fraction] = {}
    for count, packet in enumerate(container.demux(wanted)):
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is not None:
            time = ticks * time_base(packet.stream)
            found[packet.stream_index] = min(time, found.get(packet.stream_index, time))
        if count >= PEEKED_PACKETS:
            break
    return found


def indexed_time(stream: Stream) -> Fraction:
    """Return how much lies between the first packet and the last that are indexed, seconds."""
    entries = stream.index_entries
    if not len(entries):
        return Fraction(0)
    ticks = entries[len(entries) - 1].timestamp - entries[0].timestamp
    return ticks * time_base(stream)


def lasts(container: InputContainer, wanted: list[Stream], seconds: int) -> bool:
    """Tell whether each stream goes on for so long, from here; reads on so far."""
    firsts: dict[int, Fraction] = {}
    short = {stream.index for stream in wanted}
    for packet in container.demux(wanted):
        ticks = packet.dts if packet.dts is not None else packet.pts
        if ticks is None:
            continue
        time = ticks * time_base(packet.stream)
        if time - firsts.setdefault(packet.stream_index, time) >= seconds:
            short.discard(packet.stream_index)
            if not short:
                return True
    return False


def sound_decoder(stream: AudioStream) -> AudioCodecContext:
    """Return a decoder whose output does not depend on where it started."""
    name = _STEADY_DECODERS.get(stream.codec_context.name)
    if name is None:
        return stream.codec_context
    decoder: Any = av.CodecContext.create(name, "r")
    decoder.extradata = stream.codec_context.extradata
    steady: AudioCodecContext = decoder
    return steady


def sound_phase(stream: AudioStream) -> int:
    """Return where the first frame would have started, samples, had its warm-up been kept."""
    head = stream.codec_context.extradata or b""
    if not head.startswith(_OPUS_HEAD):
        return 0
    return -int.from_bytes(head[10:12], "little")  # pre-skip, RFC 7845


def has_decode_order_clock(container: InputContainer, video: VideoStream | None) -> bool:
    """Whether pictures carry no time but that of decoding, as H.264 does in AVI."""
    return (
        video is not None
        and container.format.name == "avi"
        and video.codec_context.name in ("h264", "hevc", "vc1")
    )
