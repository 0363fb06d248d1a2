"""Decides whether pictures of a file can be copied between others that are encoded anew.

Both kinds lie in one track, each with parameter sets of its own number, so that a decoder finds for
every picture the ones that it was made with. Anything that this does not surely hold for is a
hindrance, and has the file encoded in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.error
from av.codec.context import Flags

from emotionmap_media import avc, formats
from emotionmap_media.avc_sequence import Malformed, Sequence
from emotionmap_media.tracks import TICK

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

    from emotionmap_media.container import Media

EDGE_CRF = 18
"""Better than what is watched for long: an edge is short, and lies beside its original. The same
crf by the quickest preset is as good (46.8 dB beside 46.1), half as costly and 1.5 times as large.
"""
_PROFILES = {66: "baseline", 77: "main", 100: "high"}
_CONTAINERS = frozenset((formats.MP4, "matroska"))
"""Containers that time every picture and keep parameter sets apart from packets."""
_PIXEL_FORMATS = frozenset(("yuv420p", "yuvj420p"))
_LENGTH_BYTES = 4


class Hindrance(StrEnum):
    """Why pictures cannot be copied."""

    NO_PICTURES = "NO_PICTURES"
    CODEC = "CODEC"
    """Other than H.264."""
    CONTAINER = "CONTAINER"
    """One that does not time every picture exactly."""
    PARAMETER_SETS = "PARAMETER_SETS"
    """None beside the packets, or several."""
    PARAMETER_CHANGE = "PARAMETER_CHANGE"
    """Other ones on the way: the resolution, or all of the encoding, changes."""
    PROFILE = "PROFILE"
    """More than 8 bits, or not 4:2:0, or tools that the encoder has not."""
    INTERLACED = "INTERLACED"
    CROPPING = "CROPPING"
    """The picture lies in its macroblocks as the encoder would not lay it."""
    ENCODER = "ENCODER"
    """The encoder refuses the picture's format."""
    OPEN_GROUP = "OPEN_GROUP"
    """Pictures refer to some before their key frame."""
    EDIT_LIST = "EDIT_LIST"
    """Pictures that must be decoded but not shown."""
    DAMAGE = "DAMAGE"
    TIMES = "TIMES"
    """Pictures without a time, or with the time of another."""
    REORDERING = "REORDERING"
    """Pictures are reordered further than the stream says."""
    LENGTH = "LENGTH"
    """A group too long to be held in memory."""


class Unsuitable(Exception):  # noqa: N818 - not an error: the file is encoded in full
    """Pictures of this file cannot be copied.

    Attributes:
        hindrance: Why.
    """

    def __init__(self, hindrance: Hindrance) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance


