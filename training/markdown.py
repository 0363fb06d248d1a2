"""Tables of a report's figures, as Markdown. No number is typed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.emotions import LABELS
from training.metrics import CALIBRATION_BINS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from training.published import Published

    Report = Mapping[str, float | int | str]
    Figures = Mapping[str, float | int]

MODEL = "_model"
MUCH, LITTLE = 1.25, 0.75
"""A class given this many times as often as it is labelled is over- or under-predicted."""
CONFUSIONS = 5
FEWEST_SAMPLES = 10


def model_names(report: Report) -> list[str]:
    """Return the names of the judged models."""
    return [name.removesuffix(MODEL) for name in report if name.endswith(MODEL)]


def figures_of(report: Report, name: str) -> dict[str, float | int]:
    """Return the numbers of one model without its name: `voice_commercial_uar` becomes `uar`.

    `voice` does not get what belongs to `voice_commercial`.
    """
    longer = tuple(f"{other}_" for other in model_names(report) if other.startswith(f"{name}_"))
    return {
        key.removeprefix(f"{name}_"): value
        for key, value in report.items()
        if key.startswith(f"{name}_")
        and not (longer and key.startswith(longer))
        and not isinstance(value, str)
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(figures: Figures, name: str) -> str:
    """Return a figure with three digits, or a dash."""
    return f"{figures[name]:.3f}" if name in figures else "-"


def spread(figures: Figures, name: str) -> str:
    """Return the 95 % interval of a figure, or a dash."""
    if f"{name}_low" not in figures:
        return "-"
    return f"{figures[f'{name}_low']:.3f} to {figures[f'{name}_high']:.3f}"


def counts_of(figures: Figures, prefix: str = "") -> NDArray[np.int64]:
    """Return the confusion matrix int64 [7, 7]: rows are the truth."""
    return np.array(
        [
            [
                int(figures.get(f"{prefix}confusion_{truth.lower()}_as_{label.lower()}", 0))
                for label in LABELS
            ]
            for truth in LABELS
        ],
        dtype=np.int64,
    )


def bins_of(figures: Figures, prefix: str, suffix: str = "") -> NDArray[np.float64]:
    """Return float64 [n, 3]: samples, confidence and accuracy of the bins that have samples.

    Args:
        figures: of a model.
        prefix: `` for the model's main figures, `interval_` for the seconds of a voice.
        suffix: `_before` for those at temperature 1.
    """
    rows = []
    for place in range(CALIBRATION_BINS):
        name = f"{prefix}reliability{suffix}_{place:02d}"
        if f"{name}_samples" in figures:
            rows.append(
                [figures[f"{name}_{what}"] for what in ("samples", "confidence", "accuracy")]
            )
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def confusion_table(figures: Figures, prefix: str = "") -> str:
    """Return the table of how many samples of each class (rows) were given which label."""
    rows = []
    for truth, counts in zip(LABELS, counts_of(figures, prefix), strict=True):
        recall = number(figures, f"{prefix}recall_{truth.lower()}")
        rows.append([truth, *map(str, counts.tolist()), recall])
    return table(["truth \\ label", *LABELS, "recall"], rows)


def leanings(figures: Figures, prefix: str = "") -> str:
    """Return what the confusion matrix says about classes given too often, or mistaken."""
    counts = counts_of(figures, prefix)
    labelled, given = counts.sum(axis=1), counts.sum(axis=0)
    ratio = given / np.maximum(labelled, 1)
    seen = labelled >= FEWEST_SAMPLES
    much = [row for row in np.argsort(-ratio) if seen[row] and ratio[row] >= MUCH]
    little = [row for row in np.argsort(ratio) if seen[row] and ratio[row] <= LITTLE]
    lines = []
    for rows, word in ((much, "Over-predicted"), (little, "Under-predicted")):
        classes = ", ".join(f"{LABELS[row]} ({ratio[row]:.2f})" for row in rows) or "none"
        lines.append(f"* {word} (times given per time labelled): {classes}.")
    shares = np.where(seen[:, None], counts / np.maximum(labelled, 1)[:, None], 0)
    np.fill_diagonal(shares, 0)
    pairs = [divmod(place, len(LABELS)) for place in np.argsort(-shares, axis=None)[:CONFUSIONS]]
    mistakes = ", ".join(
        f"{LABELS[truth]} as {LABELS[label]} {100 * shares[truth, label]:.0f} %"
        for truth, label in pairs
        if shares[truth, label] > 0
    )
    return "\n".join([*lines, f"* Most frequent mistakes: {mistakes or 'none'}."])


def beside(ours: Sequence[Sequence[str]], published: Sequence[Published]) -> str:
    """Return the table of our figures above those of others."""
    rows = [[task, "**this model**", f"**{figure}**", source] for task, figure, source in ours]
    rows += [[line.task, line.who, line.figure, line.source] for line in published]
    return table(["task", "who", "figure", "source"], rows)


def calibration_row(figures: Figures, what: str, name: str) -> list[str]:
    """Return a row of `what`, ECE before and after, and the same of the log-loss."""
    ece, loss = f"{name}ece", f"{name}nll"
    values = (number(figures, key) for key in (f"{ece}_before", ece, f"{loss}_before", loss))
    return [what, *values]


CALIBRATION_HEAD = ("what", "ECE before", "ECE after", "log-loss before", "log-loss after")
