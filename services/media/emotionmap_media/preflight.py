"""Looks at the bytes of a file before any media library does."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from emotionmap_media.claims import FOLDERS, Claims, require
from emotionmap_media.fragments import FragmentIndex, rest_bytes
from emotionmap_media.growing import GrowingReader, incomplete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emotionmap_media.objects import Source
    from emotionmap_media.stored import RangeReader

    _File = BinaryIO | RangeReader | GrowingReader

MAX_INDEX_BYTES = 64 * 2**20
MAX_FRAGMENT_INDEX_BYTES = 2**20
_FIRST = frozenset(
    b"ftyp styp moov mdat moof free skip wide pnot uuid sidx emsg junk pict udta meta".split()
)
_MATROSKA = b"\x1a\x45\xdf\xa3"
MAX_BEGINNING_BYTES = 512 * 2**20
"""Of a Matroska file that is still being written: without an index a seek reads all before it."""
_RIFF_UNKNOWN = 0xFFFFFFFF
_HEADER_BYTES = 16
_LEAST_FOLDERS = 2
"""Of a file of fragments: what describes it, and one fragment."""

REMEMBERED_FILES = 64
"""Files that are not looked at again: the walk through three hours of index takes 40 ms."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where the one index of an MP4 lies, and of how many packets it tells."""

    at: int
    size_bytes: int
    entries: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What the first look tells."""

    is_mp4: bool
    """Whether the file is of the MP4 family; then its boxes were found sound."""
    is_cut_off: bool
    """Whether the file says itself that it is longer than it is."""
    index: Index | None = None
    """Of an MP4 that has all of it in one place."""
    fragments: tuple[FragmentIndex, ...] = ()
    """Of an MP4 that names all its fragments before the first."""
    rest_bytes: int = 0
    """What stands behind these fragments."""
    checked_bytes: int = 0
    """Of an MP4, up to where its boxes were looked at; of any, if it is open-ended, what counts."""
    is_open_ended: bool = False
    """Whether bytes behind these are still to come, and nobody knows of how many seconds."""

    @property
    def is_unchecked(self) -> bool:
        """Whether such a beginning may end anywhere."""
        return self.is_open_ended and not self.is_mp4


def inspect(source: Source) -> Findings:
    """Look at a file.

    Raises:
        ServiceError: INVALID_ARGUMENT `MEDIA_UNREADABLE` if its structure is broken or claims more
            than its bytes can hold.
    """
    if isinstance(source, Path):
        state = source.stat()
        return _inspect_file(source, state.st_ino, state.st_size, state.st_mtime_ns)
    with source.open() as file:
        return _inspect(file, source.size_bytes)


def parts_of(source: Source, index: Index) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and contents of the boxes of an index, each read when its turn comes."""
    with source.open("rb") if isinstance(source, Path) else source.open() as file:
        at, end = index.at, index.at + index.size_bytes
        at += _header(file, at, end)[2]
        while end - at >= 8:  # noqa: PLR2004 - as in `boxes`
            size, kind, header = _header(file, at, end)
            file.seek(at + header)
            yield kind, memoryview(_read(file, size - header))
            at += size


@lru_cache(maxsize=REMEMBERED_FILES)
def _inspect_file(path: Path, _number: int, size_bytes: int, _changed_ns: int) -> Findings:
    with path.open("rb") as file:
        return _inspect(file, size_bytes)


def _inspect(file: _File, size_bytes: int) -> Findings:
    head = _read(file, 64)
    if head[4:8] in _FIRST:
        return _walk_file(file, size_bytes)
    if isinstance(file, GrowingReader) and head[:4] == _MATROSKA and file.there_bytes < size_bytes:
        there_bytes = min(file.there_bytes, MAX_BEGINNING_BYTES)
        return Findings(
            is_mp4=False, is_cut_off=False, checked_bytes=there_bytes, is_open_ended=True
        )
    return Findings(is_mp4=False, is_cut_off=_declared_bytes(head) > size_bytes)


def _walk_file(file: _File, size_bytes: int) -> Findings:
    """Check an MP4."""
    walk = _Walk(file, size_bytes)
    while walk.at + 8 <= size_bytes:
        if walk.is_ahead_of_bytes():
            return walk.findings_so_far()
        if not walk.step():
            return Findings(is_mp4=True, is_cut_off=True)
    return walk.findings()


