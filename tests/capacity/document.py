"""Writes `docs/capacity.md`: how much of everything a load needs, and what a crowd meets."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.table import markdown
from tests.capacity import cluster
from tests.capacity.cluster import CORES, need, uploads_rate
from tests.capacity.costs import FACES_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.capacity.costs import Costs

HOURS_AN_HOUR = (1, 10, 100, 1_000, 10_000)
UPLOADS = (10, 100, 1_000, 10_000)
WATCHERS = 10_000

TEMPLATE = Path(__file__).with_name("template.md")


def write(
    costs: Costs,
    *,
    reproduced: Sequence[Mapping[str, Any]],
    crowd: Sequence[Mapping[str, Any]],
    cold: Sequence[Mapping[str, Any]],
    count: int,
    cold_count: int,
    minutes: float,
    more: int,
) -> str:
    """Return the document.

    Args:
        costs: CPU-seconds for each second of video.
        reproduced: Rows of `studies.reproduced`; none where nothing was measured.
        crowd: Rows of `studies.relieved`.
        cold: Rows of `studies.cold_starts`.
        count: How many upload in the crowd.
        cold_count: How many for the cold starts.
        minutes: Length of each video.
        more: How much more of it each row of the crowd has.
    """
    in_rate = cluster.INGRESS_MBIT / cluster.BITRATE_MBIT
    return TEMPLATE.read_text(encoding="utf-8").format(
        **_costs(costs),
        **_needs(costs),
        **_assumptions(),
        **_agreement(reproduced),
        **_pace(crowd),
        cold=markdown(cold),
        count=count,
        cold_count=cold_count,
        minutes=minutes,
        hours_all=count * minutes / 60,
        more=more,
        upload_min=count * minutes * cluster.BITRATE_MBIT / cluster.INGRESS_MBIT,
        in_rate=in_rate,
        in_replicas=_said(need(costs, in_rate).replicas),
    )


def _costs(costs: Costs) -> dict[str, Any]:
    rows = [
        {"service": name, "ms": round(cost * 1e3, 1), "share": f"{cost / costs.total:.0%}"}
        for name, cost in costs.by_service.items()
    ]
    return {
        "source": costs.source,
        "costs": markdown(rows),
        "total": costs.total * 1e3,
        "per_core": 1 / costs.total,
        "models": costs.models * 1e3,
        "models_share": costs.models / costs.total,
        "cards": _cards(costs),
    }


def _cards(costs: Costs) -> str:
    if costs.card_rate is None:
        return (
            "No card was measured: run `make bench-gpu` on yours, then `make capacity`, and the\n"
            "tables tell how many it takes. Until then: hours of video an hour, times "
            f"{FACES_PER_S:g} faces a second\nfor each face on screen, over the faces that a card "
            f"scores in a second, over {cluster.BUSY:.0%}."
        )
    return (
        f"One card scores {costs.card_rate:,.0f} seconds of video a second with them\n"
        "(`build/bench-gpu.json`); `cards` is how many do it where they are used all the same."
    )


def _needs(costs: Costs) -> dict[str, str]:
    hours = [
        {"hours of video an hour": f"{rate:,}"} | _row(costs, float(rate)) for rate in HOURS_AN_HOUR
    ]
    uploads = [
        {"uploads at once": f"{count:,}"} | _row(costs, uploads_rate(count)) for count in UPLOADS
    ]
    return {"hours": markdown(hours), "uploads": markdown(uploads)}


def _row(costs: Costs, rate: float) -> dict[str, Any]:
    needed = need(costs, rate)
    return {
        **needed.replicas,
        "cores": f"{needed.cores:,.0f}",
        **({} if needed.cards is None else {"cards": needed.cards}),
        "places": f"{needed.places:,}",
        "transactions/s": f"{needed.transactions_per_s:,.0f}",
        "in, Gbit/s": needed.in_gbit,
        "store, Gbit/s": needed.store_gbit,
    }


def _assumptions() -> dict[str, Any]:
    return {
        "busy": cluster.BUSY,
        "requests": ", ".join(f"{name} {cores:g}" for name, cores in CORES.items()) + " cores",
        "fewest": cluster.FEWEST,
        "places_each": cluster.ANALYSES * cluster.SEGMENTS,
        "uplink": cluster.UPLINK_MBIT,
        "bitrate": cluster.BITRATE_MBIT,
        "per_upload": cluster.UPLINK_MBIT / cluster.BITRATE_MBIT,
        "transactions": cluster.TRANSACTIONS_PER_S,
        "per_segment": cluster.TRANSACTIONS_PER_SEGMENT,
        "writes": cluster.WRITES_PER_SEGMENT,
        "per_watched": cluster.TRANSACTIONS_PER_WATCHED_SEGMENT,
        "idle": cluster.TRANSACTIONS_IDLE_PER_S,
        "watchers": WATCHERS,
        "waiting": WATCHERS * cluster.TRANSACTIONS_PER_WAITING_S,
        "connections": cluster.CONNECTIONS,
        "watchers_gateways": math.ceil(WATCHERS / cluster.CONNECTIONS),
        "store": cluster.STORE_MBIT / 1e3,
        "ingress": cluster.INGRESS_MBIT / 1e3,
        "start": cluster.START_S,
    }


def _agreement(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not rows:
        text = "Nothing was measured here; `make bench-load`, then `make capacity`.\n"
        return {"reproduced": text, "error": 0.0, "noise": ""}
    medians = [row for row in rows if row["done"] == "p50"]
    errors = [abs(row["simulated, s"] / row["measured, s"] - 1) for row in medians]
    cores = [row["cores"] for row in medians]
    changed = max(cores) / min(cores) - 1
    noise = (
        f"Others used this machine: it gave {min(cores):g} to {max(cores):g} cores, and errors of\n"
        "that kind are in it. "
        if changed > 0.2
        else ""
    )
    return {"reproduced": markdown(rows), "error": max(errors), "noise": noise}


def _pace(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    bounds = [str(row["sets the pace"]) for row in rows[:-1]]
    following = list(dict.fromkeys(bounds[1:]))
    then = f"it is {', then '.join(following)}" if following else "nothing else does"
    return {"crowd": markdown(rows), "first": bounds[0], "then": then}


def _said(replicas: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of {name}" for name, count in replicas.items())
