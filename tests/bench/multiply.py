"""Makes long and large files of a short one, without encoding anything.

A file's packets are written again and again, each time later by its length, so three hours take
seconds. Expects closed groups of pictures, and sound whose packets fill the clip's length exactly
(AAC at 48 kHz: a multiple of 8 s) if it shall have no gap at the joins.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from tests.bench.clip import writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

BOX_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """One packet.

    Attributes:
        data: Its bytes.
        stream: Number of its stream.
        shown, decoded, lasts: Its times, in `unit`.
        unit: Seconds.
        is_key: Whether decoding can begin with it.
    """

    data: bytes
    stream: int
    shown: int
    decoded: int
    lasts: int
    unit: Fraction
    is_key: bool

    def later(self, seconds: Fraction) -> Piece:
        """Return it at a later time."""
        shift = round(seconds / self.unit)
        shown, decoded = self.shown + shift, self.decoded + shift
        return Piece(self.data, self.stream, shown, decoded, self.lasts, self.unit, self.is_key)

    def shown_s(self) -> Fraction:
        """Return when it is shown or heard."""
        return self.shown * self.unit


def repeated(
    pieces: Sequence[Piece], *, video: int, period_s: Fraction, seconds: float
) -> Iterator[Piece]:
    """Give pieces as often as they fill so many seconds, in the order of a file.

    The last copy ends where a group of pictures does, at `seconds` or up to a group later.

    Args:
        pieces: A clip's, in the order of its file.
        video: Number of the stream of pictures.
        period_s: The clip's length.
        seconds: Wanted length.
    """
    copies, rest_s = divmod(Fraction(seconds).limit_denominator(1000), period_s)
    keys = [piece.shown_s() for piece in pieces if piece.stream == video and piece.is_key]
    cut_s = min((key for key in [*keys, period_s] if key >= rest_s), default=period_s)
    end_s = copies * period_s + cut_s
    for copy in range(copies + (cut_s > 0)):
        for piece in pieces:
            # Sound before time zero warms a decoder up, and there is some behind the end.
            is_inside = piece.shown_s() < period_s and (copy == 0 or piece.shown_s() >= 0)
            moved = piece.later(copy * period_s)
            if is_inside and moved.shown_s() < end_s:
                yield moved


def repeat(source: Path, path: Path, seconds: float) -> Path:
    """Write a file of so many seconds from a clip; it appears only when it is whole."""
    with av.open(str(source)) as clip, writing(path) as out:
        pieces = list(_pieces(clip))
        video = clip.streams.video[0].index
        streams = {s.index: out.add_stream_from_template(s, opaque=True) for s in clip.streams}
        period_s = length_s(pieces, video)
        for piece in repeated(pieces, video=video, period_s=period_s, seconds=seconds):
            out.mux(_packet(piece, streams[piece.stream]))
    return path


def pad(source: Path, path: Path, size_bytes: int) -> Path:
    """Write an MP4 that plays like another but is so large: a box of nothing is added.

    The nothing is a hole, which takes no space on the disk.

    Raises:
        ValueError: It is not larger than the other.
    """
    added = size_bytes - source.stat().st_size
    if added < BOX_HEAD_BYTES:
        raise ValueError(f"{source.name} has more than {size_bytes} bytes already.")
    shutil.copyfile(source, path)
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", added, b"free"))
        file.truncate(size_bytes)
    return path


def length_s(pieces: Iterable[Piece], video: int) -> Fraction:
    """Return how long the pictures last: to the end of the last one that is shown."""
    return max((p.shown + p.lasts) * p.unit for p in pieces if p.stream == video)


def _pieces(clip: av.container.InputContainer) -> Iterator[Piece]:
    for packet in clip.demux():
        # The last packets hold nothing but the news of the end.
        if packet.size and packet.pts is not None and packet.time_base is not None:
            decoded = packet.pts if packet.dts is None else packet.dts
            yield Piece(
                bytes(packet),
                packet.stream_index,
                packet.pts,
                decoded,
                packet.duration or 0,
                packet.time_base,
                packet.is_keyframe,
            )


def _packet(piece: Piece, stream: av.VideoStream | av.AudioStream) -> av.Packet:
    packet = av.Packet(piece.data)
    packet.stream, packet.time_base = stream, piece.unit
    packet.pts, packet.dts, packet.duration = piece.shown, piece.decoded, piece.lasts
    packet.is_keyframe = piece.is_key
    return packet
