"""Puts figures into a model folder: `python -m training.card --weights DIR --report R.json`.

The manifest gets the figures of its modality; the card is the modality's text with the tables that
are made from the same figures. No number is typed by hand.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.emotions import LABELS
from training.weights import write_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    Report = dict[str, float | int | str]

MARK = "<!-- figures -->"
TEMPLATES = {
    "face": Path(__file__).parent / "faces/MODEL_CARD.md",
    "voice": Path(__file__).parent / "voice/MODEL_CARD.md",
}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def confusion_table(report: Report, prefix: str) -> str:
    """Return the table of how many samples of each class (rows) were given which label."""
    rows = []
    for truth in LABELS:
        names = [f"{prefix}_confusion_{truth.lower()}_as_{label.lower()}" for label in LABELS]
        recall = report.get(f"{prefix}_recall_{truth.lower()}")
        counts = [str(report.get(name, 0)) for name in names]
        rows.append([truth, *counts, "-" if recall is None else f"{recall:.3f}"])
    return table(["truth \\ label", *LABELS, "recall"], rows)


def figures_text(report: Report, prefix: str) -> str:
    """Return the card's section of figures."""
    apart = (f"{prefix}_recall_", f"{prefix}_confusion_")
    rows = [
        [f"`{name}`", f"{value:.3f}" if isinstance(value, float) else str(value)]
        for name, value in report.items()
        if name.startswith(f"{prefix}_") and not name.startswith(apart)
    ]
    measured = f"{report['machine']}; {report['versions']}"
    return "\n\n".join(
        (
            table(["figure", "value"], rows),
            confusion_table(report, prefix),
            f"Measured on {measured}.",
        )
    )


def metrics_of(report: Report, prefix: str) -> dict[str, float]:
    """Return the figures that the manifest keeps: all but the confusion counts."""
    return {
        name: round(value, 4)
        for name, value in report.items()
        if name.startswith(f"{prefix}_") and "_confusion_" not in name and isinstance(value, float)
    }


def fill(folder: Path, report: Report) -> None:
    """Write the figures into the folder's manifest and card."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    prefix = manifest["modality"]
    manifest["metrics"] = metrics_of(report, prefix)
    write_manifest(folder, manifest)
    text = TEMPLATES[prefix].read_text(encoding="utf-8")
    card = text.replace(MARK, figures_text(report, prefix))
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="folder of the model")
    parser.add_argument("--report", type=Path, required=True, help="report of training.evaluate")
    options = parser.parse_args(arguments)
    fill(options.weights, json.loads(options.report.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
