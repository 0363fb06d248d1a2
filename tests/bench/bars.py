"""What the long and the crowded bench must reach, in one place, and their judgement. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit of a figure.

    Attributes:
        what: The figure, in words.
        limit: The worst value that passes.
        is_most: Whether larger values fail; else smaller ones do.
        unit: Stands behind values.
    """

    what: str
    limit: float
    is_most: bool = True
    unit: str = ""

    def met_by(self, value: float) -> bool:
        """Tell whether a value passes; one that is no number does not."""
        return value <= self.limit if self.is_most else value >= self.limit


COST_GROWTH = Bar("CPU per second of video, longest over one minute", 1.1)
MEMORY_GROWTH = Bar("peak memory, longest less one minute", 50.0, unit=" MB")
MEMORY = Bar("peak memory of all services", 1200.0, unit=" MB")
FIRST_OF_A_MINUTE = Bar("first interval after the last byte, one minute", 1.0, unit=" s")
FIRST_OF_LONG = Bar("first interval after the last byte", 3.0, unit=" s")
UPLOAD_MEMORY = Bar("memory that an upload adds to the gateway", 32.0, unit=" MB")
LEFT_OBJECTS = Bar("files left when the analysis is deleted", 0.0)
LEFT_DATABASE = Bar("database pages left when the analysis is deleted", 256.0, unit=" kB")
SUCCEEDED = Bar("share of analyses that succeeded", 1.0, is_most=False)
FACE_SHARE = Bar("share of seconds with a face that were found (60 % have one)", 0.5, is_most=False)

THROUGHPUT = Bar("throughput over the best", 0.9, is_most=False)
FAIRNESS = Bar("Jain's index of completion rates", 0.95, is_most=False)
BATCH = Bar("mean batch of a model", 2.0, is_most=False)
SHARE_GAP = Bar("difference of two face servers' shares", 10.0, unit=" points")
SECOND_SERVER = Bar("throughput of two face servers over one", 1.2, is_most=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """How a figure compares with its bar."""

    bar: Bar
    case: str
    value: float

    @property
    def is_met(self) -> bool:
        return self.bar.met_by(self.value)

    def row(self) -> dict[str, Any]:
        """Return it for a table or a report."""
        sign = "<=" if self.bar.is_most else ">="
        return {
            "case": self.case,
            "what": self.bar.what,
            "found": f"{self.value:.3g}{self.bar.unit}",
            "must be": f"{sign} {self.bar.limit:g}{self.bar.unit}",
            "": "met" if self.is_met else "MISSED",
        }


def of_lengths(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Judge analyses of the same pictures at ascending lengths; the first is the shortest."""
    rows = list(rows)
    findings = []
    for row in rows:
        case = row["case"]
        findings.append(Finding(SUCCEEDED, case, float(row["state"] == "SUCCEEDED")))
        if not findings[-1].is_met:
            continue
        first = FIRST_OF_A_MINUTE if row["minutes"] <= 1 else FIRST_OF_LONG
        findings += [
            Finding(first, case, row["first_interval_s"]),
            Finding(LEFT_OBJECTS, case, row["left_objects"]),
            Finding(LEFT_DATABASE, case, row["left_kb"]),
            Finding(MEMORY, case, row["peak_mb"]),
        ]
    if not all(finding.is_met for finding in findings if finding.bar is SUCCEEDED):
        return findings
    shortest, longest = rows[0], rows[-1]
    growth = longest["cpu_s_per_s"] / shortest["cpu_s_per_s"]
    findings.append(Finding(COST_GROWTH, longest["case"], growth))
    grown_mb = longest["peak_mb"] - shortest["peak_mb"]
    return [*findings, Finding(MEMORY_GROWTH, longest["case"], grown_mb)]


def of_kinds(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Judge analyses of files of other kinds."""
    findings = []
    for row in rows:
        findings.append(Finding(SUCCEEDED, row["case"], float(row["state"] == "SUCCEEDED")))
        if row["state"] == "SUCCEEDED":
            findings.append(Finding(FACE_SHARE, row["case"], row["seconds_with_face"]))
            findings.append(Finding(MEMORY, row["case"], row["peak_mb"]))
    return findings


def of_uploads(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Judge what uploads added to the gateway's memory, shared pages counted or not."""
    return [
        Finding(UPLOAD_MEMORY, row["case"], max(row["added_pss_mb"], row["added_rss_mb"]))
        for row in rows
    ]


def of_crowds(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Judge uploads at once, in ascending number."""
    rows = list(rows)
    best = max(row["video_s_per_s"] for row in rows)
    findings = []
    for row in rows:
        findings.append(Finding(SUCCEEDED, row["case"], row["succeeded"]))
        findings.append(Finding(THROUGHPUT, row["case"], row["video_s_per_s"] / best))
        findings.append(Finding(FAIRNESS, row["case"], row["fairness"]))
    # Not voices: they come one a second and stream, and batches save a tenth of their 5 ms.
    return [*findings, Finding(BATCH, f"{rows[-1]['case']}, faces", rows[-1]["face_batch"])]


def of_replicas(shares: Mapping[str, Any], alone: Mapping[str, Any] | None) -> list[Finding]:
    """Judge two face servers: their shares, and their throughput where a core was free."""
    findings = [
        Finding(SHARE_GAP, "two face servers, segments", shares["segments_gap_points"]),
        Finding(SHARE_GAP, "two face servers, faces", shares["faces_gap_points"]),
    ]
    if alone is not None and alone["has_room"]:
        findings.append(Finding(SECOND_SERVER, "one processor each", alone["two_over_one"]))
    return findings
