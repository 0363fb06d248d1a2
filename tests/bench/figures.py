"""The bench's own arithmetic: from what single runs cost to the report, and its judgement. Pure."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Run: TypeAlias = "Mapping[str, float]"

SERVICES = ("media", "face", "audio", "fusion", "gateway", "client")
CLASSIC_STAGES = ("ffmpeg", "frames", "search", "faces", "sound", "fusion")
FLOOR_PARTS = ("decode", "sound", "gate", "face_model", "voice_model")
WORST_CHANGE = 1 / 3
"""By how much a ratio may be worse than expected."""

GUARDED = {"classic_over_ours_cpu": False, "ours_over_decode_cpu": True}
"""The ratios that are judged, and whether smaller is better."""


def medians(runs: Sequence[Run]) -> dict[str, float]:
    """Return the median of each figure over runs that all have the same."""
    return {name: float(median(run[name] for run in runs)) for name in runs[0]}


def shares(run: Run, parts: Iterable[str]) -> dict[str, float]:
    """Return each part's share of the parts' CPU-seconds, in [0, 1]; they sum to 1."""
    spent = {part: run.get(f"{part}_cpu_s", 0.0) for part in parts}
    total = sum(spent.values())
    return {part: value / total for part, value in spent.items()} if total else spent


def of_classic(run: Run, seconds: float) -> dict[str, float]:
    """Return the classic pipeline's figures from a run on a clip of so many seconds."""
    report = _per_second("classic", run, seconds)
    report |= {f"classic_{k}_share": v for k, v in shares(run, CLASSIC_STAGES).items()}
    boxes = run["faces"] / run["frames"]
    return report | {"classic_faces_per_frame": boxes, "classic_peak_mb": run["peak_mb"]}


def of_floor(run: Run, seconds: float) -> dict[str, float]:
    """Return what decoding alone and each model alone cost per second of the clip."""
    report = _per_second("decode", {k: run[f"decode_{k}"] for k in ("wall_s", "cpu_s")}, seconds)
    for part in FLOOR_PARTS[1:]:
        report[f"{part}_cpu_s_per_s"] = run[f"{part}_cpu_s"] / seconds
    report["floor_cpu_s_per_s"] = sum(run[f"{part}_cpu_s"] for part in FLOOR_PARTS) / seconds
    return report


def of_ours(run: Run, seconds: float) -> dict[str, float]:
    """Return our figures from a run on the whole clip."""
    report = _per_second("ours", run, seconds)
    for service, share in shares(run, SERVICES).items():
        report[f"ours_{service}_share"] = share
        report[f"ours_{service}_cpu_s_per_s"] = run[f"{service}_cpu_s"] / seconds
    same = (
        "first_interval_s",
        "start_wall_s",
        "seconds_with_face",
        "seconds_with_voice",
        "peak_mb",
    )
    return report | {f"ours_{name}": run[name] for name in same}


def ratios(report: Mapping[str, float]) -> dict[str, float]:
    """Return how the three compare, in CPU-seconds and in wall time."""
    ours, wall = report["ours_cpu_s_per_s"], report["ours_wall_s_per_s"]
    return {
        "classic_over_ours_cpu": report["classic_cpu_s_per_s"] / ours,
        "classic_over_ours_wall": report["classic_wall_s_per_s"] / wall,
        "ours_over_decode_cpu": ours / report["decode_cpu_s_per_s"],
        "ours_over_floor_cpu": ours / report["floor_cpu_s_per_s"],
    }


def worsened(report: Mapping[str, float], expected: Mapping[str, float]) -> list[str]:
    """Return a sentence for each judged ratio that is worse than expected by over a third."""
    sentences = []
    for name, smaller_is_better in GUARDED.items():
        found, wanted = report[name], expected[name]
        limit = wanted * (1 + WORST_CHANGE if smaller_is_better else 1 - WORST_CHANGE)
        if (found > limit) if smaller_is_better else (found < limit):
            sentences.append(
                f"{name} is {found:.2f}, beyond {limit:.2f}: over a third worse than"
                f" {wanted:.2f}, which tests/bench/expected.json expects."
            )
    return sentences


def _per_second(name: str, run: Run, seconds: float) -> dict[str, float]:
    return {
        f"{name}_cpu_s_per_s": run["cpu_s"] / seconds,
        f"{name}_wall_s_per_s": run["wall_s"] / seconds,
        f"{name}_times_real_time": seconds / run["wall_s"],
    }
