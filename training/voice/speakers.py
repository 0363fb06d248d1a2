"""Who speaks: the genders that the sets document, and which sets a model has learned from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from training.voice.split import NAMED_SETS, NUMBERED_SETS

if TYPE_CHECKING:
    from collections.abc import Mapping

WOMEN, MEN, UNKNOWN = "women", "men", "unknown"

NEMO_WOMEN = frozenset({"EB0", "IC0", "KD0", "MK0"})
NEMO_MEN = frozenset({"KS0", "MP0", "SM0", "TP0", "WR0"})
"""Source: the columns speaker_id and gender of data.tsv, https://github.com/amu-cai/nEMO."""
EMODB_WOMEN = frozenset({"08", "09", "13", "14", "16"})
EMODB_MEN = frozenset({"03", "10", "11", "12", "15"})
"""Source: the set's documentation, http://emodb.bilderbar.info/docu."""

SET_WORDS = {
    "ravdess": "ravdess",
    "nemo": "nemo",
    "emodb": "emodb",
    "emogator": "emogator",
    "crema": "cremad",
}
"""Words in a manifest's `data` to names of sets, for manifests without `trained_on`."""


def gender_of(dataset: str, speaker: str) -> str:
    """Return `women` or `men` as the set documents it, else `unknown`."""
    name = speaker.rpartition("-")[2]
    if dataset == "ravdess" and re.fullmatch(r"\d+", name):
        # Source: the file names of RAVDESS, https://doi.org/10.5281/zenodo.1188976.
        return MEN if int(name) % 2 else WOMEN
    documented = {"nemo": (NEMO_WOMEN, NEMO_MEN), "emodb": (EMODB_WOMEN, EMODB_MEN)}
    women, men = documented.get(dataset, (frozenset(), frozenset()))
    if name in women:
        return WOMEN
    return MEN if name in men else UNKNOWN


def trained_on(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Return the sets whose training speakers a model has learned from.

    `trained_on` of the manifest says it; without one, the sets that its `data` names; without
    these, every set that the split knows, so that nothing is taken for unseen by mistake.
    """
    if "trained_on" in manifest:
        return frozenset(manifest["trained_on"])
    text = " ".join(manifest.get("data", ())).lower()
    named = {name for word, name in SET_WORDS.items() if word in text}
    return frozenset(named) or NAMED_SETS | NUMBERED_SETS
