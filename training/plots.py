"""Draws the pictures of the model cards from a report's figures. Needs matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.emotions import LABELS
from training.markdown import bins_of, counts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from matplotlib.axes import Axes

    Figures = Mapping[str, float | int]

BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#767676"
"""Distinguishable with any colour vision. Source: Okabe and Ito, https://jfly.uni-koeln.de/color."""
INK = "#222222"
DOTS_PER_INCH = 140
FEWEST_SAMPLES = 10
"""The accuracy of fewer is chance; they are left out of the curve, not of the ECE."""
DIAGONAL_DEGREES = 39
"""Slope of the diagonal on paper, which is wider than high."""
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.edgecolor": GRAY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titlepad": 10,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.handletextpad": 0.4,
    "legend.columnspacing": 1.2,
    "figure.facecolor": "white",
}


def save(figure: Figure, path: Path) -> None:
    """Write a PNG that depends on nothing but the figure."""
    FigureCanvasAgg(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})


def draw_confusion(figures: Figures, path: Path, *, title: str) -> None:
    """Draw which labels (columns) the samples of each class (rows) were given, in percent."""
    counts = counts_of(figures)
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_title(title)
    axes.set_xlabel("label given")
    axes.set_xticks(range(len(LABELS)), LABELS)
    names = [f"{label}\n{total:,}" for label, total in zip(LABELS, totals, strict=True)]
    axes.set_yticks(range(len(LABELS)), names)
    axes.set_ylabel("truth, and number of samples")
    axes.tick_params(length=0, labelsize=9)
    axes.spines[:].set_visible(False)
    for (row, column), share in np.ndenumerate(shares):
        if totals[row]:
            shown = "<1" if 0 < share < 0.005 else f"{100 * share:.0f}"
            colour = "white" if share > 0.55 else INK if counts[row, column] else GRAY
            weight = "bold" if row == column else "normal"
            axes.text(column, row, shown, ha="center", va="center", color=colour, weight=weight)
    bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02, ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0 %", "50 %", "100 %"])
    bar.outline.set_visible(False)
    save(figure, path)


