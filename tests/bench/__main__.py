"""Compares the classic pipeline, the bare floor and EmotionMap on one clip: `make bench`.

Writes one flat JSON object of named figures, with machine, commit and versions. Every figure is
the median of the repeats. CPU-seconds are those of whole process trees, so that a busy machine
changes them less than wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import figures
from tests.bench.clip import write_clip
from tests.bench.cost import watching_memory
from training.evaluate import circumstances
from training.weights import FACE_WEIGHTS, REPOSITORY, VOICE_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

WARM_UP_S = 3.0
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of the bench.

    Attributes:
        seconds: Length of the clip.
        classic_seconds: Length of the clip that the classic pipeline gets: the same scenes in the
            same proportion, since it needs the better part of a minute for five seconds.
        repeats: How often each is measured.
        classic_python: Interpreter of the environment with MoviePy, and perhaps DeepFace.
        folder: Where clips lie.
    """

    seconds: float
    classic_seconds: float
    repeats: int
    classic_python: Path
    folder: Path

    def run(self) -> dict[str, Any]:
        """Measure everything; return the report."""
        clip, short = self._clip(self.seconds), self._clip(self.classic_seconds)
        warm_up = self._clip(WARM_UP_S)
        weights = [f"--face-weights={FACE_WEIGHTS}/model.onnx"]
        weights += [f"--voice-weights={VOICE_WEIGHTS}/model.onnx"]
        ours: list[dict[str, Any]] = []
        floor: list[dict[str, Any]] = []
        classic: list[dict[str, Any]] = []
        for number in range(1, self.repeats + 1):
            say(f"round {number} of {self.repeats}: floor, EmotionMap, classic pipeline")
            floor += measured(sys.executable, "floor", clip)
            ours += measured(sys.executable, "ours", clip, f"--warm-up={warm_up}")
            classic += measured(self.classic_python, "classic", short, *weights)
        named = {name: classic[0].pop(name) for name in ("engine", "moviepy")}
        numbers = [{k: v for k, v in run.items() if k not in named} for run in classic]
        report = figures.of_classic(figures.medians(numbers), self.classic_seconds)
        report |= figures.of_floor(figures.medians(floor), self.seconds)
        report |= figures.of_ours(figures.medians(ours), self.seconds)
        report |= figures.ratios(report)
        rounded = {name: round(value, DIGITS) for name, value in report.items()}
        return self._told(named) | rounded | circumstances()

    def _told(self, classic: dict[str, str]) -> dict[str, Any]:
        return {
            "clip_seconds": self.seconds,
            "clip": "1280x720, 30 frames/s, H.264 2.5 Mbit/s, AAC; a face 60 %, a voice 60 %",
            "repeats": self.repeats,
            "classic_clip_seconds": self.classic_seconds,
            "classic_faces_by": classic["engine"],
            "classic_frames_by": f"MoviePy {classic['moviepy']}",
            "memory": "largest sum of the proportional set sizes (PSS) of the process tree",
            "load_at_the_end": round(os.getloadavg()[0], 2),
        }

    def _clip(self, seconds: float) -> Path:
        path = self.folder / f"clip-{seconds:g}s.mp4"
        source = Path(__file__).with_name("clip.py")
        if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
            say(f"making a clip of {seconds:g} s")
            write_clip(path, seconds)
        return path


def measured(python: Path | str, part: str, *arguments: Path | str) -> list[dict[str, Any]]:
    """Run a part of the bench as a process; return its lines of JSON with the tree's peak memory.

    Raises:
        SystemExit: It failed.
    """
    start_s = time.monotonic()
    command = [str(python), "-m", f"tests.bench.{part}", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": _python_path()}
    with (
        subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=environment
        ) as process,
        watching_memory(process.pid) as peak,
    ):
        output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"bench: the part {part} ended with status {process.returncode}.")
    say(f"  {part}: {time.monotonic() - start_s:.0f} s")
    return [json.loads(line) | {"peak_mb": peak.mb} for line in output.splitlines()]


def _python_path() -> str:
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(REPOSITORY), *([inherited] if inherited else [])])


def say(line: str) -> None:
    """Tell a person how far it is."""
    sys.stderr.write(f"bench: {line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench; exit 1 if a judged ratio is too far from what is expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the clip")
    parser.add_argument("--classic-seconds", type=float, default=5.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--classic-python", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build/bench.json")
    parser.add_argument("--expected", type=Path, help="file of ratios that must be met")
    options = parser.parse_args(arguments)
    report = Bench(
        options.seconds,
        options.classic_seconds,
        options.repeats,
        # Not resolved: the link is how Python knows its environment.
        options.classic_python.absolute(),
        options.out.parent / "bench",
    ).run()
    text = json.dumps(report, indent=2) + "\n"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    if options.expected:
        expected = json.loads(options.expected.read_text(encoding="utf-8"))
        for sentence in (failures := figures.worsened(report, expected)):
            say(sentence)
        raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
