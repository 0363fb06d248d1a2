"""Reads and writes the sample tables of an MP4's track (ISO/IEC 14496-12, 8.5 to 8.7).

Only what is common and plain; the rest is `Unusual`. Structure was checked by `preflight`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emotionmap_media.boxes import boxes, to_box, u32
from emotionmap_media.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

MAX_TICKS = 2**31 - 1
"""A longer step of time would be taken for a negative one."""
MAX_DELAY = 2**28
"""libav drops all delays when one is longer, ticks."""

_UNMINDED = 2
"""Delays at the end of a table that move nothing, whatever they are."""

_READ = frozenset((b"stts", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"stss"))
_KEPT = frozenset((b"stsd", b"cslg", b"sgpd"))
_DROPPED = frozenset((b"sdtp",))
"""Which pictures others refer to: nobody here asks for that."""
_HARMLESS_GROUPS = frozenset((b"roll", b"prol"))
"""How much sound to decode in advance; other groups mark pictures to begin with."""


class Unusual(Exception):  # noqa: N818 - no error: the whole index is read instead
    """A table that is not rewritten here."""


@dataclass(frozen=True, slots=True)
class SampleTable:
    """What one track's tables say of its T samples.

    Attributes:
        kept: Boxes that do not depend on the samples.
        is_video: Whether they are pictures.
        ticks_per_s: Of its clock.
        steps: From each to the next one in the order of decoding, ticks.
        delays: By how much later than decoded each is shown, ticks; None if none is.
        sizes: Bytes of each: uint32 [T].
        chunks: Where in the file each chunk of samples begins: whole numbers [C].
        samples: Of each, how many are in its chunk; R runs.
        firsts: Number of the first chunk of each of these runs: uint32 [R].
        kinds: Which of the track's descriptions counts for them: uint32 [R].
        keys: Numbers of those with which decoding can begin, ascending; None if all are.
    """

    kept: bytes
    is_video: bool
    ticks_per_s: int
    steps: Runs
    delays: Runs | None
    sizes: NDArray[np.uint32]
    chunks: NDArray[np.unsignedinteger[Any]]
    samples: Runs
    firsts: NDArray[np.uint32]
    kinds: NDArray[np.uint32]
    keys: Numbers | None

    @property
    def count(self) -> int:
        """How many samples there are."""
        return len(self.sizes)

    def key_before(self, number: int) -> int:
        """Return the last sample at or before one with which decoding can begin; 0 without any."""
        if self.keys is None:
            return max(0, number)
        at = int(np.searchsorted(self.keys, number, side="right")) - 1
        return int(self.keys[at]) if at >= 0 else 0

    def first_at(self, time: Fraction) -> int:
        """Return the first sample that is decoded at a time or later, seconds of this track."""
        ticks = int(time * self.ticks_per_s)
        run = max(0, int(np.searchsorted(self._ticks(), ticks, side="right")) - 1)
        if run == len(self.steps.values):
            return self.count
        step = max(1, int(self.steps.values[run]))
        ahead = -(-(ticks - int(self._ticks()[run])) // step)
        return int(np.clip(self.steps.starts[run] + ahead, 0, self.count))

    def only(self, chosen: Numbers) -> bytes:
        """Return the contents of `stbl` for some of the samples: ascending numbers, at least one.

        Each is a chunk of its own.
        """
        parts = [self.kept, _table(b"stts", self._steps(chosen)), *self._places(chosen)]
        sizes = self.sizes[chosen]
        parts.append(to_box(b"stsz", struct.pack(">III", 0, 0, len(chosen)) + _words(sizes)))
        if self.delays is not None:
            delays = self._delays(self.delays, chosen)
            parts.append(_table(b"ctts", np.stack([np.ones_like(delays), delays], axis=1)))
        if self.keys is not None:
            left = np.flatnonzero(np.isin(chosen, self.keys)) + 1
            if not len(left):
                raise Unusual  # none would mean all
            parts.append(_table(b"stss", left[:, None]))
        return b"".join(parts)

    def _delays(self, delays: Runs, chosen: Numbers) -> Numbers:
        """Return the delays of some samples: int64 [T]."""
        values, found = delays.values[:-_UNMINDED], delays.at(chosen)
        # The lowest one moves all times, if it is negative.
        lowest = int(values.min(initial=0))
        if lowest != int(found[:-_UNMINDED].min(initial=0)):
            raise Unusual
        return found

    def _places(self, chosen: Numbers) -> tuple[bytes, bytes]:
        """Return where some samples lie, each a chunk."""
        run = self.samples.run(chosen)
        each, start = self.samples.values[run].astype(np.int64), self.samples.starts[run]
        back = (chosen - start) // each
        chunk, first = self.firsts[run] + back, start + back * each
        before = np.cumsum(self.sizes[: chosen[-1] + 1], dtype=np.int64)
        ahead = before[chosen] - self.sizes[chosen] - before[first] + self.sizes[first]
        places = self.chunks[chunk].astype(np.int64) + ahead
        kinds = self.kinds[run].astype(np.int64)
        change = np.flatnonzero(np.diff(kinds, prepend=0))
        runs = np.stack([change + 1, np.ones_like(change), kinds[change]], axis=1)
        words = places.astype(">u8").tobytes()
        return _table(b"stsc", runs), to_box(b"co64", struct.pack(">II", 0, len(chosen)) + words)

    def _ticks(self) -> Numbers:
        """Return when each run of steps begins, and the end, ticks: int64 [R + 1]."""
        return np.concatenate([[0], np.cumsum(np.diff(self.steps.starts) * self.steps.values)])

    def _steps(self, chosen: Numbers) -> Numbers:
        """Return how many samples are how long: int64 [N, 2].

        Behind them come as many as were left out, so that count and length stay: libav takes the
        frame rate from both. It asks for the time of none of these.
        """
        ticks = self._ticks()
        run = self.steps.run(chosen)
        times = ticks[run] + (chosen - self.steps.starts[run]) * self.steps.values[run]
        last = int(times[-1] + self.steps.values[run[-1]])
        steps = np.diff(times, append=last)
        absent, left = self.count - len(chosen), int(ticks[-1]) - last
        each = left // absent if absent else 0
        rest = [(absent - 1, each), (1, left - each * (absent - 1))] if absent else []
        rows = [*_runs(steps), *((count, step) for count, step in rest if count)]
        found = np.array(rows, np.int64)
        if int(found[:, 1].max()) > MAX_TICKS:
            raise Unusual
        return found


def table_of(track: memoryview) -> SampleTable:
    """Read the tables of a track.

    Args:
        track: Contents of the box `trak`.

    Raises:
        Unusual: They cannot be rewritten.
    """
    media = _only(track, b"mdia")
    header, handler = _only(media, b"mdhd"), _only(media, b"hdlr")
    samples = _only(_only(media, b"minf"), b"stbl")
    tables = _tables(samples)
    sizes, steps = _sizes(tables[b"stsz"]), _runs_of(tables[b"stts"])
    if len(sizes) == 0 or steps.count != len(sizes) or int(steps.values.max()) > MAX_TICKS:
        raise Unusual
    if steps.values.tolist() == [1]:
        raise Unusual  # uncompressed sound, of which a sample is a value
    chunks = _chunks(tables)
    of_samples, firsts, kinds = _chunk_runs(tables[b"stsc"], len(chunks), len(sizes))
    return SampleTable(
        kept=b"".join(to_box(kind, part) for kind, part in boxes(samples) if kind in _KEPT),
        is_video=bytes(handler[8:12]) == b"vide",
        ticks_per_s=u32(header, 20 if header[0] == 1 else 12),
        steps=steps,
        delays=_delays(tables[b"ctts"], len(sizes)) if b"ctts" in tables else None,
        sizes=sizes,
        chunks=chunks,
        samples=of_samples,
        firsts=firsts,
        kinds=kinds,
        keys=_keys(tables[b"stss"], len(sizes)) if b"stss" in tables else None,
    )


def _only(body: memoryview, kind: bytes) -> memoryview:
    found = [part for one, part in boxes(body) if one == kind]
    if len(found) != 1:
        raise Unusual
    return found[0]


def _tables(samples: memoryview) -> dict[bytes, memoryview]:
    tables: dict[bytes, memoryview] = {}
    for kind, part in boxes(samples):
        is_group = kind == b"sbgp" and bytes(part[4:8]) in _HARMLESS_GROUPS
        if kind in _READ and kind not in tables:
            tables[kind] = part
        elif not is_group and kind not in _KEPT and kind not in _DROPPED:
            raise Unusual
    if not {b"stsz", b"stts", b"stsc"} <= tables.keys() or (b"stco" in tables) == (
        b"co64" in tables
    ):
        raise Unusual
    return tables


def _entries(body: memoryview, columns: int) -> NDArray[np.uint32]:
    """Return a table of 32-bit numbers, most significant byte first: uint32 [N, columns].

    Nothing is copied: a table of three hours has megabytes.
    """
    numbers = np.frombuffer(body, ">u4", count=u32(body, 4) * columns, offset=8)
    return numbers.reshape(-1, columns)


def _runs_of(body: memoryview) -> Runs:
    entries = _entries(body, 2)
    return Runs.of(entries[:, 0], entries[:, 1])


def _sizes(body: memoryview) -> NDArray[np.uint32]:
    alike_bytes, count = u32(body, 4), u32(body, 8)
    if alike_bytes:
        return np.broadcast_to(np.uint32(alike_bytes), count)
    return np.frombuffer(body, ">u4", count=count, offset=12)


def _delays(body: memoryview, count: int) -> Runs:
    entries = _entries(body, 2)
    delays = Runs.of(entries[:, 0], entries[:, 1].view(">i4"))
    furthest = max(int(delays.values.max()), -int(delays.values.min()))
    if delays.count != count or furthest > MAX_DELAY:
        raise Unusual
    return delays


def _keys(body: memoryview, count: int) -> Numbers:
    keys = _entries(body, 1)[:, 0].astype(np.int64) - 1
    if not len(keys) or keys[0] < 0 or keys[-1] >= count or (np.diff(keys) < 1).any():
        raise Unusual
    return keys


def _chunk_runs(
    body: memoryview, chunks: int, samples: int
) -> tuple[Runs, NDArray[np.uint32], NDArray[np.uint32]]:
    """Return `samples`, `firsts` and `kinds` of a table of so many chunks and samples."""
    first, each, kinds = _entries(body, 3).T
    is_rising = first[0] == 1 and bool((first[1:] > first[:-1]).all()) and first[-1] <= chunks
    if not is_rising or each.min() < 1 or each.max() > samples:
        raise Unusual
    lengths = np.diff(first, append=np.uint32(chunks + 1)).astype(np.int64)
    lengths *= each
    of_samples = Runs.of(lengths, each)
    if of_samples.count != samples:
        raise Unusual
    return of_samples, first - np.uint32(1), kinds


def _chunks(tables: dict[bytes, memoryview]) -> NDArray[np.unsignedinteger[Any]]:
    """Return where each chunk begins."""
    body = tables.get(b"co64")
    if body is None:
        return _entries(tables[b"stco"], 1)[:, 0]
    return np.frombuffer(body, ">u8", count=u32(body, 4), offset=8)


def _runs(values: Numbers) -> Iterator[tuple[int, int]]:
    """Yield how often each value follows itself."""
    starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    lengths = np.diff(starts, append=len(values))
    yield from zip(lengths.tolist(), values[starts].tolist(), strict=True)


def _table(kind: bytes, rows: Numbers) -> bytes:
    return to_box(kind, struct.pack(">II", 0, len(rows)) + _words(rows))


def _words(values: NDArray[Any]) -> bytes:
    return values.astype(">u4").tobytes()
