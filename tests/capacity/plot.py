"""Draws what `make capacity` simulated; needs matplotlib, see requirements/bench.in."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.bench.plot import COLOURS, FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = ("videos", "video s/s", "replicas")


def draw(report: dict[str, Any]) -> Figure:
    """Return the picture: a column for each run, a row for each kind of figure."""
    runs = report["series"]
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.subplots(len(PANELS), len(runs), sharex="col", squeeze=False)
    for column, (name, series) in enumerate(runs.items()):
        _draw_run([row[column] for row in axes], series)
        axes[0][column].set_title(name, loc="left", color=INK, fontsize=11)
        axes[-1][column].set_xlabel("minutes")
    for row, label in zip(axes, PANELS, strict=True):
        row[0].set_ylabel(label, color=INK)
    axes[0][0].legend(frameon=False, fontsize=8)
    axes[-1][0].legend(frameon=False, fontsize=8, ncols=2)
    return figure


def _draw_run(panels: list[Axes], series: dict[str, Any]) -> None:
    videos, rate, replicas = panels
    minutes = series["minutes"]
    videos.plot(minutes, series["uploading"], color=FAINT, label="being uploaded")
    videos.plot(minutes, series["waiting"], color=INK, label="waiting for a place")
    rate.plot(minutes, series["rate"], color=INK)
    for name, counts in series["replicas"].items():
        replicas.step(minutes, counts, where="post", color=COLOURS[name], label=name)
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_ylim(bottom=0)
        panel.tick_params(colors=INK)


def main() -> None:
    """Draw a report into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    mpl.rcParams |= {"svg.hashsalt": "capacity", "svg.fonttype": "none", "font.size": 9}
    figure = draw(json.loads(options.report.read_text(encoding="utf-8")))
    # The same figures give the same file.
    figure.savefig(options.out, metadata={"Date": None}, facecolor="white")


if __name__ == "__main__":
    main()
