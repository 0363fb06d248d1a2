"""The page that sums up all models and their fusion, beside the pictures: docs/models/README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.markdown import number, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Report = Mapping[str, float | int | str]

PICTURE = "fusion.png"
WHO = {
    "face": "faces alone",
    "voice": "voices alone",
    "weighted_mean": "both: weighted mean, 0.55 and 0.45 (default)",
    "reliability": "both: weighted by reliability",
}
HEAD = """# Models, judged

Made by `make cards` from what `make eval` measured; no number is typed by hand.
Recognised is apparent expression, not felt emotion."""
MORE = """The cards tell data, licences, limits and misuse, every confusion, and what people and
other systems reach."""
FUSION = """{seconds} seconds, each a held-out face with the voice of a held-out speaker who plays
the same emotion. Chance pairs them under a fixed seed, so what a face and its own voice do to each
other is not judged. Emotions are equally frequent; `natural` are those of the seconds that leave
emotions as frequent as among the judged faces.

![Fusion]({picture})"""
MEASURES = ("accuracy", "uar", "ece", "log_loss")


def fusion_figures(report: Report) -> dict[str, float | int]:
    """Return the report's figures of fusion without the word `fusion`."""
    return {
        name.removeprefix("fusion_"): value
        for name, value in report.items()
        if name.startswith("fusion_") and not isinstance(value, str)
    }


def fusion_text(figures: Mapping[str, float | int]) -> str:
    """Return the section on fusion."""
    rows = []
    for who, words in WHO.items():
        if f"accuracy_{who}" in figures:
            plain = [number(figures, f"{what}_{who}") for what in MEASURES]
            natural = [number(figures, f"natural_{what}_{who}") for what in MEASURES[:3]]
            rows.append([words, *plain, *natural])
    head = ["seconds judged by", "accuracy", "UAR", "ECE", "log-loss"]
    head += ["natural: accuracy", "natural: UAR", "natural: ECE"]
    text = FUSION.format(seconds=f"{figures['seconds']:,}", picture=PICTURE)
    return f"{text}\n\n{table(head, rows)}"


def overview_text(report: Report, models: str) -> str:
    """Return the page.

    Args:
        report: of `training.evaluate`.
        models: the table of the models.
    """
    figures = fusion_figures(report)
    parts = [HEAD, models, MORE]
    if "seconds" in figures:
        parts += ["## Faces and voices together", fusion_text(figures)]
    commit = str(report["commit"])[:12]
    parts.append(f"Measured on {report['machine']}; {report['versions']}; commit {commit}.")
    return "\n\n".join(parts) + "\n"


def write_overview(report: Report, models: str, folder: Path) -> None:
    """Write the page and the picture of fusion into a folder."""
    from training.plots import draw_fusion, styled  # noqa: PLC0415 - matplotlib, not always there

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(overview_text(report, models), encoding="utf-8")
    figures = fusion_figures(report)
    if "seconds" in figures:
        with styled():
            draw_fusion(figures, folder / PICTURE, names=WHO)
