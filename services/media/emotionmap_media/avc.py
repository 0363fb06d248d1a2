"""Reads how H.264 streams are put together: units, packets, their configuration record.

Not for decoding: only what decides whether packets can be joined with others. Names and numbers
are those of ITU-T H.264, of ISO/IEC 14496-15 for the record. What a parameter set says of the
pictures is in avc_sequence.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emotionmap_media.avc_sequence import SPS, TYPE_MASK, Bits, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE, IDR_SLICE, PPS = 1, 5, 8
"""Types of units, beside SPS."""


@dataclass(frozen=True, slots=True)
class Record:
    """An AVCDecoderConfigurationRecord: the parameter sets that a file carries beside its packets.

    Attributes:
        head: Version, profile, compatibility, level: four bytes.
        length_bytes: Bytes of the length before each unit in a packet.
        sequences: Units of type SPS.
        pictures: Units of type PPS.
        tail: What follows for some profiles.
    """

    head: bytes
    length_bytes: int
    sequences: tuple[bytes, ...]
    pictures: tuple[bytes, ...]
    tail: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Record:
        """Read a record.

        Raises:
            Malformed: It is none; raw streams and MPEG-TS have none.
        """
        if len(data) < 7 or data[0] != 1:  # noqa: PLR2004 - the shortest; its version
            raise Malformed
        sequences, at = _units(data, 6, data[5] & 0x1F)
        if at >= len(data):
            raise Malformed
        pictures, at = _units(data, at + 1, data[at])
        return cls(data[:4], (data[4] & 3) + 1, sequences, pictures, data[at:])

    def to_bytes(self) -> bytes:
        """Return the record as it is stored."""
        parts = [self.head, bytes((0xFC | (self.length_bytes - 1), 0xE0 | len(self.sequences)))]
        parts += [len(unit).to_bytes(2, "big") + unit for unit in self.sequences]
        parts.append(bytes((len(self.pictures),)))
        parts += [len(unit).to_bytes(2, "big") + unit for unit in self.pictures]
        return b"".join(parts) + self.tail

    def joined(self, other: Record) -> Record:
        """Return a record with the parameter sets of both, at the higher of their levels."""
        level = max(self.head[3], other.head[3])
        return replace(
            self,
            head=self.head[:3] + bytes((level,)),
            sequences=self.sequences + other.sequences,
            pictures=self.pictures + other.pictures,
        )

    @property
    def picture_ids(self) -> set[int]:
        """Numbers of the picture parameter sets."""
        return {Bits(unit[1:]).unsigned() for unit in self.pictures}


def record_of(extradata: bytes) -> Record:
    """Return a record of an encoder's parameter sets, which come as a raw stream.

    Raises:
        Malformed: There are none.
    """
    units = raw_units(extradata)
    sequences = tuple(unit for unit in units if unit[0] & TYPE_MASK == SPS)
    pictures = tuple(unit for unit in units if unit[0] & TYPE_MASK == PPS)
    if not sequences or not pictures:
        raise Malformed
    return Record(b"\x01" + sequences[0][1:4], 4, sequences, pictures)


def raw_units(data: bytes) -> list[bytes]:
    """Return the units of a raw stream (start codes between them)."""
    parts = data.split(b"\x00\x00\x01")[1:]
    # A zero before a start code belongs to the code; no unit ends in one.
    return [stripped for part in parts if (stripped := part.rstrip(b"\x00"))]


def to_lengths(data: bytes) -> bytes:
    """Return a packet of a raw stream with four-byte lengths in place of start codes."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in raw_units(data))


def packet_units(data: memoryview, length_bytes: int) -> Iterator[tuple[int, memoryview]]:
    """Yield the units of a packet with lengths: type and bytes.

    Raises:
        Malformed: The lengths do not add up.
    """
    at, size = 0, len(data)
    while at + length_bytes < size:
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start], "big")
        if at > size or at == start:
            raise Malformed
        yield data[start] & TYPE_MASK, data[start:at]
    if at != size:
        raise Malformed


def _units(data: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    """Return so many units with two-byte lengths, and where they end."""
    found = []
    for _ in range(count):
        size = int.from_bytes(data[at : at + 2], "big")
        at += 2 + size
        if at > len(data) or size == 0:
            raise Malformed
        found.append(data[at - size : at])
    return tuple(found), at