class _Walk:
    """Goes from box to box, at the top level of a file."""

    def __init__(self, file: _File, size_bytes: int) -> None:
        self._file, self._size_bytes = file, size_bytes
        self._claims = Claims(size_bytes)
        self._folders: list[tuple[int, int]] = []
        self._fragments: list[FragmentIndex] = []
        self._fragment_end = 0
        self.at = 0

    def step(self) -> bool:
        """Check the next box; return whether the file holds all of it."""
        size, kind = self._header()
        if kind != b"mdat":
            self._fragment_end = self.at
        if self.at + size > self._size_bytes:
            require(kind not in FOLDERS)  # an index that is cut off is none
            return False
        self._claims.count_box()
        if kind in FOLDERS:
            require(size <= MAX_INDEX_BYTES)
            self._claims.visit(self._contents(self.at, size))
            self._folders.append((self.at, size))
        elif kind == b"sidx" and size <= MAX_FRAGMENT_INDEX_BYTES and len(self._folders) == 1:
            body = self._contents(self.at + 8, size - 8)
            if (found := FragmentIndex.parse(body, end=self.at + size)) is not None:
                self._fragments.append(found)
        self.at += size
        return True

    def is_ahead_of_bytes(self) -> bool:
        """Tell whether of what comes next, a fragment or part of one, bytes are still to come."""
        is_fragmented = self._claims.announces_fragments or self._rest_bytes() is not None
        if not isinstance(self._file, GrowingReader) or not is_fragmented:
            return False
        there_bytes = self._file.there_bytes
        return self.at + _HEADER_BYTES > there_bytes or self.at + self._header()[0] > there_bytes

    def findings_so_far(self) -> Findings:
        """Return what was found in front of fragments that are still to come.

        Raises:
            ServiceError: FAILED_PRECONDITION `MEDIA_INCOMPLETE`: nobody names them, and none is
                there.
        """
        if self._rest_bytes() is not None:
            return self.findings()
        assert isinstance(self._file, GrowingReader)
        has_header = self.at + _HEADER_BYTES <= self._file.there_bytes
        if has_header and self._header()[1] != b"mdat":
            self._fragment_end = self.at  # all of a fragment is there once the next box begins
        if sum(at < self._fragment_end for at, _ in self._folders) < _LEAST_FOLDERS:
            raise incomplete()
        return Findings(
            is_mp4=True, is_cut_off=False, checked_bytes=self._fragment_end, is_open_ended=True
        )

    def findings(self) -> Findings:
        """Return what was found."""
        rest = self._rest_bytes()
        # Fragments have an index each.
        index = Index(*self._folders[0], self._claims.entries) if len(self._folders) == 1 else None
        fragments = tuple(self._fragments) if rest is not None else ()
        return Findings(
            is_mp4=True,
            is_cut_off=False,
            index=index,
            fragments=fragments,
            rest_bytes=rest or 0,
            checked_bytes=self.at,
        )

    def _rest_bytes(self) -> int | None:
        return rest_bytes(self._fragments, size_bytes=self._size_bytes)

    def _contents(self, at: int, size: int) -> memoryview:
        self._file.seek(at)
        return memoryview(_read(self._file, size))

    def _header(self) -> tuple[int, bytes]:
        size, kind, _ = _header(self._file, self.at, self._size_bytes)
        return size, kind


def _header(file: _File, at: int, end: int) -> tuple[int, bytes, int]:
    """Return size and kind of a box, which may reach to an end, and the size of its header."""
    file.seek(at)
    head = _read(file, _HEADER_BYTES)
    size, kind = struct.unpack_from(">I4s", head)
    header = 8
    if size == 1 and len(head) == _HEADER_BYTES:  # a 64-bit size follows
        size, header = struct.unpack_from(">Q", head, 8)[0], _HEADER_BYTES
    elif size == 0:
        size = end - at
    require(size >= header)
    return size, kind, header


def _read(file: _File, size: int) -> bytes:
    """Return the next bytes, as many as are asked for unless the file ends before."""
    data = file.read(size)
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def _declared_bytes(head: bytes) -> int:
    """Return the size that a RIFF or Matroska file claims; 0 if it claims none."""
    if head[:4] == b"RIFF" and len(head) >= 8:  # noqa: PLR2004 - id and size
        size = int(struct.unpack_from("<I", head, 4)[0])
        return 0 if size == _RIFF_UNKNOWN else size + 8
    at = head.find(b"\x18\x53\x80\x67") if head[:4] == _MATROSKA else -1
    if at < 0 or at + 12 > len(head):
        return 0
    width = 9 - head[at + 4].bit_length()
    size = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << 7 * width) - 1)
    return 0 if size == (1 << 7 * width) - 1 else at + 4 + width + size
