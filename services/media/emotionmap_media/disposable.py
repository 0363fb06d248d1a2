"""Tells which pictures others never refer to: H.264 and HEVC say so in the header of each unit.

A packet with such a picture can be left out, and all others decode to the same pixels. Names and
numbers are those of ITU-T H.264 and H.265, of ISO/IEC 14496-15 for the configuration records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotionmap_media import avc
from emotionmap_media.avc_sequence import Malformed, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

_START_CODE = b"\x00\x00\x01"
_HEADER_BYTES = 2

_AVC_SLICE, _AVC_REF_IDC = 1, 0x60
_AVC_HARMLESS = frozenset((6, 9, 12))
"""SEI, delimiter, filler."""

_HEVC_SPS = 33
_HEVC_DISPOSABLE = frozenset((0, 2, 4, 6, 8))
"""TRAIL_N, TSA_N, STSA_N, RADL_N, RASL_N: nothing on their own layer refers to them."""
_HEVC_HARMLESS = frozenset((35, 38, 39, 40))
"""Delimiter, filler, SEI."""
_HEVC_RECORD_BYTES = 23


@dataclass(frozen=True, slots=True)
class Marks:
    """How a stream marks its pictures.

    Attributes:
        length_bytes: Bytes of the length before each unit; 0 where start codes part them.
        layers: Temporal layers of an HEVC stream; 0 for H.264.
    """

    length_bytes: int
    layers: int

    @classmethod
    def of(cls, video: VideoStream) -> Marks | None:
        """Read a stream's headers; None where it marks nothing, or not surely enough."""
        context = video.codec_context
        try:
            if context.name == "h264":
                return _avc_marks(context.extradata or b"")
            if context.name == "hevc":
                return _hevc_marks(context.extradata or b"")
        except (Malformed, IndexError):
            return None
        return None

    def is_disposable(self, packet: Packet[Stream]) -> bool:
        """Whether no other picture is decoded from that of a packet."""
        data = memoryview(packet)
        slices = 0
        for header in _headers(data, self.length_bytes):
            if len(header) < _HEADER_BYTES:
                return False
            is_slice = self._is_slice(header[0], header[1])
            if is_slice is None:
                return False
            slices += is_slice
        return slices > 0

    def _is_slice(self, first: int, second: int) -> bool | None:
        """Return whether a unit is part of a disposable picture; None if it must be kept."""
        if not self.layers:
            kind = first & 0x1F
            if kind == _AVC_SLICE and not first & _AVC_REF_IDC:
                return True
            return False if kind in _AVC_HARMLESS else None
        kind, other_layer = first >> 1, first & 1 or second >> 3
        # A picture below the highest layer may serve one above it.
        if kind in _HEVC_DISPOSABLE and not other_layer and second & 7 == self.layers:
            return True
        return False if kind in _HEVC_HARMLESS else None


def _headers(data: memoryview, length_bytes: int) -> Iterator[bytes]:
    """Yield the first two bytes of each unit; too few of them where the lengths do not add up."""
    if not length_bytes:
        raw = bytes(data)
        at = raw.find(_START_CODE)
        while at >= 0:
            yield raw[at + 3 : at + 3 + _HEADER_BYTES]
            at = raw.find(_START_CODE, at + 3)
        return
    at, size = 0, len(data)
    while at < size:
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start], "big")
        yield bytes(data[start : start + _HEADER_BYTES]) if at <= size else b""


def _avc_marks(extradata: bytes) -> Marks | None:
    is_record = extradata[:1] == b"\x01"
    record = avc.Record.parse(extradata) if is_record else avc.record_of(extradata)
    for unit in record.sequences:
        sequence = Sequence.parse(unit)
        # A field of its own packet would outlive the other; and where the stream does not say how
        # far it reorders, the decoder learns it from the pictures that it sees.
        if not sequence.has_frames_only or sequence.reordered_frames is None:
            return None
    return Marks(record.length_bytes if is_record else 0, layers=0)


def _hevc_marks(extradata: bytes) -> Marks | None:
    is_record = extradata[:1] == b"\x01"
    units = _hevc_units(extradata) if is_record else avc.raw_units(extradata)
    layers = {(unit[2] >> 1 & 7) + 1 for unit in units if unit[0] >> 1 & 0x3F == _HEVC_SPS}
    if len(layers) != 1:
        return None
    return Marks((extradata[21] & 3) + 1 if is_record else 0, layers.pop())


def _hevc_units(record: bytes) -> list[bytes]:
    """Return the units of an HEVCDecoderConfigurationRecord."""
    found, at = [], _HEVC_RECORD_BYTES
    for _ in range(record[_HEVC_RECORD_BYTES - 1]):
        count = int.from_bytes(record[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            found.append(record[at + 2 : at + 2 + size])
            at += 2 + size
    return found
