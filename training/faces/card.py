"""What the card of a face model says, made from its manifest and the report's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.faces.spoil import SPOILERS
from training.markdown import (
    CALIBRATION_HEAD,
    beside,
    calibration_row,
    confusion_table,
    leanings,
    number,
    spread,
    table,
)
from training.plots import draw_conditions, draw_confusion, draw_reliability
from training.published import FACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Figures = Mapping[str, float | int]

CONDITIONS = {how: how.replace("_", " ").replace("off centre", "off-centre") for how in SPOILERS}
CONDITIONS["jpeg"] = "JPEG"


def headline(figures: Figures) -> str:
    """Return the table of the main figures."""
    rows = [
        ["images", f"{figures['samples']:,}", "-"],
        ["accuracy", number(figures, "accuracy"), spread(figures, "accuracy")],
        ["mean recall (UAR)", number(figures, "uar"), spread(figures, "uar")],
        ["macro F1", number(figures, "macro_f1"), "-"],
        ["ECE, temperature applied", number(figures, "ece"), "-"],
        ["ms per face, in batches on one thread", f"{figures['ms_per_face']:.2f}", "-"],
        ["file, MB", f"{figures['mb']:.2f}", "-"],
    ]
    return table(["figure", "value", "95 % interval"], rows)


def conditions_table(figures: Figures) -> str:
    """Return accuracy and UAR on spoiled images."""
    rows = [["as they are", number(figures, "accuracy"), number(figures, "uar")]]
    rows += [
        [words, number(figures, f"accuracy_{how}"), number(figures, f"uar_{how}")]
        for how, words in CONDITIONS.items()
    ]
    return table(["images", "accuracy", "UAR"], rows)


def published_table(figures: Figures) -> str:
    """Return our figures beside others'."""
    ours = [
        ("FER2013 label, 7 classes", f"{100 * figures['fer2013_accuracy']:.1f} %", "PublicTest"),
        ("FER+ plurality, 7 classes", f"{100 * figures['accuracy']:.1f} %", "PublicTest"),
    ]
    return beside(ours, FACES)


def sections(manifest: Mapping[str, Any], figures: Figures) -> dict[str, str]:
    """Return the text for each mark of the card."""
    heat = figures["temperature"]
    return {
        "licence": str(manifest["licence"]).rstrip("."),
        "size": f"a file of {figures['mb']:.1f} MB",
        "figures": headline(figures),
        "confusion": confusion_table(figures),
        "leanings": leanings(figures),
        "conditions": conditions_table(figures),
        "calibration": table(
            CALIBRATION_HEAD, [calibration_row(figures, f"images, temperature {heat:.2f}", "")]
        ),
        "published": published_table(figures),
    }


def pictures(title: str, figures: Figures) -> dict[str, Callable[[Path], None]]:
    """Return what draws each picture of the card."""
    return {
        "confusion": lambda path: draw_confusion(figures, path, title=f"{title}: labels in %"),
        "reliability": lambda path: draw_reliability(
            figures, path, title=f"{title}: is it as right as it is sure?"
        ),
        "conditions": lambda path: draw_conditions(
            figures, path, title=f"{title}: images spoiled as in video", names=CONDITIONS
        ),
    }
