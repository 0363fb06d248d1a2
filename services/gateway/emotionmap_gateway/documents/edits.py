"""Writes what viewers changed: corrections as JSON and as labels for training, people as JSON."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from emotionmap_gateway.documents.timeline import person_to_json
from emotionmap_gateway.documents.words import UNSURE, emotion_word, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emotionmap.v1 import analysis_service_pb2 as pb

LABEL_COLUMNS: Final = ("path", "start", "end", "emotion")
"""Of the labels.csv that training.evaluate --videos reads."""

_FORMULA_STARTS: Final = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def correction_to_json(correction: pb.Correction) -> dict[str, Any]:
    """Return one correction."""
    return {
        "id": correction.id,
        "start": seconds(correction.range.start_offset),
        "end": seconds(correction.range.end_offset),
        "emotion": emotion_word(correction.emotion),
        "created_at": correction.create_time.ToJsonString(),
    }


def to_labels_csv(corrections: Iterable[pb.Correction], *, title: str) -> str:
    """Return corrections as labels.csv (RFC 4180), for a folder that holds the video.

    Unsure is no class to be learned or judged, so corrections to it are left out.

    Args:
        corrections: Of one analysis.
        title: Name of its video.
    """
    # "./" in front names the same file, and no spreadsheet takes it for a formula.
    path = f"./{title}" if title.startswith(_FORMULA_STARTS) else title
    out = io.StringIO()
    writer = csv.DictWriter(out, LABEL_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for correction in corrections:
        row = correction_to_json(correction)
        if row["emotion"] != UNSURE:
            writer.writerow({"path": path} | {key: row[key] for key in LABEL_COLUMNS[1:]})
    return out.getvalue()


def edited_person_to_json(edited: pb.EditedPerson, analysis_id: str) -> dict[str, Any]:
    """Return one person with what was changed."""
    return person_to_json(edited.person, analysis_id) | {
        "name": edited.name,
        "hidden": edited.hidden,
        "merged_into": edited.merged_into or None,
    }
