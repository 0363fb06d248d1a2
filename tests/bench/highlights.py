"""Cuts a fifth of a one-hour film into highlights, and checks every picture and click of it.

`make bench-highlights`. Exits 1 where a bar is missed. Times real time are those of wall time, so
they need a machine that does nothing else; CPU-seconds stand beside them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from tests.bench.bars import Bar, Finding
from tests.bench.clip import FPS
from tests.bench.cost import watching_memory
from tests.bench.numbered_film import PERIOD_S, PICTURES, clicks_in, number_of, write_film
from tests.bench.report import publish, say
from tests.clips import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SHARE = Fraction(1, 5)
SPEED = Bar("length of the film over the time its cut takes", 50.0, is_most=False)
PICTURES_WRONG = Bar("pictures that are missing, not wanted or another", 0.0)
TIME_ERROR = Bar("worst time of a picture", 1.0, unit=" ms")
CLICKS_LOST = Bar("clicks that are not heard", 0.0)
SYNC = Bar("worst distance of a click from its picture", 20.0, unit=" ms")
MEMORY = Bar("peak memory of the cut", 256.0, unit=" MB")
CLEAR_OF_EDGES_S = 0.03
"""Clicks nearer to a cut than this are faded or cut through."""
AROUND_S = 0.25

Range = tuple[int, int]
"""Start and end, milliseconds."""


def ranges_of(seconds: int, pieces: int) -> list[Range]:
    """Return pieces that take SHARE of a film, each starting at another place of its group."""
    step_ms = seconds * 1000 // pieces
    length_ms = int(step_ms * SHARE)
    starts = (n * step_ms + n * 1237 % (step_ms - length_ms) for n in range(pieces))
    return [(start, start + length_ms) for start in starts]


def pictures_of(ranges: Sequence[Range]) -> Iterator[tuple[Fraction, int]]:
    """Yield when each wanted picture is shown in the output, seconds, and its number."""
    offset = Fraction(0)
    for start_ms, end_ms in ranges:
        start, end = Fraction(start_ms, 1000), Fraction(end_ms, 1000)
        index = int(start * FPS)  # on screen when the piece begins
        while Fraction(index, FPS) < end:
            yield offset + max(Fraction(0), Fraction(index, FPS) - start), index % PICTURES
            index += 1
        offset += end - start


def clicks_of(ranges: Sequence[Range]) -> Iterator[float]:
    """Yield when each click is heard in the output, seconds."""
    offset_s = 0.0
    for start_ms, end_ms in ranges:
        start_s, end_s = start_ms / 1000, end_ms / 1000
        for second in range(int(start_s), int(end_s) + 1):
            # The first of a copy is garbled: its packet was made to follow another.
            is_clear = start_s + CLEAR_OF_EDGES_S <= second < end_s - CLEAR_OF_EDGES_S
            if is_clear and second % PERIOD_S:
                yield offset_s + second - start_s
        offset_s += end_s - start_s


def checked_pictures(path: Path, ranges: Sequence[Range]) -> dict[str, float]:
    """Decode all pictures of a cut; return how many are wrong, and the worst time, ms."""
    wanted, wrong, worst = pictures_of(ranges), 0, Fraction(0)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        video.thread_type = "AUTO"
        for frame in container.decode(video):
            time, number = next(wanted, (Fraction(-1), -1))
            wrong += number_of(frame) != number
            worst = max(worst, abs(frame.pts * video.time_base - time))
    return {"pictures_wrong": wrong + sum(1 for _ in wanted), "time_error_ms": float(worst * 1000)}


def checked_sound(path: Path, ranges: Sequence[Range]) -> dict[str, float]:
    """Decode the sound of a cut; return how many clicks are lost, how far off others are, ms."""
    heard = _sound_of(path)
    wanted_s = list(clicks_of(ranges))
    off_ms = [_off_ms(heard, moment_s) for moment_s in wanted_s]
    found = [off for off in off_ms if off is not None]
    return {
        "clicks": len(wanted_s),
        "clicks_lost": len(wanted_s) - len(found),
        "sync_ms": max(found, default=0.0),
        "first_sync_ms": off_ms[0],
        "last_sync_ms": off_ms[-1],
    }


def _sound_of(path: Path) -> NDArray[np.int16]:
    """Return the first channel: int16 [S] at 48 kHz."""
    with av.open(str(path)) as container:
        parts = [
            (frame.to_ndarray()[0] * 32767).clip(-32768, 32767).astype(np.int16)
            for frame in container.decode(audio=0)
        ]
    return np.concatenate(parts)


def _off_ms(heard: NDArray[np.int16], moment_s: float) -> float | None:
    """Return how far from a moment the nearest click within AROUND_S is; None without any."""
    first = max(0, round((moment_s - AROUND_S) * SAMPLE_RATE_HZ))
    around = heard[first : first + round(2 * AROUND_S * SAMPLE_RATE_HZ)]
    clicks_s = (clicks_in(around) + first) / SAMPLE_RATE_HZ
    return min((abs(float(click_s) - moment_s) * 1000 for click_s in clicks_s), default=None)


def cut(film: Path, out: Path, ranges: Sequence[Range]) -> dict[str, Any]:
    """Cut in a process of its own; return what it came to and what it cost."""
    wish = json.dumps({"film": str(film), "out": str(out), "ranges": list(ranges)})
    command = [sys.executable, "-m", "tests.bench.cut_once"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with watching_memory(child.pid) as peak:
        answer, _ = child.communicate(wish)
    if child.returncode:
        sys.exit(child.returncode)
    return {**json.loads(answer), "peak_mb": peak.mb}


def findings_of(row: dict[str, Any]) -> list[Finding]:
    """Judge one cut."""
    case = row["case"]
    return [
        Finding(SPEED, case, row["film_speed"]),
        Finding(PICTURES_WRONG, case, row["pictures_wrong"]),
        Finding(TIME_ERROR, case, row["time_error_ms"]),
        Finding(CLICKS_LOST, case, row["clicks_lost"]),
        Finding(SYNC, case, row["sync_ms"]),
        Finding(MEMORY, case, row["peak_mb"]),
    ]


def measured(folder: Path, *, minutes: int, pieces: int) -> dict[str, Any]:
    """Make the film, cut it, check the cut."""
    seconds, out = minutes * 60, folder / "highlights.mp4"
    say(f"a film of {minutes} minutes is written")
    film = write_film(folder, seconds)
    ranges = ranges_of(seconds, pieces)
    say(f"{pieces} pieces are cut")
    row = {"case": f"{minutes} min, {pieces} pieces", **cut(film, out, ranges)}
    row["film_speed"] = seconds / row["wall_s"]
    row["cut_speed"] = row["cut_s"] / row["wall_s"]
    row["film_s_per_cpu_s"] = seconds / row["cpu_s"]
    say("the cut is checked")
    return row | checked_pictures(out, ranges) | checked_sound(out, ranges)


SHOWN = ("case", "cut_s", "wall_s", "cpu_s", "film_speed", "cut_speed", "film_s_per_cpu_s")
SHOWN += ("copied_share", "first_sync_ms", "last_sync_ms", "peak_mb", "note")


def main() -> int:
    """Run the bench; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--pieces", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="where the film lies, and stays")
    parser.add_argument("--out", type=Path, default=Path("build/bench-highlights.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="emotionmap-bench-") as temporary:
        folder = options.folder or Path(temporary)
        row = measured(folder, minutes=options.minutes, pieces=options.pieces)
    return publish(
        options.out, {"highlights": [row]}, findings_of(row), shown={"highlights": SHOWN}
    )


if __name__ == "__main__":
    sys.exit(main())
