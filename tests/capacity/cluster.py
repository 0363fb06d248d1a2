"""EmotionMap as `deploy/k8s` runs it, with the KEDA component, and how much of it a load needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.capacity.world import Job, Pool, Scaling, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.capacity.costs import Costs

BUSY = 0.7
"""Target of the HorizontalPodAutoscalers; what replicas are planned for, too."""
CORES = {"media": 1.0, "face": 2.0, "audio": 1.0, "fusion": 0.5, "gateway": 1.0}
"""What a replica requests, and so has for certain."""
FEWEST = 2
MOST = {"media": 20, "face": 20, "audio": 10, "fusion": 6, "gateway": 10}
IN_FLIGHT = {"face": 4.0, "audio": 8.0}
"""Calls for each replica that KEDA aims at."""
OPEN = 3.0
"""Analyses for each gateway that KEDA aims at."""
ANALYSES, SEGMENTS = 4, 2
"""Of a gateway, and of each of these on average: their product is what a gateway has in flight."""

TRANSACTIONS_PER_S = 5_000.0
"""Assumed of one PostgreSQL server: small ones, on fast disks."""
TRANSACTIONS_PER_SEGMENT = 14
"""Counted in tests/contract/test_gateway_transactions.py, as those below: half of them are pings of
connections before they are used."""
WRITES_PER_SEGMENT = 2
"""Of these; our row with its events, and the step of DBOS."""
TRANSACTIONS_PER_WATCHED_SEGMENT = 6
"""Of one who watches an analysis, for each of its segments."""
TRANSACTIONS_PER_WAITING_S = 0.3
"""Of one who watches an analysis of which nothing is news."""
TRANSACTIONS_IDLE_PER_S = 16.0
"""Of a gateway that has nothing to do: DBOS looks for work of others, leases are renewed."""
STORE_MBIT = 40_000.0
"""Assumed of the object store."""
INGRESS_MBIT = 10_000.0
"""Assumed of the way in."""

BITRATE_MBIT, UPLINK_MBIT = 2.5, 20.0
ROUNDING = 1e-9
GOLDEN = (math.sqrt(5) - 1) / 2
SEGMENT_S = 14.0
"""Of a video of five minutes on average: they are 16 s long, the first three shorter."""
_TRANSACTIONS_PER_VIDEO_S = (
    TRANSACTIONS_PER_SEGMENT + TRANSACTIONS_PER_WATCHED_SEGMENT
) / SEGMENT_S
CONNECTIONS = 1_000
"""That a gateway takes: one for each page that is open."""
FIXED_S = 0.2
"""Before the first segment and after the last: the first interval of a video is there in 0.3 s."""
START_S = 45.0
"""Assumed: place a pod, pull an image of 400 MB, load and warm a model (1 to 2 s of it)."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a steady load needs.

    Attributes:
        video_rate: Seconds of video that come each second.
        replicas: Of each service, at `BUSY`.
        cores: That they request.
        transactions_per_s: Of the database, where each video is watched by one.
        in_gbit, store_gbit: Traffic of uploads, and of the object store.
        places: Segments that are worked on at once.
        cards: Graphics cards, None where none was measured.
    """

    video_rate: float
    replicas: Mapping[str, int]
    cores: float
    transactions_per_s: float
    in_gbit: float
    store_gbit: float
    places: int
    cards: int | None


def need(costs: Costs, video_rate: float) -> Need:
    """Return what a load needs.

    Args:
        costs: CPU-seconds for each second of video.
        video_rate: Seconds of video each second; hours an hour are the same.
    """
    replicas = {
        name: max(FEWEST, math.ceil(video_rate * cost / (CORES[name] * BUSY) - ROUNDING))
        for name, cost in costs.by_service.items()
    }
    places = math.ceil(video_rate / solo_rate(costs) - ROUNDING)
    replicas["gateway"] = max(replicas["gateway"], math.ceil(places / (ANALYSES * SEGMENTS)))
    return Need(
        video_rate=video_rate,
        replicas=replicas,
        cores=sum(CORES[name] * count for name, count in replicas.items()),
        transactions_per_s=video_rate * _TRANSACTIONS_PER_VIDEO_S
        + replicas["gateway"] * TRANSACTIONS_IDLE_PER_S,
        in_gbit=video_rate * BITRATE_MBIT / 1e3,
        store_gbit=2 * video_rate * BITRATE_MBIT / 1e3,
        places=places,
        cards=costs.card_rate and math.ceil(video_rate / (costs.card_rate * BUSY)),
    )


def solo_rate(costs: Costs) -> float:
    """Return how fast one segment alone goes: its dearest service does it on one core."""
    return 1 / max(costs.by_service.values())


def uploads_rate(count: int) -> float:
    """Return how many seconds of video a second so many uploads bring, if nothing slows them."""
    return count * UPLINK_MBIT / BITRATE_MBIT


def cluster(costs: Costs, *, start_s: float = START_S) -> World:
    """Return what `deploy/k8s` runs with the KEDA component.

    Args:
        costs: CPU-seconds for each second of video.
        start_s: How long a new replica takes.
    """
    pools = [
        Pool(name, cost, CORES[name], FEWEST, _scaling(name, start_s))
        for name, cost in costs.by_service.items()
    ]
    pools.append(Pool("database", _TRANSACTIONS_PER_VIDEO_S, TRANSACTIONS_PER_S))
    pools.append(Pool("object store", BITRATE_MBIT, STORE_MBIT))
    return World(
        tuple(pools),
        "gateway",
        analyses=ANALYSES,
        segments=SEGMENTS,
        segment_s=SEGMENT_S,
        solo_rate=solo_rate(costs),
        fixed_s=FIXED_S,
        ingress_mbit=INGRESS_MBIT,
    )


def _scaling(name: str, start_s: float) -> Scaling:
    if name == "gateway":
        return Scaling("open", OPEN, MOST[name], start_s=start_s)
    if name in IN_FLIGHT:
        return Scaling("in flight", IN_FLIGHT[name], MOST[name], start_s=start_s)
    return Scaling("busy", BUSY, MOST[name], start_s=start_s)


def burst(count: int, *, minutes: float) -> list[Job]:
    """Return so many uploads that begin at the same moment; `minutes` is their mean length.

    They are a fifth to nine fifths as long, evenly spread and in no order.
    """
    spread = (0.2 + 1.6 * ((0.5 + number * GOLDEN) % 1) for number in range(count))
    lengths_s = [60 * minutes * each for each in spread]
    return [Job(0.0, each_s, each_s * BITRATE_MBIT, UPLINK_MBIT) for each_s in lengths_s]
