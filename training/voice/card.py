"""What the card of a voice model says, made from its manifest and the report's figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.emotions import LABELS
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
from training.plots import draw_confusion, draw_reliability, draw_sets
from training.published import VOICES
from training.voice.speakers import trained_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Figures = Mapping[str, float | int]


@dataclass(frozen=True, slots=True)
class SpeechSet:
    """A set of recordings.

    Attributes:
        title: short name.
        what: what it is, and where it is described.
        language: in words.
        licence: its terms.
    """

    title: str
    what: str
    language: str
    licence: str


SETS = {
    "ravdess": SpeechSet(
        "RAVDESS",
        "RAVDESS speech (Livingstone and Russo 2018); calm counts as neutral",
        "English",
        "CC BY-NC-SA 4.0",
    ),
    "nemo": SpeechSet("nEMO", "nEMO (Christop 2024); no disgust", "Polish", "CC BY-NC-SA 4.0"),
    "emodb": SpeechSet(
        "EmoDB", "EmoDB (Burkhardt et al. 2005); no surprise", "German", "free, cite"
    ),
    "cremad": SpeechSet("CREMA-D", "CREMA-D (Cao et al. 2014); no surprise", "English", "ODbL"),
    "emogator": SpeechSet(
        "EmoGator (bursts)",
        "EmoGator (Buhl 2023), vocal bursts; the speakers' consent terms were not read",
        "none",
        "Apache-2.0 (the repository's)",
    ),
}
TITLES = {name: known.title for name, known in SETS.items()}
LANGUAGES = {"en": "English", "pl": "Polish", "de": "German"}
JUDGED = re.compile(r"uar_(?P<dataset>\w+)_(?P<who>test|all)_speakers")


def is_limited(manifest: Mapping[str, Any]) -> bool:
    """Return whether data of the model forbids commercial use."""
    text = f"{manifest['licence']} {' '.join(manifest.get('data', ()))}".lower()
    return "non-commercial" in text or "-nc-" in text


def licence_text(manifest: Mapping[str, Any]) -> str:
    """Return the card's first lines."""
    data = "; ".join(manifest.get("data", ())) or "not stated"
    if is_limited(manifest):
        return (
            f"**{manifest['licence']}**. The weights carry the terms of what they were learned "
            f"from: {data}. Weights without the non-commercial limit lie in the sub-folder "
            "`commercial`, where shipped; `training/README.md` tells how to train them."
        )
    return (
        "**no non-commercial limit**. Every set that these weights were learned from allows "
        f"commercial use: {data}. Read the terms yourself before you rely on them. Better "
        "weights, but for non-commercial use only, lie in the folder above."
    )


def data_table(manifest: Mapping[str, Any]) -> str:
    """Return the sets that the model has learned from."""
    known = [SETS[name] for name in SETS if name in trained_on(manifest)]
    rows = [[part.what, part.language, part.licence] for part in known]
    return table(["set", "language", "licence"], rows)


def headline(figures: Figures) -> str:
    """Return the table of the main figures."""
    names = (
        ("UAR, mean over the sets of speech, judged speakers", "uar_mean"),
        ("UAR, mean over sets of speech never heard, all speakers", "uar_unseen_mean"),
        ("accuracy of all judged clips of speech", "accuracy"),
        ("macro F1 of the same", "macro_f1"),
        ("accuracy of their seconds", "interval_accuracy"),
        ("ECE of their seconds, temperature applied", "interval_ece"),
        ("UAR of vocal bursts", "bursts_uar"),
    )
    rows = [
        [words, number(figures, name), spread(figures, name)]
        for words, name in names
        if name in figures
    ]
    rows += [
        ["ms per 3 s window, on two threads", f"{figures['ms_per_window']:.1f}", "-"],
        ["file, MB", f"{figures['mb']:.2f}", "-"],
    ]
    return table(["figure", "value", "95 % interval"], rows)


def set_table(figures: Figures, manifest: Mapping[str, Any]) -> str:
    """Return the figures of each set."""
    rows, learned = [], trained_on(manifest)
    for match in filter(None, map(JUDGED.fullmatch, figures)):
        dataset, who = match["dataset"], match["who"]
        end = f"{dataset}_{who}_speakers"
        known = who == "test"
        rows.append(
            [
                f"{TITLES.get(dataset, dataset)}, {who if who == 'all' else 'judged'} speakers",
                "yes" if dataset in learned else "no",
                str(figures[f"speakers_{end}"]),
                f"{figures[f'clips_{end}']:,}",
                number(figures, f"uar_{end}"),
                spread(figures, f"uar_{end}"),
                number(figures, f"accuracy_{end}"),
                number(figures, f"ece_{end}"),
                number(figures, f"uar_{dataset}_women") if known else "-",
                number(figures, f"uar_{dataset}_men") if known else "-",
            ]
        )
    head = ["set", "learned from", "speakers", "clips", "UAR", "95 % interval"]
    return table([*head, "accuracy", "ECE", "UAR women", "UAR men"], rows)


