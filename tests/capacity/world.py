"""What a simulation is told: services and their replicas, limits of the gateway, and the jobs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Signal = Literal["busy", "in flight", "open"]
"""What is compared with a target: the share of the capacity that is used, segments in flight per
replica, or analyses that are not finished per replica."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How an autoscaler works.

    Attributes:
        signal, target: It asks for so many replicas that the signal is at the target.
        most: It never asks for more.
        poll_s: How often it looks.
        start_s: How long a new replica takes: to be scheduled, to pull, to load its models.
        calm_s: How long fewer must have been enough before any is stopped.
    """

    signal: Signal
    target: float
    most: int
    poll_s: float = 15.0
    start_s: float = 45.0
    calm_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Pool:
    """Replicas of a service, or anything else that work is shared among.

    Attributes:
        name: Of it.
        work: What a second of video takes of it; CPU-seconds, transactions.
        each: What one replica does in a second, in the same unit.
        replicas: How many there are at the beginning, and always at least.
        scaling: None if there are never more.
    """

    name: str
    work: float
    each: float
    replicas: int = 1
    scaling: Scaling | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What work is done by.

    Attributes:
        pools: Everything that a segment takes its share of.
        gateway: Name of the pool whose replicas hold the jobs.
        analyses, segments: How many a replica of it works on, and how many segments of each.
        segment_s: Length of a segment.
        solo_rate: Seconds of video that one segment gets through in a second, if nobody else is
            there: its slowest service does one thing after the other.
        fixed_s: Time from the last byte to the first segment, and from the last to the end.
        ingress_mbit: What all uploads share.
    """

    pools: tuple[Pool, ...]
    gateway: str
    analyses: int = 2
    segments: int = 2
    segment_s: float = 12.0
    solo_rate: float = math.inf
    fixed_s: float = 0.0
    ingress_mbit: float = math.inf

    def with_pool(self, name: str, **changes: object) -> World:
        """Return a copy in which a pool is changed."""
        pools = (replace(p, **changes) if p.name == name else p for p in self.pools)  # type: ignore[arg-type]
        return replace(self, pools=tuple(pools))

    def pool(self, name: str) -> Pool:
        """Return a pool."""
        return next(pool for pool in self.pools if pool.name == name)


@dataclass(frozen=True, slots=True)
class Job:
    """One video.

    Attributes:
        begins_s: When its upload begins.
        video_s: Its length.
        megabits: Its size; 0 is there at once.
        upload_mbit: Fastest that its sender is.
    """

    begins_s: float
    video_s: float
    megabits: float = 0.0
    upload_mbit: float = math.inf


@dataclass(frozen=True, slots=True)
class Look:
    """The state at one moment."""

    at_s: float
    uploading: int
    waiting: int
    in_flight: int
    rate: float
    replicas: Mapping[str, int]


@dataclass(slots=True)
class Outcome:
    """What became of the jobs.

    Attributes:
        sent_s, begun_s, done_s: By job: last byte, first segment, end.
        bound_s: How long what set the pace, while there was work.
        looks: The state every `LOOK_S`.
        replica_s: Replicas times time, by pool.
    """

    sent_s: dict[int, float] = field(default_factory=dict)
    begun_s: dict[int, float] = field(default_factory=dict)
    done_s: dict[int, float] = field(default_factory=dict)
    bound_s: dict[str, float] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    replica_s: dict[str, float] = field(default_factory=dict)

    @property
    def ended_s(self) -> float:
        return max(self.done_s.values())

    def first_bound(self) -> str:
        """Return what set the pace for longest."""
        return max(self.bound_s, key=lambda name: self.bound_s[name])
