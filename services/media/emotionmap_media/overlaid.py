"""Reads a file of which a stretch is replaced by as many other bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotionmap_media.seekable import SeekableReader

if TYPE_CHECKING:
    from emotionmap_media.growing import GrowingReader
    from emotionmap_media.objects import Source
    from emotionmap_media.stored import RangeReader

    _File = io.FileIO | RangeReader | GrowingReader


@dataclass(frozen=True, slots=True)
class Overlay:
    """What stands from a place of a file on, instead of its own bytes."""

    at: int
    data: bytes


class OverlaidReader(SeekableReader):
    """A seekable file. Closed when nobody uses it any more.

    Args:
        source: What is read.
        overlay: What is read in its place.
    """

    def __init__(self, source: Source, overlay: Overlay) -> None:
        if isinstance(source, Path):
            self._file: _File = io.FileIO(source)
            super().__init__(source.stat().st_size)
        else:
            self._file = source.open()
            super().__init__(source.size_bytes)
        self._overlay = overlay

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, not always as many as are there; none only at the end."""
        start, end = self._overlay.at, self._overlay.at + len(self._overlay.data)
        wanted = size if size is not None and size >= 0 else end
        if start <= self._at < end:
            data = self._overlay.data[self._at - start :][:wanted]
        else:
            self._file.seek(self._at)
            data = self._file.read(min(wanted, start - self._at) if self._at < start else size)
        self._at += len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
