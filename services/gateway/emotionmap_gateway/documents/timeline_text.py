"""Writes a finished timeline as JSON text: an interval at a time.

As objects, the intervals of three hours take 30 MB; as text, six.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emotionmap_gateway.documents.timeline import interval_to_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emotionmap.v1 import timeline_pb2


def timeline_text(
    timeline: timeline_pb2.Timeline, *, analysis_id: str, options: Mapping[str, Any]
) -> bytes:
    """Return what `to_json` returns, as text in UTF-8."""
    document = to_json(timeline, analysis_id=analysis_id, options=options, with_intervals=False)
    text = bytearray()
    for name, value in document.items():
        text += b",%s:" % _dumped(name) if text else b"{%s:" % _dumped(name)
        if name != "intervals":
            text += _dumped(value)
            continue
        opening = b"["
        for interval in timeline.intervals:
            text += opening + _dumped(interval_to_json(interval))
            opening = b","
        text += b"]" if timeline.intervals else b"[]"
    text += b"}"
    return bytes(text)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
