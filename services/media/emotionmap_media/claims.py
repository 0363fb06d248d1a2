"""Counts what the boxes of an MP4 claim, before libav believes them.

A few hundred bytes can claim an index of gigabytes (a constant-size `stsz`, a `trun` with
defaults). Judges structure only, not whether it plays.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
import numpy as np
from emotionmap_runtime.errors import ServiceError

from emotionmap_media import reasons

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_ENTRIES = 5_000_000
"""About 36 bytes of memory each once libav has built its index."""
MAX_TRACKS = 32
MAX_EDITS = 4096
MAX_BOXES = 500_000
MAX_DEPTH = 8

FOLDERS = frozenset(b"moov trak mdia minf stbl mvex moof traf edts".split())
_ENTRY_BYTES = {b"stts": 8, b"ctts": 8, b"stsc": 12, b"stco": 4, b"co64": 8, b"stss": 4}


@dataclass(slots=True)
class _Track:
    """What the boxes of one track claim."""

    is_sound: bool = False
    samples: int = 0
    chunks: int = 0
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    """int64 [T, 3]: first chunk, counted from 1; samples of a chunk from there on; its kind."""
    is_uncompressed: bool = False

    def index_entries(self) -> int:
        """Return how many entries libav's index will have."""
        if not (self.is_sound and self.is_uncompressed):
            return self.samples
        # Uncompressed sound has a sample for each value, but is indexed in pieces of 1,024.
        lengths = np.diff(self.steps[:, 0], append=self.chunks + 1).clip(min=0)
        values = float(np.sum(lengths * self.steps[:, 1].astype(np.float64)))
        return self.chunks + int(values / 1024)


class Claims:
    """Counts what a file's boxes claim."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.entries = self.tracks = self.boxes = 0
        self.announces_fragments = False
        self._track = _Track()

    def count_box(self) -> None:
        """Count a box whose contents do not matter."""
        self.boxes += 1
        require(self.boxes <= MAX_BOXES)

    def visit(self, data: memoryview, *, depth: int = 0) -> None:
        """Check boxes that follow each other."""
        at = 0
        while len(data) - at >= 8:  # noqa: PLR2004 - QuickTime ends lists with four zero bytes
            size, kind = struct.unpack_from(">I4s", data, at)
            header = 8
            if size == 1 and len(data) - at >= 16:  # noqa: PLR2004 - a 64-bit size follows
                size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
            if size == 0 and not any(data[at:]):
                return
            self.boxes += 1
            require(header <= size <= len(data) - at and self.boxes <= MAX_BOXES)
            self._enter(kind, data[at + header : at + size], depth)
            at += size

    def _enter(self, kind: bytes, body: memoryview, depth: int) -> None:
        require(kind != b"cmov")  # a compressed index hides its size
        if kind in FOLDERS:
            self._folder(kind, body, depth)
        elif kind in _ENTRY_BYTES:
            self._table(kind, body)
        elif kind in (b"stsz", b"stz2", b"trun"):
            self._samples(kind, body)
        elif kind == b"elst":
            require(_u32(body, 4) <= MAX_EDITS)
        elif kind == b"hdlr":
            self._track.is_sound |= bytes(body[8:12]) == b"soun"
        elif kind in (b"udta", b"meta"):
            _check_keys(bytes(body))

    def _folder(self, kind: bytes, body: memoryview, depth: int) -> None:
        if kind == b"trak":
            self.tracks += 1
            self._track = _Track()
        self.announces_fragments |= kind == b"mvex"
        require(depth < MAX_DEPTH and self.tracks <= MAX_TRACKS)
        self.visit(body, depth=depth + 1)
        if kind == b"trak":
            self._count(self._track.index_entries())

    def _table(self, kind: bytes, body: memoryview) -> None:
        count = _u32(body, 4)
        require(count * _ENTRY_BYTES[kind] <= len(body) - 8)
        if kind in (b"stco", b"co64"):
            self._track.chunks = max(count, self._track.chunks)
        elif kind == b"stsc":
            self._track.steps = _entries(body, count, columns=3).astype(np.int64)
        elif kind in (b"stts", b"ctts"):
            entries = _entries(body, count, columns=2)
            # No sample is shorter than a byte.
            require(int(entries[:, 0].sum(dtype=np.int64)) <= self.size_bytes)
            if kind == b"stts":
                self._track.is_uncompressed = entries[:, 1].tolist() == [1]

    def _samples(self, kind: bytes, body: memoryview) -> None:
        count = _u32(body, 4 if kind == b"trun" else 8)
        constant_bytes = _u32(body, 4) if kind == b"stsz" else 0
        require(count * max(1, constant_bytes) <= self.size_bytes)
        if kind == b"trun":
            self._count(count)
            return
        self._track.samples = max(count, self._track.samples)
        if constant_bytes == 0:
            require(count <= 2 * len(body))  # stz2 packs two sizes into a byte

    def _count(self, entries: int) -> None:
        self.entries += entries
        require(self.entries <= min(self.size_bytes, MAX_ENTRIES))


def _check_keys(body: bytes) -> None:
    """Check every list of metadata keys, for which libav reserves memory by its claimed length."""
    at = body.find(b"keys")
    while at >= 0:
        size = int.from_bytes(body[max(0, at - 4) : at], "big")
        if 16 <= size <= len(body):  # noqa: PLR2004 - else the word is part of a text
            require(int.from_bytes(body[at + 8 : at + 12], "big") * 8 <= size)
        at = body.find(b"keys", at + 4)


def _entries(body: memoryview, count: int, *, columns: int) -> NDArray[np.uint32]:
    """Return a table of 32-bit numbers, most significant byte first: uint32 [T, columns]."""
    numbers = np.frombuffer(body, ">u4", count=count * columns, offset=8)
    return numbers.reshape(count, columns)


def _u32(body: memoryview, at: int) -> int:
    require(at + 4 <= len(body))
    return int(struct.unpack_from(">I", body, at)[0])


def require(sound: bool) -> None:  # noqa: FBT001 - reads as an assertion
    """Return if a file's structure is sound so far.

    Raises:
        ServiceError: INVALID_ARGUMENT `MEDIA_UNREADABLE`.
    """
    if not sound:
        raise ServiceError(
            grpc.StatusCode.INVALID_ARGUMENT,
            reasons.MEDIA_UNREADABLE,
            "The file is damaged: its index does not fit its contents.",
        )
