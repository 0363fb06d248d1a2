"""Says which of our seven emotions each output of a published checkpoint is. Needs no torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from training.emotions import INDEX, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SPELLINGS = {
    "anger": ("ang", "angry"),
    "disgust": ("dis", "disgusted"),
    "fear": ("fea", "fearful"),
    "happy": ("hap", "happiness", "joy", "joyful"),
    "sadness": ("sad",),
    "surprise": ("sur", "surprised", "pleasant_surprise", "pleasant surprise", "ps"),
    "neutral": ("neu", "neutrality"),
}
"""How checkpoints spell our words. Source: the id2label of published checkpoints for RAVDESS,
CREMA-D, TESS, EmoDB and IEMOCAP; INDEX adds our own words, and calm, which counts as neutral."""
KNOWN_WORDS = {word: LABELS[index] for word, index in INDEX.items()} | {
    spelling: LABELS[INDEX[word]] for word, spellings in SPELLINGS.items() for spelling in spellings
}
DROP = ("", "-")
"""In a label map: this class is none of ours."""
FEWEST_LABELS = 2


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """How a checkpoint's classes become ours.

    Attributes:
        labels: ours, in the order in which the checkpoint first has them.
        columns: for each label, the checkpoint's outputs that mean it; several are merged.
        dropped: the checkpoint's classes that mean none of ours.
    """

    labels: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]
    dropped: tuple[str, ...]

    @property
    def is_identity(self) -> bool:
        """Whether every output is one label."""
        return not self.dropped and all(len(columns) == 1 for columns in self.columns)


def read_label_map(text: str) -> dict[str, str]:
    """Return the label map of an option: `angry=anger,other=-`, or the name of a JSON file of it.

    Raises:
        ValueError: it is neither.
    """
    if text.lower().endswith(".json"):
        content = json.loads(Path(text).read_text(encoding="utf-8"))
        if isinstance(content, dict):
            return {str(word): str(meaning or "") for word, meaning in content.items()}
    elif all("=" in pair for pair in text.split(",")):
        pairs = (pair.partition("=") for pair in text.split(","))
        return {word.strip(): meaning.strip() for word, _, meaning in pairs}
    message = f"--label-map {text}: expected angry=anger,other=- or a .json file of such pairs"
    raise ValueError(message)


def our_word(meaning: str) -> str | None:
    """Return our label of a meaning in a label map, None to drop the class.

    Raises:
        ValueError: it is none of our words.
    """
    if meaning in DROP:
        return None
    if meaning.lower() not in KNOWN_WORDS:
        message = f"the label map's {meaning!r} is none of {', '.join(LABELS)}"
        raise ValueError(message)
    return KNOWN_WORDS[meaning.lower()]


def plan_labels(classes: Sequence[str], label_map: Mapping[str, str] | None = None) -> LabelPlan:
    """Return what each class of a checkpoint is to us.

    Args:
        classes: the checkpoint's names of its outputs, in their order.
        label_map: meanings that count before the common spellings; case does not matter.

    Raises:
        ValueError: the map names a class that is not there or a word that is not ours, or fewer
            than two emotions are left.
    """
    given = {word.lower(): our_word(meaning) for word, meaning in (label_map or {}).items()}
    unknown = sorted(set(given) - {name.lower() for name in classes})
    if unknown:
        message = f"the label map's {unknown} are no classes of the checkpoint: {list(classes)}"
        raise ValueError(message)
    columns: dict[str, list[int]] = {}
    dropped = []
    for index, name in enumerate(classes):
        word = name.lower().strip()
        label = given[name.lower()] if name.lower() in given else KNOWN_WORDS.get(word)
        if label is None:
            dropped.append(name)
        else:
            columns.setdefault(label, []).append(index)
    if len(columns) < FEWEST_LABELS:
        message = (
            f"the checkpoint's classes {list(classes)} name fewer than two emotions; say what they "
            f"are by --label-map {classes[0]}=anger,..."
        )
        raise ValueError(message)
    return LabelPlan(tuple(columns), tuple(map(tuple, columns.values())), tuple(dropped))
