"""Counts what the shipped and the unhurried way saw, and says it as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_GAP = 5
"""Frames in a row without a face that do not end its appearance."""
LEAST_APPEARANCE = 8
"""Frames of the shortest appearance whose delay is told."""
NEAR_TIE = 0.05
"""Two emotions whose probabilities differ by less in both ways could as well change places."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one way saw in one film.

    Attributes:
        labels: Emotion of each second, 0 for none.
        margins: How much surer each is of its best emotion than of the next, in [0, 1].
        faces: Valid faces in each frame.
        scored: How many of them were scored.
        cpu_s: Thread time of search and crops, without the model's.
    """

    labels: tuple[int, ...]
    margins: tuple[float, ...]
    faces: tuple[int, ...]
    scored: int
    cpu_s: float


@dataclass(slots=True)
class Row:
    """What one way did with a group of films, next to the unhurried way."""

    seconds: int = 0
    agreed: int = 0
    near_ties: int = 0
    known: int = 0
    right: int = 0
    unhurried_right: int = 0
    faces: int = 0
    true_faces: int = 0
    scored: int = 0
    cpu_s: float = 0.0
    true_cpu_s: float = 0.0
    delays: list[int] = field(default_factory=list)
    unseen: int = 0

    def add(self, shipped: Result, truth: Result, known: Sequence[int]) -> None:
        """Count one film, of whose seconds the true labels may be known."""
        self.seconds += len(truth.labels)
        self.agreed += _alike(shipped.labels, truth.labels)
        self.near_ties += _near_ties(shipped, truth)
        if known:
            self.known += len(known)
            self.right += _alike(shipped.labels, known)
            self.unhurried_right += _alike(truth.labels, known)
        self.faces += sum(shipped.faces)
        self.true_faces += sum(truth.faces)
        self.scored += shipped.scored
        self.cpu_s += shipped.cpu_s
        self.true_cpu_s += truth.cpu_s
        for delay in first_seen_delays(shipped.faces, truth.faces):
            if delay is None:
                self.unseen += 1
            else:
                self.delays.append(delay)

    def figures(self, *, frames_per_s: float = 15.0) -> dict[str, float | None]:
        """Return what the report says; rightness is None where no truth is known."""
        delays_s = np.array(self.delays or [0]) / frames_per_s
        return {
            "seconds": self.seconds,
            "agreed": round(self.agreed / max(1, self.seconds), 4),
            "near_ties": self.near_ties,
            "right": round(self.right / self.known, 4) if self.known else None,
            "unhurried_right": round(self.unhurried_right / self.known, 4) if self.known else None,
            "faces_per_s": round(self.faces / max(1, self.seconds), 2),
            "unhurried_faces_per_s": round(self.true_faces / max(1, self.seconds), 2),
            "scored_per_s": round(self.scored / max(1, self.seconds), 2),
            "first_seen_mean_s": round(float(delays_s.mean()), 2),
            "first_seen_most_s": round(float(delays_s.max()), 2),
            "never_seen": self.unseen,
            "cpu_ms_per_s": round(1000 * self.cpu_s / max(1, self.seconds), 1),
            "unhurried_cpu_ms_per_s": round(1000 * self.true_cpu_s / max(1, self.seconds), 1),
        }


def appearances(faces: Sequence[int], least: int) -> Iterator[tuple[int, int]]:
    """Give first and last frame of each stretch with at least so many faces."""
    at = [i for i, count in enumerate(faces) if count >= least]
    for run in np.split(at, np.flatnonzero(np.diff(at) > LONGEST_GAP) + 1):
        if len(run) >= LEAST_APPEARANCE:
            yield int(run[0]), int(run[-1])


def first_seen_delays(faces: Sequence[int], truth: Sequence[int]) -> Iterator[int | None]:
    """Give, per appearance in `truth`, how many frames later it is seen; None if it never is."""
    for least in range(1, max(truth, default=0) + 1):
        for first, last in appearances(truth, least):
            seen = (i - first for i in range(first, last + 1) if faces[i] >= least)
            yield next(seen, None)


def _alike(labels: Sequence[int], others: Sequence[int]) -> int:
    return sum(a == b for a, b in zip(labels, others, strict=True))


def _near_ties(one: Result, other: Result) -> int:
    """Count the seconds that differ and about which neither way is sure."""
    return sum(
        a != b and max(margins) < NEAR_TIE and bool(a and b)
        for a, b, *margins in zip(one.labels, other.labels, one.margins, other.margins, strict=True)
    )


def table(groups: dict[str, Row]) -> str:
    """Return the report as a Markdown table."""
    figures = {name: row.figures() for name, row in groups.items()}
    titles = list(next(iter(figures.values())))
    lines = [f"| films | {' | '.join(titles)} |", "| --- " * (len(titles) + 1) + "|"]
    lines += [
        f"| {name} | {' | '.join(str(value) for value in row.values())} |"
        for name, row in figures.items()
    ]
    return "\n".join(lines)
