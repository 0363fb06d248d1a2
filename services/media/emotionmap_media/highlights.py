"""Has ranges of a file cut into one MP4, fast or polished, and hands it out."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from emotionmap_media.clock import Span
from emotionmap_media.decode import past_end
from emotionmap_media.fast_cut import FastCut
from emotionmap_media.job import CutJob
from emotionmap_media.outcome import Outcome
from emotionmap_media.polished import PolishedCut
from emotionmap_media.probe import describe

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from emotionmap_media.budget import Budget
    from emotionmap_media.objects import Source
    from emotionmap_media.polished import Polish
    from emotionmap_media.streams import Limits

CHUNK_BYTES = 512 * 1024
PROGRESS_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Progress:
    """Share of the work done, in [0, 1]."""

    share: float


@dataclass(frozen=True, slots=True)
class FileChunk:
    """Next bytes of the finished file."""

    data: bytes


Output: TypeAlias = Progress | FileChunk | Outcome


def cut_highlights(
    path: Source,
    ranges: Sequence[Span],
    *,
    limits: Limits,
    budget: Budget,
    polish: Polish | None = None,
    folder: Path | None = None,
) -> Generator[Output, None, None]:
    """Yield progress while ranges are cut into an MP4, then its bytes, then what it came to.

    Args:
        path: The media file or object.
        ranges: In playing order, non-empty, not overlapping, seconds from time zero. What of them
            lies behind the end is left out.
        limits: What is read at most.
        budget: What bounds the work.
        polish: What a polished cut has more; None cuts fast.
        folder: Where the file is made; None means the system's folder for such.

    Raises:
        ServiceError: As in the comment of CutHighlights.
    """
    description = describe(path, limits=limits, budget=budget)
    if any(span.start >= description.duration for span in ranges):
        raise past_end()
    wanted = [Span(span.start, min(span.end, description.duration)) for span in ranges]
    with tempfile.TemporaryDirectory(prefix="emotionmap-", dir=folder) as made:
        target = Path(made, "highlights.mp4")
        job = CutJob(path, description, wanted, target, limits, budget)
        work = FastCut(job).run() if polish is None else PolishedCut(job, polish).run()
        with closing(work):  # before its file goes
            outcome = yield from _risen(work)
        yield Progress(1.0)
        with target.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                yield FileChunk(data)
        yield outcome


def _risen(shares: Generator[float, None, Outcome]) -> Generator[Progress, None, Outcome]:
    """Yield progress in steps; never less than before, even where the work started anew."""
    told = -PROGRESS_STEP
    while True:
        try:
            share = next(shares)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        if share >= told + PROGRESS_STEP:
            told = share
            yield Progress(min(1.0, share))
