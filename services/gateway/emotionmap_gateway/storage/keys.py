"""Where the objects of an analysis lie. Everything of one analysis is under one prefix.

What a job writes carries the number of its run: one that was taken over, and does not know it yet,
can overwrite nothing of the one that took over.
"""

from __future__ import annotations

ROOT = "analyses"


def prefix(analysis_id: str) -> str:
    """Return the prefix of everything that belongs to an analysis."""
    return f"{ROOT}/{analysis_id}"


def media(analysis_id: str) -> str:
    """Return the key of the uploaded bytes."""
    return f"{prefix(analysis_id)}/media"


def segment(analysis_id: str, number: int, *, run: int) -> str:
    """Return the key of the intervals of a segment: a serialised IntervalBatch."""
    return f"{prefix(analysis_id)}/segments/{number:04d}{_of_run(run)}.binpb"


def draft(analysis_id: str) -> str:
    """Return the key of the draft: a serialised IntervalBatch."""
    return f"{prefix(analysis_id)}/draft.binpb"


def timeline(analysis_id: str, form: str, *, run: int) -> str:
    """Return the key of the timeline as "binpb" (a serialised Timeline), "json", "csv" or "vtt"."""
    return f"{prefix(analysis_id)}/timeline{_of_run(run)}.{form}"


def export(analysis_id: str, export_id: str, *, run: int) -> str:
    """Return the key of the file of an export."""
    return f"{prefix(analysis_id)}/exports/{export_id}{_of_run(run)}.mp4"


def _of_run(run: int) -> str:
    """Return what tells a run's objects from others'; the first is named as it always was."""
    return f"-{run}" if run > 1 else ""
