"""Where the objects of an analysis lie. Everything of one analysis is under one prefix."""

from __future__ import annotations

ROOT = "analyses"


def prefix(analysis_id: str) -> str:
    """Return the prefix of everything that belongs to an analysis."""
    return f"{ROOT}/{analysis_id}"


def media(analysis_id: str) -> str:
    """Return the key of the uploaded bytes."""
    return f"{prefix(analysis_id)}/media"


def segment(analysis_id: str, number: int) -> str:
    """Return the key of the intervals of a segment: a serialised IntervalBatch."""
    return f"{prefix(analysis_id)}/segments/{number:04d}.binpb"


def timeline(analysis_id: str, form: str) -> str:
    """Return the key of the timeline as "binpb" (a serialised Timeline), "json", "csv" or "vtt"."""
    return f"{prefix(analysis_id)}/timeline.{form}"


def export(analysis_id: str, export_id: str) -> str:
    """Return the key of the file of an export."""
    return f"{prefix(analysis_id)}/exports/{export_id}.mp4"
