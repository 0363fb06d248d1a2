"""Draws the report of the bench for the README; needs matplotlib, see requirements/bench.in."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT = "#24292f", "#8c959f"
COLOURS = {
    "decode": "#0072b2", "sound": "#009e73", "gate": "#56b4e9", "face_model": "#e69f00",
    "voice_model": "#cc79a7", "media": "#0072b2", "face": "#e69f00", "audio": "#cc79a7",
    "fusion": "#009e73", "gateway": "#d55e00", "client": "#999999",
}  # fmt: skip
"""Of Okabe and Ito, told apart by colour-blind eyes too."""
FLOOR = ("decode", "sound", "gate", "face_model", "voice_model")
OURS = ("media", "face", "audio", "fusion", "gateway", "client")


def draw(report: dict[str, Any]) -> Figure:
    """Return the picture: all three on one scale, then the floor and ours by parts."""
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(3, 2.6))
    _draw_totals(above, report)
    _draw_parts(below, report)
    return figure


def _draw_totals(axes: Axes, report: dict[str, Any]) -> None:
    names = ("decode", "ours", "classic")
    labels = ("decoding alone", "EmotionMap", "classic pipeline")
    values = [report[f"{name}_cpu_s_per_s"] for name in names]
    axes.barh(labels, values, color=("#0072b2", "#009e73", FAINT), height=0.6)
    for place, value in enumerate(values):
        times = f"  ({report['classic_over_ours_cpu']:.0f} times less)" if place == 1 else ""
        axes.text(value, place, f" {value:.3g} s{times}", va="center", color=INK)
    axes.set_xlim(0, max(values) * 1.15)
    axes.set_title("CPU-seconds per second of 720p video", loc="left", color=INK, fontsize=11)
    _plain(axes)


def _draw_parts(axes: Axes, report: dict[str, Any]) -> None:
    rows = {
        "bare parts": {part: report[f"{part}_cpu_s_per_s"] for part in FLOOR},
        "EmotionMap": {part: report[f"ours_{part}_cpu_s_per_s"] for part in OURS},
    }
    longest = max(sum(row.values()) for row in rows.values())
    for place, row in enumerate(rows.values()):
        left = 0.0
        for part, value in row.items():
            axes.barh(place, value, left=left, color=COLOURS[part], height=0.6)
            if value > longest * 0.05:
                name = part.replace("_", " ")
                axes.text(left + value / 2, place, name, ha="center", va="center", fontsize=8)
            left += value
        axes.text(left, place, f" {left:.3g} s", va="center", color=INK)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_xlim(0, longest * 1.15)
    axes.set_title("the same, closer", loc="left", color=INK, fontsize=11)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.xaxis.set_visible(False)
    axes.tick_params(left=False, colors=INK)


def main() -> None:
    """Draw a report into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    mpl.rcParams |= {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9}
    figure = draw(json.loads(options.report.read_text(encoding="utf-8")))
    # The same figures give the same file.
    figure.savefig(options.out, metadata={"Date": None}, facecolor="white")


if __name__ == "__main__":
    main()
