"""Judges the whole product on labelled videos, through the command that a person types."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from training.emotions import INDEX, LABELS
from training.metrics import accuracy, unweighted_average_recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

UNSURE = len(LABELS)
"""Column of what the product does not decide; no truth has it."""
TIMEOUT_S = 3600.0


class Span(NamedTuple):
    """A half-open stretch of a video, in seconds, and its class (or `UNSURE`)."""

    start: float
    end: float
    emotion: int


def read_spans(folder: Path) -> dict[str, list[Span]]:
    """Return the labelled stretches of each video named in the folder's labels.csv."""
    spans = defaultdict(list)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            emotion = INDEX[row["emotion"].lower()]
            spans[row["path"]].append(Span(float(row["start"]), float(row["end"]), emotion))
    return dict(spans)


def analyze(video: Path, command: Path) -> list[Span]:
    """Return the intervals that the product finds in a video.

    Raises:
        RuntimeError: the command failed; the message is its last line.
    """
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        [command, "analyze", video, "--format", "json"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        message = f"{video.name}: {lines[-1]}"
        raise RuntimeError(message)
    return [
        Span(row["start"], row["end"], INDEX.get(row["emotion"].lower(), UNSURE))
        for row in json.loads(done.stdout)["intervals"]
    ]


def overlap_seconds(truth: Iterable[Span], found: Iterable[Span]) -> NDArray[np.float64]:
    """Return float64 [8, 8]: seconds by label (rows) and by what was found (columns)."""
    seconds = np.zeros((UNSURE + 1, UNSURE + 1))
    found = list(found)
    for label in truth:
        for interval in found:
            shared = min(label.end, interval.end) - max(label.start, interval.start)
            seconds[label.emotion, interval.emotion] += max(0.0, shared)
    return seconds


def video_figures(seconds: NDArray[np.float64]) -> dict[str, float]:
    """Return the figures of overlaps float64 [8, 8]; Unsure counts as wrong."""
    total = seconds.sum()
    decided = seconds[:, :UNSURE]
    return {
        "video_seconds": float(total),
        "video_accuracy": accuracy(seconds),
        "video_uar": unweighted_average_recall(seconds),
        "video_unsure_share": float(seconds[:, UNSURE].sum() / total) if total else float("nan"),
        "video_accuracy_decided": float(np.trace(seconds) / decided.sum())
        if decided.sum()
        else float("nan"),
    }


def judge_videos(folder: Path) -> dict[str, float]:
    """Return the figures of a folder with videos and a labels.csv (path, start, end, emotion)."""
    command = Path(sys.executable).with_name("emotionmap")
    seconds = np.zeros((UNSURE + 1, UNSURE + 1))
    spans = read_spans(folder)
    for name, truth in spans.items():
        seconds += overlap_seconds(truth, analyze(folder / name, command))
    return {"video_files": len(spans)} | video_figures(seconds)
