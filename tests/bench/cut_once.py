"""Cuts highlights in a process that does nothing else, so that its memory is that of the cut.

Reads {"film", "ranges", "out"} from stdin, ranges in milliseconds; writes what came of it.
"""

from __future__ import annotations

import json
import sys
import time
from fractions import Fraction
from pathlib import Path

from emotionmap_media.budget import Budget
from emotionmap_media.clock import Span
from emotionmap_media.highlights import FileChunk, cut_highlights
from emotionmap_media.outcome import Outcome
from emotionmap_media.streams import Limits

LIMITS = Limits(max_duration_s=4 * 3600, max_pixels=3840 * 2160, decode_threads=2)
TIMEOUT_S = 3600


def main() -> None:
    """Cut once."""
    wish = json.load(sys.stdin)
    spans = [Span(Fraction(start, 1000), Fraction(end, 1000)) for start, end in wish["ranges"]]
    start_s = time.monotonic()
    outputs = cut_highlights(Path(wish["film"]), spans, limits=LIMITS, budget=Budget(TIMEOUT_S))
    found = {}
    with Path(wish["out"]).open("wb") as file:
        for output in outputs:
            if isinstance(output, FileChunk):
                file.write(output.data)
            elif isinstance(output, Outcome):
                found = {"cut_s": float(output.duration), "copied_share": output.copied_share}
                found |= {"note": output.note, "pieces": output.pieces}
    cost = {"wall_s": time.monotonic() - start_s, "cpu_s": time.process_time()}
    json.dump(found | cost, sys.stdout)


if __name__ == "__main__":
    main()
