"""What a second of video costs: from the reports of the bench, else from earlier ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SERVICES = ("media", "face", "audio", "fusion", "gateway")
REPORTS = ("bench.json", "bench-short.json")
"""Of `make bench` and `make bench-short`, the better one first."""
CARD_REPORT = "bench-gpu.json"
FACES_PER_S = 4.0
"""Most that are scored of one face on screen; a face that looks the same is not scored again."""
CONTEXT_S = 3.0
"""Sound that each second of speech is scored with."""
WITHOUT_REPORT = {"media": 0.070, "face": 0.037, "audio": 0.011, "fusion": 0.003, "gateway": 0.015}
"""CPU-seconds, measured on 2026-11-22 on two cores that others used, too."""


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU-seconds for each second of video.

    Attributes:
        by_service: Of each service.
        models: What of it a graphics card would take over: the two emotion models.
        source: Where the figures come from.
        card_rate: Seconds of video whose faces and voices one graphics card scores in a second;
            None where none was measured.
    """

    by_service: Mapping[str, float]
    models: float
    source: str
    card_rate: float | None = None

    @property
    def total(self) -> float:
        return sum(self.by_service.values())


def read_costs(folder: Path) -> Costs:
    """Return what the best report in a folder says."""
    for name in REPORTS:
        path = folder / name
        if path.exists():
            return of_report(_read(path), name, card_rate=_card_rate(folder))
    source = "figures of 2026-11-22; there was no report of the bench"
    return Costs(WITHOUT_REPORT, 0.011, source, _card_rate(folder))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _card_rate(folder: Path) -> float | None:
    path = folder / CARD_REPORT
    report = _read(path) if path.exists() else {}
    return of_card(report) if report.get("provider") == "cuda" else None


def of_card(report: Mapping[str, Any]) -> float:
    """Return how many seconds of video a card scores in a second, in the batches it likes best."""
    faces = max(v for k, v in report.items() if re.fullmatch(r"face_batch_\d+_per_s", k))
    sound = max(v for k, v in report.items() if re.fullmatch(r"voice_batch_\d+_s_per_s", k))
    return 1 / (FACES_PER_S / faces + CONTEXT_S / sound)


def of_report(report: Mapping[str, Any], name: str, *, card_rate: float | None = None) -> Costs:
    """Return what a report says."""
    return Costs(
        {service: report[f"ours_{service}_cpu_s_per_s"] for service in SERVICES},
        report["face_model_cpu_s_per_s"] + report["voice_model_cpu_s_per_s"],
        f"`build/{name}` ({report['machine']}; {report['clip']})",
        card_rate,
    )
