"""Writes a finished timeline as rows (CSV) and as cues (WebVTT). Not for reading them back."""

from __future__ import annotations

import csv
import io
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emotionmap_gateway.documents.timeline import interval_to_json
from emotionmap_gateway.documents.words import SCORED_WORDS, duration_ms, emotion_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emotionmap.v1 import emotion_pb2, timeline_pb2

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FORMULA_STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def to_csv(timeline: timeline_pb2.Timeline) -> str:
    """Return the timeline as CSV (RFC 4180): a header, then one row per interval.

    Scores that are unset are empty cells. No cell can be taken for a formula by a spreadsheet.
    """
    provenance = {
        "title": _cell(timeline.title),
        "face_model": _cell(_model_text(timeline.face_model)),
        "voice_model": _cell(_model_text(timeline.voice_model)),
        "notice": _cell(timeline.notice),
    }
    out = io.StringIO()
    writer = csv.DictWriter(out, [*_CSV_COLUMNS, *provenance], lineterminator="\r\n")
    writer.writeheader()
    for interval in timeline.intervals:
        writer.writerow(_row(interval_to_json(interval)) | provenance)
    return out.getvalue()


def to_vtt(timeline: timeline_pb2.Timeline) -> str:
    """Return the timeline as WebVTT: one cue per run of neighbouring intervals with one emotion."""
    blocks = [
        "WEBVTT",
        *(
            f"NOTE {text}"
            for text in (
                _vtt_text(timeline.title),
                _vtt_text(timeline.notice),
                _vtt_text(_model_text(timeline.face_model)),
                _vtt_text(_model_text(timeline.voice_model)),
            )
            if text
        ),
    ]
    blocks += [f"{number}\n{cue}" for number, cue in enumerate(_cues(timeline), start=1)]
    return "\n\n".join(blocks) + "\n"


_CSV_COLUMNS = (
    *("start", "end", "emotion", "confidence", "evidence"),
    *(f"score_{word}" for word in SCORED_WORDS),
    *("face_frames", "face_faces", "face_quality"),
    *(f"face_{word}" for word in SCORED_WORDS),
    "voice_speech",
    *(f"voice_{word}" for word in SCORED_WORDS),
)


def _row(interval: Mapping[str, Any]) -> dict[str, Any]:
    row = {key: interval[key] for key in ("start", "end", "emotion", "confidence", "evidence")}
    face, voice = interval["face"], interval["voice"]
    row |= {f"face_{key}": face[key] for key in ("frames", "faces", "quality")}
    row["voice_speech"] = voice["speech"]
    for prefix, scores in (
        ("score", interval["scores"]),
        ("face", face["scores"]),
        ("voice", voice["scores"]),
    ):
        row |= {f"{prefix}_{word}": value for word, value in (scores or {}).items()}
    return row


def _cell(text: str) -> str:
    """Return text that a spreadsheet shows and never computes, on one line."""
    line = _CONTROL.sub(" ", text).strip()
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def _cues(timeline: timeline_pb2.Timeline) -> Iterator[str]:
    for emotion, run in groupby(timeline.intervals, key=lambda interval: interval.emotion):
        intervals = list(run)
        start_ms = duration_ms(intervals[0].range.start_offset)
        end_ms = duration_ms(intervals[-1].range.end_offset)
        if end_ms > start_ms:  # WebVTT has no shorter time than a millisecond
            timing = f"{_vtt_time(start_ms)} --> {_vtt_time(end_ms)}"
            yield f"{timing}\n{emotion_word(emotion)} {_mean_confidence(intervals):.0%}"


def _mean_confidence(intervals: list[timeline_pb2.Interval]) -> float:
    """Return the confidence of a run, each interval weighed by its length."""
    lengths_ms = [
        duration_ms(interval.range.end_offset) - duration_ms(interval.range.start_offset)
        for interval in intervals
    ]
    weighted = sum(
        interval.confidence * length_ms
        for interval, length_ms in zip(intervals, lengths_ms, strict=True)
    )
    return weighted / sum(lengths_ms)


def _vtt_time(time_ms: int) -> str:
    minutes, rest_ms = divmod(time_ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest_ms // 1000:02d}.{rest_ms % 1000:03d}"


def _vtt_text(text: str) -> str:
    """Return text that ends no block and starts no cue."""
    return _CONTROL.sub(" ", text).replace("-->", "→").strip()


def _model_text(model: emotion_pb2.ModelInfo) -> str:
    return f"{model.name} {model.version}".strip()