def languages_text(figures: Figures) -> str:
    """Return UAR per language in words."""
    start = "uar_language_"
    found = [name.removeprefix(start) for name in figures if name.startswith(start)]
    parts = [
        f"{LANGUAGES.get(code, code)} {number(figures, start + code)} "
        f"({figures[f'clips_language_{code}']:,} clips)"
        for code in found
    ]
    return ", ".join(parts) or "not known"


def genders_text(figures: Figures) -> str:
    """Return UAR of women and men in words."""
    if "uar_women" not in figures:
        return "not known for these clips"
    return f"women {number(figures, 'uar_women')}, men {number(figures, 'uar_men')}"


def bursts_text(figures: Figures) -> str:
    """Return the figures of vocal bursts."""
    if "bursts_uar" not in figures:
        return "None were judged."
    speakers = figures.get("speakers_emogator_test_speakers", 0)
    line = (
        f"{figures['bursts_samples']:,} bursts of {speakers} judged speakers: "
        f"UAR {number(figures, 'bursts_uar')} ({spread(figures, 'bursts_uar')}), "
        f"accuracy {number(figures, 'bursts_accuracy')}."
    )
    return f"{line}\n\n{confusion_table(figures, 'bursts_')}\n\n{leanings(figures, 'bursts_')}"


def calibration_table(figures: Figures) -> str:
    """Return ECE before and after of seconds, clips and bursts."""
    heat = figures["temperature"]
    rows = [
        calibration_row(figures, f"seconds of speech, temperature {heat:.2f}", "interval_"),
        calibration_row(figures, "clips of speech", ""),
    ]
    before, after = number(figures, "ece_mean_before"), number(figures, "ece_mean")
    rows.append(["clips of speech, mean over sets", before, after, "-", "-"])
    if "bursts_ece" in figures:
        rows.append(calibration_row(figures, "vocal bursts", "bursts_"))
    return table(CALIBRATION_HEAD, rows)


def published_table(figures: Figures) -> str:
    """Return our figures beside others'."""
    ours = [
        (
            f"{TITLES[dataset]}, 7 classes or fewer",
            f"UAR {100 * figures[f'uar_{dataset}_test_speakers']:.1f} %",
            "speakers never learned from",
        )
        for dataset in TITLES
        if f"uar_{dataset}_test_speakers" in figures and dataset != "emogator"
    ]
    return beside(ours, VOICES)


def sections(manifest: Mapping[str, Any], figures: Figures) -> dict[str, str]:
    """Return the text for each mark of the card."""
    learned = trained_on(manifest)
    heard = {SETS[name].language for name in SETS if name in learned} - {"none"}
    missing = [label for label in LABELS if label not in manifest["labels"]]
    without = f"; it has no {', '.join(missing)}" if missing else ""
    return {
        "licence": licence_text(manifest),
        "size": f"a file of {figures['mb']:.1f} MB",
        "labels": ", ".join(manifest["labels"]) + without,
        "data": data_table(manifest),
        "heard": ", ".join(sorted(heard)) or "not known",
        "figures": headline(figures),
        "sets": set_table(figures, manifest),
        "languages": languages_text(figures),
        "genders": genders_text(figures),
        "confusion": confusion_table(figures),
        "leanings": leanings(figures),
        "bursts": bursts_text(figures),
        "calibration": calibration_table(figures),
        "published": published_table(figures),
    }


def pictures(title: str, figures: Figures) -> dict[str, Callable[[Path], None]]:
    """Return what draws each picture of the card."""
    return {
        "confusion": lambda path: draw_confusion(
            figures, path, title=f"{title}: labels in %, clips of speech"
        ),
        "reliability": lambda path: draw_reliability(
            figures, path, title=f"{title}: seconds of speech", prefix="interval_"
        ),
        "sets": lambda path: draw_sets(
            figures, path, title=f"{title}: speakers never learned from", names=TITLES
        ),
    }
