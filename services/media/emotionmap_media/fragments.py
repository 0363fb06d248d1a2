"""Reads the index that may stand before all fragments of an MP4 (sidx; ISO/IEC 14496-12, 8.16.3).

With it, as with an index of all packets, it is known of a file that is still being written what it
will be. Fragmented files without one do not tell even how long they will be.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MAX_REST_BYTES = 64
"""Of what may stand behind the fragments, for each of them: places for seeking (`mfra`)."""

LEAST_BOX_BYTES = 8
MAX_START = 2**62

_COLUMNS = 3
_IS_INDEX, _SIZE = 2**31, 2**31 - 1
_STARTS_WITH_KEY = frozenset((0x8, 0x9, 0xA, 0xB))
"""In the upper four bits: starts with a picture of its own; types 0 (not said) to 3."""


@dataclass(frozen=True, slots=True)
class FragmentIndex:
    """Of one track, F fragments that follow each other.

    Attributes:
        track_id: Which.
        ticks_per_s: Of `times`.
        times: When each begins to be shown, and when the last ends: int64 [F + 1].
        places: Where in the file each begins, and where the last ends: int64 [F + 1].
        has_key: Whether decoding can begin with each: bool [F].
    """

    track_id: int
    ticks_per_s: int
    times: NDArray[np.int64]
    places: NDArray[np.int64]
    has_key: NDArray[np.bool_]

    @classmethod
    def parse(cls, body: memoryview, *, end: int) -> FragmentIndex | None:
        """Read the contents of a box `sidx` that ends at a place of the file.

        Returns:
            None if it is damaged, or an index of further ones.
        """
        form = struct.Struct(">IIIQQHH" if body and body[0] == 1 else ">IIIIIHH")
        try:
            _, track_id, ticks_per_s, earliest, offset, _, count = form.unpack_from(body)
            words = np.frombuffer(body, ">u4", count * _COLUMNS, form.size)
        except (ValueError, struct.error):
            return None
        rows = words.reshape(count, _COLUMNS).astype(np.int64)
        is_index = bool((rows[:, 0] & _IS_INDEX).any())
        if not count or not ticks_per_s or is_index or max(earliest, offset) > MAX_START:
            return None
        return cls(
            track_id=track_id,
            ticks_per_s=ticks_per_s,
            times=earliest + np.concatenate([[0], np.cumsum(rows[:, 1])]),
            places=end + offset + np.concatenate([[0], np.cumsum(rows[:, 0] & _SIZE)]),
            has_key=np.isin(rows[:, 2] >> 28, list(_STARTS_WITH_KEY)),
        )

    def ticks(self, tick_s: Fraction) -> list[int]:
        """Return `times` on a clock whose ticks are so long, seconds."""
        return [round(Fraction(int(time), self.ticks_per_s) / tick_s) for time in self.times]


def rest_bytes(indexes: Iterable[FragmentIndex], *, size_bytes: int) -> int | None:
    """Return how much of a file stands behind its fragments; None if that may be more of them."""
    indexes = list(indexes)
    ends = {int(index.places[-1]) for index in indexes}
    if len(ends) != 1:
        return None
    rest = size_bytes - ends.pop()
    most = sum(MAX_REST_BYTES * len(index.times) for index in indexes)
    return rest if rest == 0 or LEAST_BOX_BYTES <= rest <= most else None