def draw_reliability(figures: Figures, path: Path, *, title: str, prefix: str = "") -> None:
    """Draw accuracy over confidence before and after the temperature, and where samples lie."""
    figure = Figure(figsize=(5.2, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    upper.plot([0, 1], [0, 1], color=GRAY, linewidth=1, linestyle=":")
    upper.annotate("as right as sure", (0.04, 0.065), color=GRAY, rotation=DIAGONAL_DEGREES)
    for suffix, colour, marker, word in (
        ("_before", ORANGE, "s", "before"),
        ("", BLUE, "o", "after"),
    ):
        bins = bins_of(figures, prefix, suffix)
        share = bins[:, 0] / bins[:, 0].sum()
        seen = bins[:, 0] >= FEWEST_SAMPLES
        ece = figures[f"{prefix}ece{suffix}"]
        style: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 5}
        dash = "--" if suffix else "-"
        label = f"{word}: ECE {ece:.3f}"
        upper.plot(bins[seen, 1], bins[seen, 2], linestyle=dash, **style, label=label)
        lower.plot(bins[:, 1], share, linestyle=dash, **style)
    heat = f"temperature {figures['temperature']:.2f}"
    upper.legend(title=heat, loc="lower right", alignment="left")
    upper.set(xlim=(0, 1), ylim=(0, 1.02), title=title)
    upper.set_ylabel(f"accuracy of bins of {FEWEST_SAMPLES} or more")
    lower.set(ylim=(0, None), xlabel="confidence", ylabel="share of samples")
    lower.yaxis.set_major_formatter(lambda value, _place: f"{100 * value:.0f} %")
    save(figure, path)


def bars(axes: Axes, rows: Sequence[tuple[str, str, str]], figures: Figures) -> None:
    """Draw one bar per row (words, name of its figure, colour), from top to bottom."""
    for place, (_, name, colour) in enumerate(rows):
        value = figures[name]
        axes.barh(place, value, color=colour, height=0.62)
        low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=INK, linewidth=1.4, solid_capstyle="butt")
        axes.text(0.015, place, f"{value:.3f}", va="center", color="white", weight="bold")
    axes.set_yticks(range(len(rows)), [words for words, _, _ in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def voice_rows(figures: Figures, names: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the bars of a voice: sets of speech, their mean, bursts, and sets never heard."""
    for who, words, colour in (
        ("test_speakers", "unseen speakers", BLUE),
        ("all_speakers", "set never heard", ORANGE),
    ):
        for dataset, title in names.items():
            name = f"uar_{dataset}_{who}"
            if name in figures:
                speakers = int(figures[f"speakers_{dataset}_{who}"])
                yield f"{title}\n{speakers} {words}", name, colour
    yield "mean of the sets of speech\nunseen speakers", "uar_mean", GREEN


def draw_sets(figures: Figures, path: Path, *, title: str, names: Mapping[str, str]) -> None:
    """Draw UAR per set with its 95 % interval, and women and men where the set documents them."""
    rows = list(voice_rows(figures, names))
    figure = Figure(figsize=(6.6, 1.8 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    bars(axes, rows, figures)
    axes.plot([], [], color=INK, linewidth=1.4, label="95 % interval")
    chance: dict[str, Any] = {"color": GRAY, "linewidth": 1, "linestyle": ":", "zorder": 3}
    axes.axvline(1 / len(LABELS), **chance, label="chance of seven")
    for group, marker in (("women", "D"), ("men", "v")):
        points = [
            (figures[f"uar_{dataset}_{group}"], place)
            for place, (_, name, _) in enumerate(rows)
            for dataset in names
            if name == f"uar_{dataset}_test_speakers" and f"uar_{dataset}_{group}" in figures
        ]
        if points:
            across, down = zip(*points, strict=True)
            style: dict[str, Any] = {
                "facecolor": "white",
                "edgecolor": INK,
                "linewidth": 1.2,
                "zorder": 4,
            }
            axes.scatter(across, down, marker=marker, s=34, label=group, **style)
    axes.set(xlabel="mean recall (UAR)", title=title)
    figure.legend(loc="outside lower left", ncols=4, fontsize=9)
    save(figure, path)


def draw_conditions(figures: Figures, path: Path, *, title: str, names: Mapping[str, str]) -> None:
    """Draw the accuracy of a face model on the images as they are, and spoiled; UAR as a point."""
    rows = [("as they are", "accuracy", GREEN)]
    rows += [(words, f"accuracy_{how}", BLUE) for how, words in names.items()]
    figure = Figure(figsize=(6.6, 4.2), layout="constrained")
    axes = figure.subplots()
    bars(axes, rows, figures)
    points = [figures[name.replace("accuracy", "uar")] for _, name, _ in rows]
    style: dict[str, Any] = {"facecolor": "white", "edgecolor": INK, "linewidth": 1.2, "zorder": 4}
    axes.scatter(points, range(len(rows)), marker="D", s=34, label="mean recall (UAR)", **style)
    axes.plot([], [], color=INK, linewidth=1.4, label="95 % interval of accuracy")
    axes.set(xlabel="accuracy", title=title)
    figure.legend(loc="outside lower left", ncols=2, fontsize=9)
    save(figure, path)


def draw_fusion(figures: Figures, path: Path, *, names: Mapping[str, str]) -> None:
    """Draw the accuracy of faces and voices alone and together, and say how calibrated it is."""
    shown = {who: words for who, words in names.items() if f"accuracy_{who}" in figures}
    rows = [
        (words.replace(", ", "\n"), f"accuracy_{who}", GREEN if "both" in words else BLUE)
        for who, words in shown.items()
    ]
    figure = Figure(figsize=(6.6, 1.2 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    bars(axes, rows, figures)
    for place, who in enumerate(shown):
        end, ece = figures[f"accuracy_{who}"], figures[f"ece_{who}"]
        axes.text(end + 0.012, place, f"ECE {ece:.3f}", va="center", fontsize=9)
    axes.set(xlabel="accuracy", title="Seconds with a held-out face and a held-out voice")
    save(figure, path)


def styled() -> AbstractContextManager[None]:
    """Return a context in which all pictures look alike."""
    return rc_context(STYLE)