@dataclass(frozen=True, slots=True)
class Splice:
    """How pictures of a file are copied, and how others are encoded to lie beside them."""

    source: avc.Record
    """Parameter sets of the file."""
    reordered_frames: int
    """Pictures that may come before one they are shown after."""
    extradata: bytes
    """Parameter sets of both, as the output keeps them."""
    encoding: Encoding

    @classmethod
    def of(cls, media: Media, *, threads: int) -> Splice:
        """Look at a file's headers.

        Raises:
            Unsuitable: Its pictures cannot be copied.
        """
        video = media.video
        if video is None:
            raise Unsuitable(Hindrance.NO_PICTURES)
        source, sequence = _parameter_sets(media, video)
        encoding = Encoding.beside(video, source, sequence, threads)
        own = encoding.parameter_sets()
        made = Sequence.parse(own.sequences[0])
        if (made.size_mbs, made.crop) != (sequence.size_mbs, sequence.crop):
            raise Unsuitable(Hindrance.CROPPING)
        joined = source.joined(own).to_bytes()
        return cls(source, sequence.reordered_frames or 0, joined, encoding)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How edges are encoded."""

    size_px: tuple[int, int]
    pix_fmt: str
    frame_rate: Fraction
    pixel_aspect: Fraction | None
    color: tuple[int, int, int, int]
    """Range, primaries, transfer, matrix."""
    options: tuple[tuple[str, str], ...]
    threads: int

    @classmethod
    def beside(
        cls, video: VideoStream, source: avc.Record, sequence: Sequence, threads: int
    ) -> Encoding:
        """Return the encoding that can lie beside a stream.

        Raises:
            Unsuitable: The stream leaves no number for other parameter sets.
        """
        context = video.codec_context
        free = set(range(32)) - {sequence.set_id} - source.picture_ids
        if not free:
            raise Unsuitable(Hindrance.PARAMETER_SETS)
        options = {
            "preset": "ultrafast",
            "crf": str(EDGE_CRF),
            "bf": "0",
            "profile": _PROFILES[sequence.profile],
            # As many as the file has: decoders then keep the same number of buffers throughout.
            "refs": str(min(16, max(1, sequence.reference_frames))),
            # Tools of the profile that the preset leaves out, so that it is the file's own.
            "x264-params": f"sps-id={min(free)}:cabac=1:8x8dct=1:deblock=0,0",
        }
        color = (
            context.color_range,
            context.color_primaries,
            context.color_trc,
            context.colorspace,
        )
        return cls(
            size_px=(context.width, context.height),
            pix_fmt=context.pix_fmt or "",
            frame_rate=(video.average_rate or Fraction(25)).limit_denominator(1001),
            pixel_aspect=context.sample_aspect_ratio,
            color=color,
            options=tuple(options.items()),
            threads=threads,
        )

    def encoder(self) -> VideoCodecContext:
        """Return a fresh encoder; its first picture is one that all decoding can start from."""
        context: VideoCodecContext = av.CodecContext.create("libx264", "w")
        context.width, context.height = self.size_px
        context.pix_fmt = self.pix_fmt
        context.time_base = TICK
        context.framerate = self.frame_rate or Fraction(25)
        if self.pixel_aspect:
            context.sample_aspect_ratio = self.pixel_aspect
        (
            context.color_range,
            context.color_primaries,
            context.color_trc,
            context.colorspace,
        ) = self.color
        context.options = dict(self.options)
        context.thread_count = self.threads
        context.flags |= Flags.global_header
        context.open()
        return context

    def parameter_sets(self) -> avc.Record:
        """Return the encoder's parameter sets; every encoder has the same.

        Raises:
            Unsuitable: The encoder refuses the pictures.
        """
        try:
            return avc.record_of(self.encoder().extradata or b"")
        except (av.error.FFmpegError, ValueError):
            raise Unsuitable(Hindrance.ENCODER) from None


def _parameter_sets(media: Media, video: VideoStream) -> tuple[avc.Record, Sequence]:
    if video.codec_context.codec.canonical_name != "h264":
        raise Unsuitable(Hindrance.CODEC)
    if _CONTAINERS.isdisjoint(media.container.format.name.split(",")):
        raise Unsuitable(Hindrance.CONTAINER)
    try:
        source = avc.Record.parse(video.codec_context.extradata or b"")
        if (len(source.sequences), source.length_bytes) != (1, _LENGTH_BYTES):
            raise Unsuitable(Hindrance.PARAMETER_SETS)
        sequence = Sequence.parse(source.sequences[0])
        ids = source.picture_ids
    except Malformed:
        raise Unsuitable(Hindrance.PARAMETER_SETS) from None
    if not ids:
        raise Unsuitable(Hindrance.PARAMETER_SETS)
    _check(video, sequence)
    return source, sequence


def _check(video: VideoStream, sequence: Sequence) -> None:
    """Refuse pictures that the encoder does not make as well."""
    if not sequence.has_frames_only:
        raise Unsuitable(Hindrance.INTERLACED)
    is_plain = (sequence.chroma_format, sequence.bit_depth) == (1, 8)
    is_plain &= video.codec_context.pix_fmt in _PIXEL_FORMATS
    if not is_plain or sequence.profile not in _PROFILES:
        raise Unsuitable(Hindrance.PROFILE)
