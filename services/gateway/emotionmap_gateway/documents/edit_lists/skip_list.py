"""Writes what is not in a selection as a skip list, as MPlayer began them and Kodi reads them.

Each line is "start end 0": seconds, and that this is to be cut. Times come straight from the
timeline; players know no frames here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emotionmap_gateway.documents.pieces import Piece

CUT: Final = 0
"""The action that leaves a stretch out."""

_NS_PER_MS: Final = 1_000_000


def to_skip_list(pieces: Sequence[Piece], *, end_ns: int) -> Iterator[str]:
    """Yield the lines: every stretch up to the end of the video that is in no piece.

    Args:
        pieces: What is kept; by time, not overlapping.
        end_ns: Length of the video.
    """
    edges_ns = [0, *(edge for piece in pieces for edge in (piece.start_ns, piece.end_ns)), end_ns]
    for start_ns, stop_ns in zip(edges_ns[::2], edges_ns[1::2], strict=True):
        start_ms, stop_ms = _ms(start_ns), _ms(stop_ns)
        if start_ms < stop_ms:
            yield f"{_seconds(start_ms)} {_seconds(stop_ms)} {CUT}\n"


def _ms(time_ns: int) -> int:
    return (time_ns + _NS_PER_MS // 2) // _NS_PER_MS


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03d}"
